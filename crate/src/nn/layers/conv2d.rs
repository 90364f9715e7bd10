//! Conv2D: a two-dimensional convolution.

use super::{Activation, conv_as_matmul};
use crate::nn::convolution::Convolution;
use crate::nn::layer::{Context, Layer, LayerConfig, Output, Padding, Weight, at_least_one, image_shape, keras_shape};
use crate::nn::spectral_norm::SpectralNorm;
use crate::nn::{Init, Initializer};
use crate::platform::ffi::{Geometry, Part};
use crate::{Error, Result};
use tch::Tensor;

/// Slides `filters` small windows over an image; each measures how strongly its pattern is present at each position.
///
/// # Shapes
/// (B, H, W, C) → (B, ⌈H/strides⌉, ⌈W/strides⌉, filters) with [`Padding::Same`]
#[derive(Debug, Clone, Copy)]
pub struct Conv2D {
    filters: i64,
    kernel_size: i64,
    strides: i64,
    padding: Padding,
    activation: Activation,
    kernel_initializer: Option<Initializer>,
    spectral_normalization: bool,
}

impl Conv2D {
    /// `filters` windows of `kernel_size` × `kernel_size` pixels; stride 1 and no padding, as in Keras.
    pub fn new(filters: i64, kernel_size: i64) -> Self {
        Self {
            filters,
            kernel_size,
            strides: 1,
            padding: Padding::Valid,
            activation: Activation::Linear,
            kernel_initializer: None,
            spectral_normalization: false,
        }
    }

    /// How many pixels the window moves at a time, in both directions.
    pub fn strides(mut self, strides: i64) -> Self {
        self.strides = strides;
        self
    }

    /// What happens at the border.
    pub fn padding(mut self, padding: Padding) -> Self {
        self.padding = padding;
        self
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

    /// Output size and padding (before, after) along an axis of this size.
    fn axis(&self, size: i64) -> (i64, i64, i64) {
        match self.padding {
            Padding::Valid => ((size - self.kernel_size).div_euclid(self.strides) + 1, 0, 0),
            Padding::Same => {
                let output = (size + self.strides - 1) / self.strides;
                let total = ((output - 1) * self.strides + self.kernel_size - size).max(0);
                (output, total / 2, total - total / 2)
            }
        }
    }
}

impl LayerConfig for Conv2D {
    fn build(&self, input_shape: &[i64], init: &mut Init) -> Result<Box<dyn Layer>> {
        let sizes = [("filters", self.filters), ("kernel_size", self.kernel_size), ("strides", self.strides)];
        at_least_one("Conv2D", &sizes)?;
        let [height, width, channels] = image_shape("Conv2D", input_shape)?;
        let ((rows, top, bottom), (columns, left, right)) = (self.axis(height), self.axis(width));
        if rows < 1 || columns < 1 {
            return Err(Error::Shape {
                layer: "Conv2D".into(),
                found: keras_shape(input_shape),
                expected: format!("at least {0} x {0} pixels", self.kernel_size),
                hint: "Take a smaller kernel or Padding::Same.".into(),
            });
        }
        let kernel_shape = [self.kernel_size, self.kernel_size, channels, self.filters];
        let kernel = init.convolution_kernel(self.kernel_initializer, &kernel_shape)?;
        let geometry = Geometry {
            image: [height, width, channels],
            map: [rows, columns, self.filters],
            kernel: self.kernel_size,
            strides: self.strides,
            padding: [top, left],
            products: 0,
        };
        Ok(Box::new(Built {
            norm: self.spectral_normalization.then(|| SpectralNorm::new(&kernel, 3, init)).transpose()?,
            kernel,
            bias: init.constant(self.filters, 0.0)?,
            strides: self.strides,
            pad: [left, right, top, bottom],
            activation: self.activation,
            shape: vec![rows, columns, self.filters],
            convolution: init.convolution(Part::Shrink, geometry),
        }))
    }
}

#[derive(Debug)]
struct Built {
    /// (kernel height, kernel width, in, filters)
    kernel: Tensor,
    norm: Option<SpectralNorm>,
    /// (filters)
    bias: Tensor,
    strides: i64,
    /// left, right, top, bottom
    pad: [i64; 4],
    activation: Activation,
    shape: Vec<i64>,
    convolution: Convolution,
}

impl Layer for Built {
    fn class_name(&self) -> &'static str {
        "Conv2D"
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
        let own = SpectralNorm::apply(&self.norm, &self.kernel, context)?;
        let kernel = own.f_permute([3, 2, 0, 1])?;
        let [left, right, top, bottom] = self.pad;
        // Outside no_grad, a view of the kernel is recorded.
        let recorded = x.requires_grad() || kernel.requires_grad();
        if !context.train && !recorded && self.strides == 1 && conv_as_matmul::pays(&self.kernel) {
            return conv_as_matmul::convolve(x, &own, &self.bias, [top, left], [self.shape[0], self.shape[1]]);
        }
        if let Some(y) = self.convolution.forward(x, &own, &self.bias)? {
            return Ok(y);
        }
        // libtorch numbers the axes (B, C, H, W), but is just as fast on this view of channels-last memory.
        let x = x.f_permute([0, 3, 1, 2])?;
        // Keras's 'same' may pad one side more than the other, which libtorch's own padding can't do.
        let (x, pad) = if left == right && top == bottom {
            (x, [top, left])
        } else {
            (x.f_constant_pad_nd([left, right, top, bottom])?, [0, 0])
        };
        let y = x.f_conv2d(&kernel, Some(&self.bias), [self.strides; 2], pad, [1, 1], 1)?;
        Ok(y.f_permute([0, 2, 3, 1])?)
    }

    fn weights(&self) -> Vec<Weight> {
        let own = [Weight::new("kernel", &self.kernel, true), Weight::new("bias", &self.bias, true)];
        own.into_iter().chain(SpectralNorm::weights_of(&self.norm)).collect()
    }
}
