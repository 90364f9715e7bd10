//! Residual: layers with a way past them.

use crate::nn::Init;
use crate::nn::layer::{Context, Layer, LayerConfig, Output, Weight, keras_shape};
use crate::nn::named_layers::Stack;
use crate::{Error, Result};
use std::fmt;
use tch::Tensor;

/// y = x + f(x), where f is layers one after the other (He et al. 2016): f has to learn only what to change.
///
/// ```
/// use gan_nb::nn::{Conv2D, LeakyReLU, Padding::Same, Residual, Sequential};
/// # fn main() -> gan_nb::Result<()> {
/// let mut model = Sequential::new("block", [8, 8, 16], 42);
/// let f = Residual::new().add(Conv2D::new(16, 3).padding(Same)).add(LeakyReLU::new(0.2));
/// model.add(f.add(Conv2D::new(16, 3).padding(Same)))?;
/// assert_eq!(model.weights()[0].0, "residual/conv2d/kernel");
/// # Ok(())
/// # }
/// ```
///
/// # Shapes
/// Any that f keeps, unchanged.
#[derive(Default)]
pub struct Residual {
    f: Vec<Box<dyn LayerConfig>>,
}

impl Residual {
    /// A block without layers; [`add`](Self::add) puts them into f.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a layer to f. The last one has to give the shape that enters the block.
    #[expect(clippy::should_implement_trait, reason = "Sequential's add; nobody adds two blocks")]
    pub fn add(mut self, layer: impl LayerConfig + 'static) -> Self {
        self.f.push(Box::new(layer));
        self
    }
}

impl fmt::Debug for Residual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Residual of {} layers", self.f.len())
    }
}

impl LayerConfig for Residual {
    fn build(&self, input_shape: &[i64], init: &mut Init) -> Result<Box<dyn Layer>> {
        let mut f = Stack::new(input_shape.to_vec());
        for layer in &self.f {
            f.add(layer.as_ref(), init)?;
        }
        if self.f.is_empty() {
            return Err(Error::value("Residual's number of layers", 0, "1 or more", "Add layers to it."));
        }
        if f.output_shape() != input_shape {
            return Err(Error::Shape {
                layer: "Residual's sum x + f(x)".into(),
                found: format!("{} from f", keras_shape(f.output_shape())),
                expected: format!("{}, as x", keras_shape(input_shape)),
                hint: "Let f keep the shape: Padding::Same, stride 1, and as many filters as x has channels.".into(),
            });
        }
        Ok(Box::new(Built { f }))
    }
}

#[derive(Debug)]
struct Built {
    f: Stack,
}

impl Layer for Built {
    fn class_name(&self) -> &'static str {
        "Residual"
    }

    fn output_shape(&self) -> &[i64] {
        self.f.output_shape()
    }

    fn output(&self) -> Output {
        Output::New
    }

    fn forward(&self, x: &Tensor, context: Context) -> Result<Tensor> {
        Ok(x.f_add(&self.f.forward(x, context)?)?)
    }

    fn weights(&self) -> Vec<Weight> {
        self.f.weights().into_iter().map(|(name, weight)| Weight { name, ..weight }).collect()
    }
}
