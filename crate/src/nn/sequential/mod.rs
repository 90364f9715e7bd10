//! Sequential: layers one after the other.

mod check;
mod products;
mod weights;

use super::layer::{Context, LayerConfig};
use super::named_layers::{Named, Stack};
use super::{Init, Initializer, Summary};
use crate::platform::ffi;
use crate::{Device, Result, random};
use tch::{Kind, Tensor, no_grad};

/// A model in which each layer's output is the next one's input.
///
/// ```
/// use gan_nb::nn::{Activation, Dense, LeakyReLU, Sequential};
/// # fn main() -> gan_nb::Result<()> {
/// let mut model = Sequential::new("tiny", [2], 42); // inputs of 2 numbers; weights drawn from seed 42
/// model.add(Dense::new(16))?;
/// model.add(LeakyReLU::new(0.2))?;
/// model.add(Dense::new(1).activation(Activation::Sigmoid))?;
/// assert_eq!(model.count_params(), (2 * 16 + 16) + (16 + 1));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Sequential {
    name: String,
    stack: Stack,
    init: Init,
    device: tch::Device,
    trainable: bool,
    mixed_precision: bool,
}

impl Sequential {
    /// A model without layers, for inputs of this shape (without the batch), on [`Device::best`].
    ///
    /// Its weights come from `seed` and `name`.
    pub fn new(name: &str, input_shape: impl Into<Vec<i64>>, seed: u64) -> Self {
        Self::new_on(Device::best().tch, name, input_shape, seed)
    }

    /// The same on a device of your choice.
    pub fn new_on(device: tch::Device, name: &str, input_shape: impl Into<Vec<i64>>, seed: u64) -> Self {
        Device::best(); // a model on the CPU too has gradients, at which libtorch looks for GPUs for the first and last time
        Self {
            name: name.into(),
            stack: Stack::new(input_shape.into()),
            init: Init::new(random::stream(seed, name), device),
            device,
            trainable: true,
            mixed_precision: false,
        }
    }

    /// Builds a layer for the model's output so far, and appends it.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) or [`Error::Value`](crate::Error::Value) when the layer does not fit there; the
    /// model then stays as it was.
    pub fn add(&mut self, config: impl LayerConfig) -> Result<&mut Self> {
        let before = self.init.convolutions().len();
        if let Err(error) = self.stack.add(&config, &mut self.init) {
            self.init.forget_convolutions_after(before);
            return Err(error);
        }
        Ok(self)
    }

    /// The model's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The device of its weights.
    pub fn device(&self) -> tch::Device {
        self.device
    }

    /// The shape of one input, without the batch.
    pub fn input_shape(&self) -> &[i64] {
        self.stack.input_shape()
    }

    /// The shape of one output, without the batch.
    pub fn output_shape(&self) -> &[i64] {
        self.stack.output_shape()
    }

    pub(super) fn layers(&self) -> &[Named] {
        self.stack.layers()
    }

