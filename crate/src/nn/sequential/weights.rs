//! A model's weights as a list.

use super::Sequential;
use crate::nn::layer::Weight;
use crate::{Error, Result};
use tch::{Tensor, no_grad};

impl Sequential {
    /// All weights with their names (`conv2d_1/kernel`), in the order of Keras's `get_weights()` layer by layer.
    ///
    /// (Keras itself lists a model's weights in this order too.)
    pub fn weights(&self) -> Vec<(String, Weight)> {
        self.stack.weights()
    }

    /// The same weights as in files of several networks: `generator/conv2d_1/kernel`.
    pub(crate) fn named_weights(&self) -> impl Iterator<Item = (String, Tensor)> {
        let name = self.name().to_string();
        self.weights().into_iter().map(move |(own, weight)| (format!("{name}/{own}"), weight.value))
    }

    /// Copies over the weights what `value` has under each [name](Self::named_weights), of that shape.
    ///
    /// # Errors
    /// The first that `value` gives, and as [`set_weights`](Self::set_weights); nothing is changed then.
    pub(crate) fn load_weights(&mut self, value: impl Fn(&str, &[i64]) -> Result<Tensor>) -> Result<()> {
        let values = self.named_weights().map(|(name, own)| value(&name, &own.size()));
        let values = values.collect::<Result<Vec<_>>>()?;
        self.set_weights(&values)
    }

    /// The weights that an optimizer made now would change: none when the model is frozen.
    pub fn trainable_weights(&self) -> Vec<Tensor> {
        let all = self.weights().into_iter().filter(|(_, w)| w.trainable && self.trainable);
        all.map(|(_, w)| w.value).collect()
    }

    /// Keras's `model.trainable = …`. An [`Optimizer`](crate::nn::Optimizer) made before keeps the weights that it was given,
    /// as a model of Keras 2 keeps what was trainable when it was compiled.
    pub fn set_trainable(&mut self, trainable: bool) {
        self.trainable = trainable;
    }

    /// Copies these values over the weights, in the order of [`weights`](Self::weights).
    ///
    /// # Errors
    /// [`Error::Value`] when their number differs, or [`Error::Shape`] when a shape does; nothing is changed then.
    pub fn set_weights(&mut self, values: &[Tensor]) -> Result<()> {
        let weights = self.weights();
        if values.len() != weights.len() {
            let expected = format!("{} tensors", weights.len());
            let name = format!("the number of weights for {}", self.name());
            return Err(Error::value(&name, values.len(), expected, "Give them in the order of weights()."));
        }
        for ((name, weight), value) in weights.iter().zip(values) {
            if weight.value.size() != value.size() {
                return Err(Error::Shape {
                    layer: format!("{}'s {name}", self.name()),
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

    /// Bytes that all layers' outputs take for one input. Those of a `Reshape` or `Flatten` are the input's own.
    pub(crate) fn bytes_of_outputs(&self) -> u64 {
        let layers = self.layers().iter().map(|named| &named.layer);
        let own = layers.filter(|layer| !["Reshape", "Flatten"].contains(&layer.class_name()));
        let numbers: i64 = own.map(|layer| layer.output_shape().iter().product::<i64>()).sum();
        numbers.max(0) as u64 * if self.is_in_mixed_precision() { 2 } else { 4 }
    }
}
