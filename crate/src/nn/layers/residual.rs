//! Residual: layers with a shortcut past them.

use crate::nn::Init;
use crate::nn::layer::{Context, Layer, LayerConfig, Output, Weight, keras_shape};
use crate::nn::named_layers::Stack;
use crate::{Error, Result};
use std::fmt;
use tch::Tensor;

/// y = x + f(x), where f is a chain of layers (He et al. 2016), which only has to learn what to change. Where f changes the shape,
/// [`shortcut`](Self::shortcut) does so beside it: y = s(x) + f(x).
///
/// ```
/// use gan_nb::nn::{AveragePooling2D, Conv2D, LeakyReLU, Padding::Same, Residual, Sequential};
/// # fn main() -> gan_nb::Result<()> {
/// let mut model = Sequential::new("block", [8, 8, 16], 42);
/// let f = Residual::new().add(Conv2D::new(16, 3).padding(Same)).add(LeakyReLU::new(0.2));
/// model.add(f.add(Conv2D::new(16, 3).padding(Same)))?;
/// assert_eq!(model.weights()[0].0, "residual/conv2d/kernel");
///
/// // Half the size and twice the channels, on both ways.
/// let half = Residual::new().add(LeakyReLU::new(0.2)).add(Conv2D::new(32, 4).strides(2).padding(Same));
/// model.add(half.shortcut(AveragePooling2D::new(2)).shortcut(Conv2D::new(32, 1)))?;
/// assert_eq!(model.output_shape(), [4, 4, 32]);
/// # Ok(())
/// # }
/// ```
///
/// # Shapes
/// Any that f keeps, unchanged; with a shortcut, any that f and the shortcut turn into the same.
#[derive(Default)]
pub struct Residual {
    f: Vec<Box<dyn LayerConfig>>,
    shortcut: Vec<Box<dyn LayerConfig>>,
}

impl Residual {
    /// A block without layers; [`add`](Self::add) puts them into f.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a layer to f. The last one must give the shape of the block's input, or of the shortcut's output.
    #[expect(clippy::should_implement_trait, reason = "Sequential's add; nobody adds two blocks")]
    pub fn add(mut self, layer: impl LayerConfig + 'static) -> Self {
        self.f.push(Box::new(layer));
        self
    }

    /// Appends a layer to the shortcut, which without any is x itself.
    pub fn shortcut(mut self, layer: impl LayerConfig + 'static) -> Self {
        self.shortcut.push(Box::new(layer));
        self
    }
}

impl fmt::Debug for Residual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Residual of {} layers", self.f.len())
    }
}

impl LayerConfig for Residual {
    fn build(&self, input_shape: &[i64], init: &mut Init) -> Result<Box<dyn Layer>> {
        let mut f = Stack::new(input_shape.to_vec());
        for layer in &self.f {
            f.add(layer.as_ref(), init)?;
        }
        let mut shortcut = Stack::new(input_shape.to_vec());
        for layer in &self.shortcut {
            shortcut.add(layer.as_ref(), init)?;
        }
        if self.f.is_empty() {
            return Err(Error::value("Residual's number of layers", 0, "1 or more", "Add layers to it."));
        }
        if f.output_shape() != shortcut.output_shape() {
            let (sum, other, hint) = if self.shortcut.is_empty() {
                let hint = "Let f keep the shape (Padding::Same, stride 1, and as many filters as x has channels), or add a shortcut \
                            that changes it too.";
                ("x + f(x)", "x", hint)
            } else {
                ("s(x) + f(x)", "the shortcut", "Let both change the shape in the same way.")
            };
            return Err(Error::Shape {
                layer: format!("Residual's sum {sum}"),
                found: format!("{} from f", keras_shape(f.output_shape())),
                expected: format!("{}, as {other}", keras_shape(shortcut.output_shape())),
                hint: hint.into(),
            });
        }
        Ok(Box::new(Built { f, shortcut }))
    }
}

#[derive(Debug)]
struct Built {
    f: Stack,
    /// Without layers it is x itself.
    shortcut: Stack,
}

impl Layer for Built {
    fn class_name(&self) -> &'static str {
        "Residual"
    }

    fn output_shape(&self) -> &[i64] {
        self.f.output_shape()
    }

    fn output(&self) -> Output {
        Output::New
    }

    fn forward(&self, x: &Tensor, context: Context) -> Result<Tensor> {
        Ok(self.shortcut.forward(x, context)?.f_add(&self.f.forward(x, context)?)?)
    }

    fn weights(&self) -> Vec<Weight> {
        let of_f = self.f.weights().into_iter().map(|(name, weight)| Weight { name, ..weight });
        let of_shortcut = self.shortcut.weights().into_iter();
        of_f.chain(of_shortcut.map(|(name, weight)| Weight { name: format!("shortcut/{name}"), ..weight })).collect()
    }
}
