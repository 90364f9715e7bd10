//! Activations, as an argument of a layer or a layer of their own.

use crate::Result;
use crate::nn::Init;
use crate::nn::layer::{Context, Layer, LayerConfig, Output};
use tch::Tensor;

/// An elementwise function. `Dense::new(10).activation(Activation::Relu)`, or a layer: `model.add(Activation::Tanh)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Activation {
    /// x
    #[default]
    Linear,
    /// max(0, x)
    Relu,
    /// 1 / (1 + e⁻ˣ), in (0, 1)
    Sigmoid,
    /// Hyperbolic tangent, in (−1, 1)
    Tanh,
}

impl Activation {
    /// Applies it, whatever the shape.
    ///
    /// # Errors
    /// When libtorch refuses.
    pub fn apply(self, x: Tensor) -> Result<Tensor> {
        Ok(match self {
            Self::Linear => x,
            Self::Relu => x.f_relu()?,
            Self::Sigmoid => x.f_sigmoid()?,
            Self::Tanh => x.f_tanh()?,
        })
    }
}

impl Activation {
    /// The same at the end of a layer, for `x` that the layer has just made.
    pub(super) fn finish(self, mut x: Tensor) -> Result<Tensor> {
        if x.requires_grad() {
            return self.apply(x);
        }
        let _ = match self {
            Self::Linear => return Ok(x),
            Self::Relu => x.f_relu_()?,
            Self::Sigmoid => x.f_sigmoid_()?,
            Self::Tanh => x.f_tanh_()?,
        };
        Ok(x)
    }
}

impl LayerConfig for Activation {
    fn build(&self, input_shape: &[i64], _: &mut Init) -> Result<Box<dyn Layer>> {
        Ok(Box::new(Built { function: *self, shape: input_shape.to_vec() }))
    }
}

#[derive(Debug)]
struct Built {
    function: Activation,
    shape: Vec<i64>,
}

impl Layer for Built {
    fn class_name(&self) -> &'static str {
        "Activation"
    }

    fn output_shape(&self) -> &[i64] {
        &self.shape
    }

    fn output(&self) -> Output {
        if self.function == Activation::Linear { Output::Input } else { Output::New }
    }

    fn forward(&self, x: &Tensor, _: Context) -> Result<Tensor> {
        self.function.apply(x.shallow_clone())
    }

    fn forward_logits(&self, x: &Tensor, _: Context) -> Result<Tensor> {
        Ok(x.shallow_clone())
    }
}
