//! Sequential: layers one after the other.

use super::layer::{LayerConfig, Weight, keras_shape};
use super::named_layers::{Named, Stack};
use super::{Init, Summary};
use crate::platform::ffi;
use crate::{Device, Error, Result, random};
use tch::{Tensor, no_grad};

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
        Self {
            name: name.into(),
            stack: Stack::new(input_shape.into()),
            init: Init::new(random::stream(seed, name), device),
            device,
            trainable: true,
            mixed_precision: false,
        }
    }

    /// Builds a layer for what the model gives so far, and appends it.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Value`] when the layer does not fit there; the model stays as it was.
    pub fn add(&mut self, config: impl LayerConfig) -> Result<&mut Self> {
        self.stack.add(&config, &mut self.init)?;
        Ok(self)
    }

    /// The model's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where its weights are.
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
    /// [`Error::Shape`] when `x` does not fit.
    pub fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        self.check(x)?;
        self.in_its_precision(|| self.stack.forward(x, train))
    }

    /// The same without the last layer's activation: what [`binary_crossentropy`](crate::loss::binary_crossentropy)
    /// wants of a model that ends in a sigmoid.
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub fn logits(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        self.check(x)?;
        self.in_its_precision(|| self.stack.forward_logits(x, train))
    }

    /// The result is float32 in any case: losses and pictures want that.
    fn in_its_precision(&self, forward: impl FnOnce() -> Result<Tensor>) -> Result<Tensor> {
        if !self.mixed_precision {
            return forward();
        }
        Ok(ffi::autocast(self.device, forward)?.f_to_kind(tch::Kind::Float)?)
    }

    /// Keras's policy `mixed_float16`: products and convolutions in 16 bits (float16 on CUDA, bfloat16 on the CPU), weights
    /// and all that is sensitive in float32 (Micikevicius et al. 2018). Faster on GPUs with tensor cores; an optimizer of
    /// such a model should [scale its loss](super::Adam::scale_loss).
    pub fn set_mixed_precision(&mut self, mixed_precision: bool) {
        self.mixed_precision = mixed_precision;
    }

    pub(crate) fn is_in_mixed_precision(&self) -> bool {
        self.mixed_precision
    }

    /// The model's function in inference mode, nothing recorded: Keras's `predict`.
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub fn predict(&self, x: &Tensor) -> Result<Tensor> {
        no_grad(|| self.forward(x, false))
    }

    fn check(&self, x: &Tensor) -> Result<()> {
        let size = x.size();
        if size.get(1..) != Some(self.input_shape()) || size[0] == 0 {
            let found: Vec<String> = size.iter().map(i64::to_string).collect();
            return Err(Error::Shape {
                layer: self.name.clone(),
                found: format!("({})", found.join(", ")),
                expected: keras_shape(self.input_shape()),
                hint: "The first axis is the batch (at least 1), the others must be the model's input shape.".into(),
            });
        }
        Ok(())
    }

    /// All weights with their names (`conv2d_1/kernel`), in the order of Keras's `get_weights()` layer by layer.
    ///
    /// (Keras itself lists a model's weights in this order too.)
    pub fn weights(&self) -> Vec<(String, Weight)> {
        self.stack.weights()
    }

    /// The weights that an optimizer made now would change: none when the model is frozen.
    pub fn trainable_weights(&self) -> Vec<Tensor> {
        let all = self.weights().into_iter().filter(|(_, w)| w.trainable && self.trainable);
        all.map(|(_, w)| w.value).collect()
    }

    /// Keras's `model.trainable = …`. An [`Adam`](super::Adam) made before keeps the weights that it was given, as a
    /// model of Keras 2 keeps what was trainable when it was compiled.
    pub fn set_trainable(&mut self, trainable: bool) {
        self.trainable = trainable;
    }

    /// Copies these values over the weights, in the order of [`weights`](Self::weights).
    ///
    /// # Errors
    /// [`Error::Value`] when their number, or [`Error::Shape`] when a shape differs; nothing is changed then.
    pub fn set_weights(&mut self, values: &[Tensor]) -> Result<()> {
        let weights = self.weights();
        if values.len() != weights.len() {
            let expected = format!("{} tensors", weights.len());
            let name = format!("the number of weights for {}", self.name);
            return Err(Error::value(&name, values.len(), expected, "Give them in the order of weights()."));
        }
        for ((name, weight), value) in weights.iter().zip(values) {
            if weight.value.size() != value.size() {
                return Err(Error::Shape {
                    layer: format!("{}'s {name}", self.name),
                    found: format!("{:?}", value.size()),
                    expected: format!("{:?}", weight.value.size()),
                    hint: "These weights belong to another model.".into(),
                });
            }
        }
        no_grad(|| -> Result<()> {
            for ((_, weight), value) in weights.into_iter().zip(values) {
                let mut kept = weight.value;
                kept.f_copy_(value)?;
            }
            Ok(())
        })
    }

    /// The number of parameters, moving statistics included.
    pub fn count_params(&self) -> usize {
        self.weights().iter().map(|(_, w)| w.value.numel()).sum()
    }

    /// The bytes that all layers' outputs take for one input. Those of a `Reshape` or `Flatten` are the input's own.
    pub(crate) fn bytes_of_outputs(&self) -> u64 {
        let layers = self.layers().iter().map(|named| &named.layer);
        let own = layers.filter(|layer| !["Reshape", "Flatten"].contains(&layer.class_name()));
        let numbers: i64 = own.map(|layer| layer.output_shape().iter().product::<i64>()).sum();
        numbers.max(0) as u64 * if self.mixed_precision { 2 } else { 4 }
    }

    /// The table of layers, shapes and parameters that Keras prints.
    pub fn summary(&self) -> Summary {
        Summary::new(self, self.trainable)
    }
}
