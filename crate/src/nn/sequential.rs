//! Sequential: layers one after the other.

use super::{Init, Layer, LayerConfig, Summary, Weight, keras_shape};
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
    input_shape: Vec<i64>,
    layers: Vec<Named>,
    init: Init,
    device: tch::Device,
    trainable: bool,
}

/// A layer and its name within the model, as `conv2d_1`.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) name: String,
    pub(super) layer: Box<dyn Layer>,
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
            input_shape: input_shape.into(),
            layers: Vec::new(),
            init: Init::new(random::stream(seed, name), device),
            device,
            trainable: true,
        }
    }

    /// Builds a layer for what the model gives so far, and appends it.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Value`] when the layer does not fit there; the model stays as it was.
    pub fn add(&mut self, config: impl LayerConfig) -> Result<&mut Self> {
        let input_shape = self.output_shape().to_vec();
        let layer = config.build(&input_shape, &mut self.init)?;
        let kind = snake_case(layer.class_name());
        let before = self.layers.iter().filter(|other| other.layer.class_name() == layer.class_name()).count();
        let name = if before == 0 { kind } else { format!("{kind}_{before}") };
        self.layers.push(Named { name, layer });
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
        &self.input_shape
    }

    /// The shape of one output, without the batch.
    pub fn output_shape(&self) -> &[i64] {
        self.layers.last().map_or(&self.input_shape, |last| last.layer.output_shape())
    }

    pub(super) fn layers(&self) -> &[Named] {
        &self.layers
    }

    /// The model's function, recorded for gradients. `train`: Keras's `training` argument.
    ///
    /// # Shapes
    /// (B, input shape…) → (B, output shape…)
    ///
    /// # Errors
    /// [`Error::Shape`] when `x` does not fit.
    pub fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        self.run(x, |layer, x| layer.forward(x, train), |last, x| last.forward(x, train))
    }

    /// The same without the last layer's activation: what [`binary_crossentropy`](crate::loss::binary_crossentropy)
    /// wants of a model that ends in a sigmoid.
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub fn logits(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        self.run(x, |layer, x| layer.forward(x, train), |last, x| last.forward_logits(x, train))
    }

    /// The model's function in inference mode, nothing recorded: Keras's `predict`.
    ///
    /// # Errors
    /// As [`forward`](Self::forward).
    pub fn predict(&self, x: &Tensor) -> Result<Tensor> {
        no_grad(|| self.forward(x, false))
    }

    fn run(
        &self,
        x: &Tensor,
        step: impl Fn(&dyn Layer, &Tensor) -> Result<Tensor>,
        last_step: impl Fn(&dyn Layer, &Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        let size = x.size();
        if size.get(1..) != Some(&self.input_shape) || size[0] == 0 {
            let found: Vec<String> = size.iter().map(i64::to_string).collect();
            return Err(Error::Shape {
                layer: self.name.clone(),
                found: format!("({})", found.join(", ")),
                expected: keras_shape(&self.input_shape),
                hint: "The first axis is the batch (at least 1), the others must be the model's input shape.".into(),
            });
        }
        let Some((last, before)) = self.layers.split_last() else { return Ok(x.shallow_clone()) };
        let mut y = x.shallow_clone();
        for named in before {
            y = step(named.layer.as_ref(), &y)?;
        }
        last_step(last.layer.as_ref(), &y)
    }

    /// All weights with their names (`conv2d_1/kernel`), in the order of Keras's `get_weights()` layer by layer.
    ///
    /// (Keras itself lists a model's weights in this order too.)
    pub fn weights(&self) -> Vec<(String, Weight)> {
        let of = |named: &Named| {
            let name = named.name.clone();
            named.layer.weights().into_iter().map(move |w| (format!("{name}/{}", w.name), w))
        };
        self.layers.iter().flat_map(of).collect()
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

    /// The table of layers, shapes and parameters that Keras prints.
    pub fn summary(&self) -> Summary {
        Summary::new(self, self.trainable)
    }
}

/// `Conv2DTranspose` → `conv2d_transpose`, by Keras's rule for default names.
fn snake_case(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (i, c) in letters.iter().enumerate() {
        let follows_word =
            i > 0 && (letters[i - 1].is_lowercase() || letters.get(i + 1).is_some_and(|n| n.is_lowercase()));
        let follows_digit =
            i > 0 && letters[i - 1].is_ascii_digit() && !letters.get(i + 1).is_some_and(|n| n.is_lowercase());
        if c.is_uppercase() && follows_word && !follows_digit {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_keras_names() {
        let names = ["Dense", "BatchNormalization", "Conv2D", "Conv2DTranspose", "LeakyReLU", "Flatten"];
        let snake = names.map(super::snake_case);
        assert_eq!(snake, ["dense", "batch_normalization", "conv2d", "conv2d_transpose", "leaky_re_lu", "flatten"]);
    }
}
