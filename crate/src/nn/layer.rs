//! What a layer is: a description that is built for the shape of its input.

use super::Init;
use crate::{Error, Result};
use std::fmt;
use tch::Tensor;

/// What is written in a model: a layer before it knows its input.
pub trait LayerConfig {
    /// Makes the layer, weights drawn from `init`, for inputs of this shape (without the batch).
    ///
    /// # Errors
    /// [`Error::Shape`] when such inputs do not fit, [`Error::Value`] for settings out of range.
    fn build(&self, input_shape: &[i64], init: &mut Init) -> Result<Box<dyn Layer>>;
}

/// A built layer.
pub trait Layer: fmt::Debug + Send {
    /// Keras's class name, as `Conv2DTranspose`.
    fn class_name(&self) -> &'static str;

    /// The shape of one output, without the batch.
    fn output_shape(&self) -> &[i64];

    /// The layer's function; `train` is Keras's `training` argument (it matters to batch normalization).
    ///
    /// # Errors
    /// When libtorch refuses.
    fn forward(&self, x: &Tensor, train: bool) -> Result<Tensor>;

    /// [`forward`](Self::forward) of a tensor that nobody else will look at, so that the layer may write over it. Only where
    /// `x` records no gradients: what is recorded may be needed for the way back.
    ///
    /// # Errors
    /// When libtorch refuses.
    fn forward_owned(&self, x: Tensor, train: bool) -> Result<Tensor> {
        self.forward(&x, train)
    }

    /// [`forward`](Self::forward) without the final activation: what the loss wants of a sigmoid's layer.
    ///
    /// # Errors
    /// When libtorch refuses.
    fn forward_logits(&self, x: &Tensor, train: bool) -> Result<Tensor> {
        self.forward(x, train)
    }

    /// The weights in the order of Keras's `get_weights()`.
    fn weights(&self) -> Vec<Weight> {
        Vec::new()
    }
}

/// One weight of a layer, in Keras's layout.
#[derive(Debug)]
pub struct Weight {
    /// `kernel`, `bias`, `gamma`, `beta`, `moving_mean` or `moving_variance`; in a layer made of layers
    /// the inner one's name goes before it, as in `conv2d_1/kernel`.
    pub name: String,
    /// The values (this handle shares them with the layer).
    pub value: Tensor,
    /// Whether gradients change it; moving statistics are not changed by them.
    pub trainable: bool,
}

impl Weight {
    pub(super) fn new(name: &str, value: &Tensor, trainable: bool) -> Self {
        Self { name: name.into(), value: value.shallow_clone(), trainable }
    }
}

/// How a convolution treats the border.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Padding {
    /// Output size = ⌈input size / stride⌉ (times the stride when transposed). Keras's `'same'`: where the total
    /// padding is odd, the right and bottom get one more.
    Same,
    /// No padding. Keras's `'valid'`.
    Valid,
}

/// `(None, 32, 32, 3)`: a shape as Keras writes it, the batch in front.
pub(crate) fn keras_shape(shape: &[i64]) -> String {
    let sizes: Vec<String> = shape.iter().map(i64::to_string).collect();
    if sizes.is_empty() { "(None,)".into() } else { format!("(None, {})", sizes.join(", ")) }
}

/// The height, width and channels of an image-shaped input.
pub(super) fn image_shape(layer: &str, input_shape: &[i64]) -> Result<[i64; 3]> {
    input_shape.try_into().map_err(|_| Error::Shape {
        layer: layer.into(),
        found: keras_shape(input_shape),
        expected: "(None, height, width, channels)".into(),
        hint: "Put a Reshape before it.".into(),
    })
}

/// Settings that must be at least 1, named as the layer's argument.
pub(super) fn at_least_one(layer: &str, settings: &[(&str, i64)]) -> Result<()> {
    match settings.iter().find(|(_, value)| *value < 1) {
        None => Ok(()),
        Some((name, value)) => Err(Error::value(&format!("{layer}'s {name}"), value, "1 or more", "Change the layer.")),
    }
}
