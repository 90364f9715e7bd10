//! Reshape and Flatten: the same values in another shape.

use crate::nn::Init;
use crate::nn::layer::{Context, Layer, LayerConfig, Output, at_least_one, keras_shape};
use crate::{Error, Result};
use tch::Tensor;

/// Gives each input this shape; values keep their (H, W, C) order, so no memory moves.
///
/// # Shapes
/// (B, …) → (B, shape…), with as many values.
#[derive(Debug, Clone)]
pub struct Reshape {
    shape: Vec<i64>,
}

impl Reshape {
    /// `Reshape::new([8, 8, 256])`: the new shape without the batch.
    pub fn new(shape: impl Into<Vec<i64>>) -> Self {
        Self { shape: shape.into() }
    }
}

impl LayerConfig for Reshape {
    fn build(&self, input_shape: &[i64], _: &mut Init) -> Result<Box<dyn Layer>> {
        let sizes: Vec<_> = self.shape.iter().map(|&size| ("size", size)).collect();
        at_least_one("Reshape", &sizes)?;
        let (found, wanted): (i64, i64) = (input_shape.iter().product(), self.shape.iter().product());
        if found != wanted {
            return Err(Error::Shape {
                layer: format!("Reshape to {}", keras_shape(&self.shape)),
                found: format!("{}, {found} values", keras_shape(input_shape)),
                expected: format!("{wanted} values"),
                hint: "Make the layer before it give as many.".into(),
            });
        }
        Ok(Box::new(Built { class_name: "Reshape", shape: self.shape.clone() }))
    }
}

/// Lays each input out as one vector, in (H, W, C) order.
///
/// # Shapes
/// (B, H, W, C) → (B, H·W·C)
#[derive(Debug, Clone, Copy, Default)]
pub struct Flatten;

impl LayerConfig for Flatten {
    fn build(&self, input_shape: &[i64], _: &mut Init) -> Result<Box<dyn Layer>> {
        Ok(Box::new(Built { class_name: "Flatten", shape: vec![input_shape.iter().product()] }))
    }
}

#[derive(Debug)]
struct Built {
    class_name: &'static str,
    shape: Vec<i64>,
}

impl Layer for Built {
    fn class_name(&self) -> &'static str {
        self.class_name
    }

    fn output_shape(&self) -> &[i64] {
        &self.shape
    }

    fn output(&self) -> Output {
        Output::Input
    }

    fn forward(&self, x: &Tensor, _: Context) -> Result<Tensor> {
        let shape: Vec<i64> = [&[x.size()[0]], self.shape.as_slice()].concat();
        Ok(x.f_reshape(shape)?)
    }
}
