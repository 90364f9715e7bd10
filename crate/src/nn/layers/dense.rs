//! Dense: a fully connected layer.

use super::Activation;
use crate::nn::layer::{Context, Layer, LayerConfig, Output, Weight, at_least_one, keras_shape};
use crate::nn::{Init, Initializer};
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
    kernel_initializer: Option<Initializer>,
}

impl Dense {
    /// `units`: the number of outputs.
    pub fn new(units: i64) -> Self {
        Self { units, activation: Activation::Linear, kernel_initializer: None }
    }

    /// What is applied to the result; none by default.
    pub fn activation(mut self, activation: Activation) -> Self {
        self.activation = activation;
        self
    }

    /// What the kernel is drawn from; by default the [model's choice](crate::nn::Sequential::set_kernel_initializer), which
    /// is Glorot's uniform distribution.
    pub fn kernel_initializer(mut self, initializer: Initializer) -> Self {
        self.kernel_initializer = Some(initializer);
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
            kernel: init.kernel(self.kernel_initializer, &[inputs, self.units])?,
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

    fn output(&self) -> Output {
        Output::New
    }

    fn forward(&self, x: &Tensor, context: Context) -> Result<Tensor> {
        self.activation.finish(self.forward_logits(x, context)?)
    }

    fn forward_logits(&self, x: &Tensor, _: Context) -> Result<Tensor> {
        Ok(self.bias.f_addmm(x, &self.kernel)?)
    }

    fn weights(&self) -> Vec<Weight> {
        vec![Weight::new("kernel", &self.kernel, true), Weight::new("bias", &self.bias, true)]
    }
}
