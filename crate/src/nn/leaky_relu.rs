//! LeakyReLU.

use super::{Init, Layer, LayerConfig};
use crate::Result;
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
    fn build(&self, input_shape: &[i64], init: &mut Init) -> Result<Box<dyn Layer>> {
        Ok(Box::new(Built { alpha: init.statistic(1, self.alpha)?, shape: input_shape.to_vec() }))
    }
}

#[derive(Debug)]
struct Built {
    /// (1)
    alpha: Tensor,
    shape: Vec<i64>,
}

impl Layer for Built {
    fn class_name(&self) -> &'static str {
        "LeakyReLU"
    }

    fn output_shape(&self) -> &[i64] {
        &self.shape
    }

    fn forward(&self, x: &Tensor, _train: bool) -> Result<Tensor> {
        // tch's leaky_relu takes no slope (it is always 0.01); prelu is the same function with the slope as a tensor.
        Ok(x.f_prelu(&self.alpha)?)
    }
}
