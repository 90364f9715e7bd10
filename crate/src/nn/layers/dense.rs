//! Dense: a fully connected layer.

use super::Activation;
use crate::nn::layer::{Context, Layer, LayerConfig, Output, Weight, at_least_one, keras_shape};
use crate::nn::spectral_norm::SpectralNorm;
use crate::nn::{Init, Initializer};
use crate::{Error, Result};
use tch::Tensor;

/// activation(x · kernel + bias): every output is connected to every input.
///
/// # Shapes
/// (B, in) → (B, units)
#[derive(Debug, Clone, Copy)]
pub struct Dense {
    units: i64,
    activation: Activation,
    kernel_initializer: Option<Initializer>,
    spectral_normalization: bool,
}

impl Dense {
    /// `units`: the number of outputs.
    pub fn new(units: i64) -> Self {
        Self { units, activation: Activation::Linear, kernel_initializer: None, spectral_normalization: false }
    }

    /// Applied to the result; linear by default.
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

    /// Divides the kernel by its spectral norm (Miyato et al. 2018): the layer then never stretches its input by more than
    /// about 1.
    pub fn spectral_normalization(mut self) -> Self {
        self.spectral_normalization = true;
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
        let kernel = init.kernel(self.kernel_initializer, &[inputs, self.units])?;
        Ok(Box::new(Built {
            norm: self.spectral_normalization.then(|| SpectralNorm::new(&kernel, 1, init)).transpose()?,
            kernel,
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
    norm: Option<SpectralNorm>,
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

    fn forward_logits(&self, x: &Tensor, context: Context) -> Result<Tensor> {
        Ok(self.bias.f_addmm(x, &SpectralNorm::apply(&self.norm, &self.kernel, context)?)?)
    }

    fn weights(&self) -> Vec<Weight> {
        let own = [Weight::new("kernel", &self.kernel, true), Weight::new("bias", &self.bias, true)];
        own.into_iter().chain(SpectralNorm::weights_of(&self.norm)).collect()
    }
}
