//! LeakyReLU.

use crate::nn::Init;
use crate::nn::layer::{Context, Layer, LayerConfig, Output};
use crate::{Result, platform::ffi};
use tch::Tensor;

/// x where x > 0, alpha·x elsewhere (Maas, Hannun & Ng 2013): the gradient never dies.
///
/// # Shapes
/// Any, unchanged.
#[derive(Debug, Clone, Copy)]
pub struct LeakyReLU {
    alpha: f64,
}

impl LeakyReLU {
    /// `alpha`: the slope for negative x; Keras's default is 0.3, the tutorial takes 0.2.
    pub fn new(alpha: f64) -> Self {
        Self { alpha }
    }
}

impl LayerConfig for LeakyReLU {
    fn build(&self, input_shape: &[i64], _: &mut Init) -> Result<Box<dyn Layer>> {
        Ok(Box::new(Built { alpha: self.alpha, shape: input_shape.to_vec() }))
    }
}

#[derive(Debug)]
struct Built {
    alpha: f64,
    shape: Vec<i64>,
}

impl Layer for Built {
    fn class_name(&self) -> &'static str {
        "LeakyReLU"
    }

    fn output_shape(&self) -> &[i64] {
        &self.shape
    }

    fn output(&self) -> Output {
        Output::New
    }

    fn forward(&self, x: &Tensor, _: Context) -> Result<Tensor> {
        ffi::leaky_relu(x, self.alpha)
    }

    fn forward_owned(&self, x: Tensor, context: Context) -> Result<Tensor> {
        if x.requires_grad() { self.forward(&x, context) } else { ffi::leaky_relu_in_place(x, self.alpha) }
    }
}
