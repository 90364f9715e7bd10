//! Dense: a fully connected layer.

use super::Activation;
use crate::nn::Init;
use crate::nn::layer::{Layer, LayerConfig, Weight, at_least_one, keras_shape};
use crate::{Error, Result};
use tch::Tensor;

/// activation(x · kernel + bias): every output is joined to every input.
///
/// # Shapes
/// (B, in) → (B, units)
#[derive(Debug, Clone, Copy)]
pub struct Dense {
    units: i64,
    activation: Activation,
}

impl Dense {
    /// `units`: the number of outputs.
    pub fn new(units: i64) -> Self {
        Self { units, activation: Activation::Linear }
    }

    /// What is applied to the result; none by default.
    pub fn activation(mut self, activation: Activation) -> Self {
        self.activation = activation;
        self
    }
}

impl LayerConfig for Dense {
    fn build(&self, input_shape: &[i64], init: &mut Init) -> Result<Box<dyn Layer>> {
        at_least_one("Dense", &[("units", self.units)])?;
        let [inputs] = *input_shape else {
            return Err(Error::Shape {
                layer: "Dense".into(),
                found: keras_shape(input_shape),
                expected: "(None, features)".into(),
                hint: "Put a Flatten before it.".into(),
            });
        };
        Ok(Box::new(Built {
            kernel: init.glorot_uniform(&[inputs, self.units])?,
            bias: init.constant(self.units, 0.0)?,
            activation: self.activation,
            shape: vec![self.units],
        }))
    }
}

#[derive(Debug)]
struct Built {
    /// (in, units)
    kernel: Tensor,
    /// (units)
    bias: Tensor,
    activation: Activation,
    shape: Vec<i64>,
}

impl Layer for Built {
    fn class_name(&self) -> &'static str {
        "Dense"
    }

    fn output_shape(&self) -> &[i64] {
        &self.shape
    }

    fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        self.activation.finish(self.forward_logits(x, train)?)
    }

    fn forward_logits(&self, x: &Tensor, _train: bool) -> Result<Tensor> {
        Ok(self.bias.f_addmm(x, &self.kernel)?)
    }

    fn weights(&self) -> Vec<Weight> {
        vec![Weight::new("kernel", &self.kernel, true), Weight::new("bias", &self.bias, true)]
    }
}