    /// The model's function, recorded for gradients. `train`: Keras's `training` argument.
    ///
    /// # Shapes
    /// (B, input shape…) → (B, output shape…)
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) when `x` does not fit, [`Error::Value`](crate::Error::Value) when it is not
    /// float32 or not on the model's device.
    pub fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        self.forward_with(x, None, train)
    }

    /// The same for a model with layers that depend on a condition, such as the class of each image.
    ///
    /// # Shapes
    /// `condition`: (B, …), class numbers (B) int64 or what the model's layers agree on
    ///
    /// # Errors
    /// As [`forward`](Self::forward), and [`Error::Value`](crate::Error::Value) when the condition does not fit, or is missing
    /// where a layer needs one.
    pub fn forward_with(&self, x: &Tensor, condition: Option<&Tensor>, train: bool) -> Result<Tensor> {
        self.forward_in(x, Context::new(train).with_condition(condition))
    }

    fn forward_in(&self, x: &Tensor, context: Context) -> Result<Tensor> {
        self.check(x, context)?;
        self.in_its_precision(|| self.stack.forward(x, context))
    }

    /// The model's function without the last layer's activation: what
    /// [`binary_crossentropy`](crate::loss::binary_crossentropy) needs of a model that ends in a sigmoid.
    ///
    /// # Shapes
    /// As [`forward`](Self::forward).
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub fn logits(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        self.logits_with(x, None, train)
    }

    /// The same with a condition.
    ///
    /// # Shapes
    /// As [`forward_with`](Self::forward_with).
    ///
    /// # Errors
    /// As [`forward_with`](Self::forward_with).
    pub fn logits_with(&self, x: &Tensor, condition: Option<&Tensor>, train: bool) -> Result<Tensor> {
        let context = Context::new(train).with_condition(condition);
        self.check(x, context)?;
        self.in_its_precision(|| self.stack.forward_logits(x, context))
    }

    /// The model's function in inference mode, nothing recorded: Keras's `predict`.
    ///
    /// # Shapes
    /// As [`forward`](Self::forward).
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub fn predict(&self, x: &Tensor) -> Result<Tensor> {
        self.predict_with(x, None)
    }

    /// The same with a condition.
    ///
    /// # Shapes
    /// As [`forward_with`](Self::forward_with).
    ///
    /// # Errors
    /// As [`forward_with`](Self::forward_with).
    pub fn predict_with(&self, x: &Tensor, condition: Option<&Tensor>) -> Result<Tensor> {
        no_grad(|| self.forward_with(x, condition, false))
    }

    /// Measures the statistics of all batch normalizations anew, as plain means over these batches: the average of several models'
    /// weights has not the average of their statistics.
    ///
    /// # Shapes
    /// each batch: what the model takes, and its condition where the model needs one
    ///
    /// # Errors
    /// As [`forward_with`](Self::forward_with).
    pub fn measure_statistics(&self, batches: impl IntoIterator<Item = (Tensor, Option<Tensor>)>) -> Result<()> {
        no_grad(|| {
            for (seen, (x, condition)) in batches.into_iter().enumerate() {
                let context = Context::collecting(seen as u64 + 1).with_condition(condition.as_ref());
                let _ = self.forward_in(&x, context)?;
            }
            Ok(())
        })
    }

    /// The result is float32 in any case: losses and images need that.
    fn in_its_precision(&self, forward: impl FnOnce() -> Result<Tensor>) -> Result<Tensor> {
        if !self.mixed_precision {
            return forward();
        }
        Ok(ffi::autocast(self.device, forward)?.f_to_kind(Kind::Float)?)
    }

    /// Keras's policy `mixed_float16`: products and convolutions in 16 bits, weights and everything sensitive in float32
    /// (Micikevicius et al. 2018). It is faster on GPUs with tensor cores, and on CPUs with AVX512_BF16 or AMX. The 16 bits are
    /// bfloat16 on the CPU and on GPUs since Ampere. Older GPUs have float16, for which an optimizer of such a model should
    /// [scale its loss](super::Optimizer::scale_loss).
    pub fn set_mixed_precision(&mut self, mixed_precision: bool) {
        self.mixed_precision = mixed_precision;
        if mixed_precision {
            self.set_products(false);
        }
    }

    pub(crate) fn is_in_mixed_precision(&self) -> bool {
        self.mixed_precision
    }

    /// What the kernels of the layers added from now on are drawn from, unless a layer chooses for itself.
    pub fn set_kernel_initializer(&mut self, initializer: Initializer) -> &mut Self {
        self.init.set_kernel_initializer(initializer);
        self
    }

    /// The same for the gammas of batch normalizations.
    pub fn set_gamma_initializer(&mut self, initializer: Initializer) -> &mut Self {
        self.init.set_gamma_initializer(initializer);
        self
    }

    /// The table of layers, shapes and parameters that Keras prints.
    pub fn summary(&self) -> Summary {
        Summary::new(&self.name, self.layers(), self.trainable)
    }
}
