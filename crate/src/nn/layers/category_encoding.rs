//! CategoryEncoding: the class as numbers beside the input.

use crate::nn::Init;
use crate::nn::condition::one_hot;
use crate::nn::layer::{Context, Layer, LayerConfig, Output, at_least_one, keras_shape};
use crate::{Error, Result};
use tch::Tensor;

/// Appends the class to each input, as a 1 at its place among zeros ("one-hot", Keras's layer of this name): the first layer of a
/// generator that is told what to draw (Mirza & Osindero 2014). The condition says which class an input is of.
///
/// # Shapes
/// (B, n) → (B, n + classes); condition: class numbers (B) int64, or shares of the classes (B, classes)
#[derive(Debug, Clone, Copy)]
pub struct CategoryEncoding {
    classes: i64,
}

impl CategoryEncoding {
    /// For so many classes.
    pub fn new(classes: i64) -> Self {
        Self { classes }
    }
}

impl LayerConfig for CategoryEncoding {
    fn build(&self, input_shape: &[i64], _: &mut Init) -> Result<Box<dyn Layer>> {
        at_least_one("CategoryEncoding", &[("classes", self.classes)])?;
        Ok(Box::new(Built { classes: self.classes, shape: appended("CategoryEncoding", input_shape, self.classes)? }))
    }
}

/// The shape of inputs with so many numbers more.
///
/// # Errors
/// [`Error::Shape`] for inputs that are no vectors.
pub(super) fn appended(layer: &str, input_shape: &[i64], more: i64) -> Result<[i64; 1]> {
    match *input_shape {
        [features] => Ok([features + more]),
        _ => Err(Error::Shape {
            layer: layer.into(),
            found: keras_shape(input_shape),
            expected: "(None, features)".into(),
            hint: "Put a Flatten before it.".into(),
        }),
    }
}

#[derive(Debug)]
struct Built {
    classes: i64,
    shape: [i64; 1],
}

impl Layer for Built {
    fn class_name(&self) -> &'static str {
        "CategoryEncoding"
    }

    fn output_shape(&self) -> &[i64] {
        &self.shape
    }

    fn output(&self) -> Output {
        Output::New
    }

    fn forward(&self, x: &Tensor, context: Context) -> Result<Tensor> {
        let classes = one_hot(context.condition_for("CategoryEncoding")?, self.classes, x.f_kind()?)?;
        Ok(Tensor::f_cat(&[x, &classes], 1)?)
    }
}
