//! What a layer is: a description that is built for the shape of its input.

use super::Init;
use crate::{Error, Result};
use std::fmt;
use tch::Tensor;

/// A layer as it is written in a model, before it knows its input.
pub trait LayerConfig {
    /// Makes the layer for inputs of this shape (without the batch), with weights drawn from `init`.
    ///
    /// # Errors
    /// [`Error::Shape`] when such inputs do not fit, [`Error::Value`] for settings out of range.
    fn build(&self, input_shape: &[i64], init: &mut Init) -> Result<Box<dyn Layer>>;
}

impl<L: LayerConfig + ?Sized> LayerConfig for Box<L> {
    fn build(&self, input_shape: &[i64], init: &mut Init) -> Result<Box<dyn Layer>> {
        (**self).build(input_shape, init)
    }
}

/// A built layer. Implement this for a layer of your own:
///
/// ```
/// use gan_nb::nn::{Context, Init, Layer, LayerConfig, Sequential};
/// use gan_nb::{Result, tch::Tensor};
///
/// /// x / √(mean of x² + ε) over the features (Karras et al. 2018, section 4.2), the description and the layer in one.
/// #[derive(Debug, Clone)]
/// struct PixelNorm(Vec<i64>);
///
/// impl LayerConfig for PixelNorm {
///     fn build(&self, input_shape: &[i64], _: &mut Init) -> Result<Box<dyn Layer>> {
///         Ok(Box::new(Self(input_shape.to_vec())))
///     }
/// }
///
/// impl Layer for PixelNorm {
///     fn class_name(&self) -> &'static str {
///         "PixelNorm"
///     }
///     fn output_shape(&self) -> &[i64] {
///         &self.0
///     }
///     fn forward(&self, x: &Tensor, _: Context) -> Result<Tensor> {
///         let mean = x.square().mean_dim(-1, true, None::<gan_nb::tch::Kind>);
///         Ok(x * (mean + 1e-8).rsqrt())
///     }
/// }
///
/// let mut model = Sequential::new("norm", [3], 42);
/// model.add(PixelNorm(vec![]))?;
/// # Ok::<(), gan_nb::Error>(())
/// ```
///
/// Less simple layers fit in as well:
///
/// - A layer that depends on a class, such as a conditional batch normalization or an embedding, finds the labels in its
///   [`Context`].
/// - A layer with a tensor that only training updates, such as a moving statistic or the singular vector of spectral
///   normalization, lists it in [`weights`](Self::weights) as not trainable. It is then saved and counted with the others.
/// - A layer made of layers passes the context on to them, and puts their names before the names of their weights.
pub trait Layer: fmt::Debug + Send {
    /// Keras's class name, as `Conv2DTranspose`.
    fn class_name(&self) -> &'static str;

    /// The shape of one output, without the batch.
    fn output_shape(&self) -> &[i64];

    /// The layer's function.
    ///
    /// # Errors
    /// When libtorch refuses.
    fn forward(&self, x: &Tensor, context: Context) -> Result<Tensor>;

    /// [`forward`](Self::forward) for a tensor that nobody else will look at, so that the layer may write over it. It may do
    /// so only where `x` records no gradients: what is recorded may be needed on the way back.
    ///
    /// # Errors
    /// When libtorch refuses.
    fn forward_owned(&self, x: Tensor, context: Context) -> Result<Tensor> {
        self.forward(&x, context)
    }

    /// [`forward`](Self::forward) without the final activation: what a loss needs of a layer that ends in a sigmoid.
    ///
    /// # Errors
    /// When libtorch refuses.
    fn forward_logits(&self, x: &Tensor, context: Context) -> Result<Tensor> {
        self.forward(x, context)
    }

    /// Where the result's memory comes from, which decides whether the next layer may write over it. The default,
    /// [`Output::Kept`], is always safe; the others are faster.
    fn output(&self) -> Output {
        Output::Kept
    }

    /// The weights in the order of Keras's `get_weights()`.
    fn weights(&self) -> Vec<Weight> {
        Vec::new()
    }
}

/// Where the memory of a layer's result comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// The layer, or somebody else, may keep a handle to it: the next layer leaves it as it is.
    Kept,
    /// Made anew by each call, and the layer keeps no handle to it: the next layer may write over it.
    New,
    /// The input itself or a view of it: the next layer may do with it what this one may do with its input.
    Input,
}

/// What a layer is told besides its input.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Context<'a> {
    /// Keras's `training` argument: whether batch normalization takes the batch's own statistics, and whether what only
    /// training updates is updated.
    pub train: bool,
    /// What the result is to depend on besides the input, one row for each input: class numbers (B) int64, or anything else
    /// that the model's layers agree on. Layers that know nothing of it ignore it.
    pub condition: Option<&'a Tensor>,
    /// While batch normalization measures its statistics anew: which batch this is, from 1 on. The statistics then are the plain
    /// means over all of them.
    pub collecting: Option<u64>,
}

impl<'a> Context<'a> {
    /// Without a condition.
    pub fn new(train: bool) -> Self {
        Self { train, condition: None, collecting: None }
    }

    /// In training mode, for the `batch`-th batch (from 1 on) of those from which batch normalization measures its statistics
    /// anew.
    pub fn collecting(batch: u64) -> Self {
        Self { train: true, condition: None, collecting: Some(batch) }
    }

    /// With this condition, or none.
    pub fn with_condition(self, condition: Option<&'a Tensor>) -> Self {
        Self { condition, ..self }
    }

    /// The condition, for a layer that can't do without.
    ///
    /// # Errors
    /// [`Error::Value`] when there is none.
    pub fn condition_for(&self, layer: &str) -> Result<&'a Tensor> {
        let hint = "Run the model with forward_with, logits_with or predict_with.";
        self.condition.ok_or_else(|| Error::value(&format!("{layer}'s condition"), "missing", "a tensor", hint))
    }
}

/// One weight of a layer, in Keras's layout.
#[derive(Debug)]
pub struct Weight {
    /// `kernel`, `bias`, `gamma`, `beta`, `moving_mean` or `moving_variance`; in a layer made of layers the inner layer's
    /// name comes first, as in `conv2d_1/kernel`.
    pub name: String,
    /// The values (this handle shares them with the layer).
    pub value: Tensor,
    /// Whether gradients change it. Those that don't, such as moving statistics, are updated by the layer itself.
    pub trainable: bool,
}

impl Weight {
    /// A weight of this name whose handle shares the layer's values.
    pub fn new(name: &str, value: &Tensor, trainable: bool) -> Self {
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
