//! Conv2DTranspose: a convolution run backwards, which enlarges images.

use super::Activation;
use crate::Result;
use crate::nn::convolution::Convolution;
use crate::nn::layer::{Context, Layer, LayerConfig, Output, Padding, Weight, at_least_one, image_shape};
use crate::nn::spectral_norm::SpectralNorm;
use crate::nn::{Init, Initializer};
use crate::platform::ffi::{Geometry, Part};
use tch::{Device, Tensor};

/// Paints a small pattern for each pixel of its input, `strides` pixels apart, and adds them up (Dumoulin & Visin
/// 2016): the transpose of the [`Conv2D`](super::Conv2D) that would shrink the output to the input.
///
/// # Shapes
/// (B, H, W, C) → (B, H·strides, W·strides, filters) with [`Padding::Same`]
#[derive(Debug, Clone, Copy)]
pub struct Conv2DTranspose {
    filters: i64,
    kernel_size: i64,
    strides: i64,
    padding: Padding,
    activation: Activation,
    kernel_initializer: Option<Initializer>,
    spectral_normalization: bool,
}

impl Conv2DTranspose {
    /// `filters` patterns of `kernel_size` × `kernel_size` pixels; stride 1 and no padding, as in Keras.
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

    /// How many times larger the output is, in both directions.
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

    /// Output size along an axis of this size.
    fn output_size(&self, size: i64) -> i64 {
        match self.padding {
            Padding::Same => size * self.strides,
            Padding::Valid => size * self.strides + (self.kernel_size - self.strides).max(0),
        }
    }
}

impl LayerConfig for Conv2DTranspose {
    fn build(&self, input_shape: &[i64], init: &mut Init) -> Result<Box<dyn Layer>> {
        let sizes = [("filters", self.filters), ("kernel_size", self.kernel_size), ("strides", self.strides)];
        at_least_one("Conv2DTranspose", &sizes)?;
        let [height, width, channels] = image_shape("Conv2DTranspose", input_shape)?;
        let kernel_shape = [self.kernel_size, self.kernel_size, self.filters, channels];
        let kernel = init.convolution_kernel(self.kernel_initializer, &kernel_shape)?;
        let (rows, columns) = (self.output_size(height), self.output_size(width));
        let overlap = (self.kernel_size - self.strides).max(0);
        let cut = if self.padding == Padding::Same { overlap / 2 } else { 0 };
        let geometry = Geometry {
            image: [rows, columns, self.filters],
            map: [height, width, channels],
            kernel: self.kernel_size,
            strides: self.strides,
            padding: [cut, cut],
            products: 0,
        };
        Ok(Box::new(Built {
            norm: self.spectral_normalization.then(|| SpectralNorm::new(&kernel, 2, init)).transpose()?,
            kernel,
            bias: init.constant(self.filters, 0.0)?,
            strides: self.strides,
            overlap,
            gap: (self.strides - self.kernel_size).max(0),
            activation: self.activation,
            shape: vec![rows, columns, self.filters],
            convolution: init.convolution(Part::Grow, geometry),
        }))
    }
}

#[derive(Debug)]
struct Built {
    /// (kernel height, kernel width, filters, in)
    kernel: Tensor,
    norm: Option<SpectralNorm>,
    /// (filters)
    bias: Tensor,
    strides: i64,
    /// Pixels that neighbouring patterns share; 'same' cuts these off, half before and half after.
    overlap: i64,
    /// Pixels between patterns smaller than the stride.
    gap: i64,
    activation: Activation,
    shape: Vec<i64>,
    convolution: Convolution,
}

impl Layer for Built {
    fn class_name(&self) -> &'static str {
        "Conv2DTranspose"
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
        let (rows, columns) = (self.shape[0], self.shape[1]);
        let same = rows == x.size()[1] * self.strides;
        // libtorch itself cuts an even overlap. An odd one is cut afterwards, because it can't cut the two sides differently.
        let cut = if same && self.overlap % 2 == 0 { self.overlap / 2 } else { 0 };
        let own = SpectralNorm::apply(&self.norm, &self.kernel, context)?;
        if let Some(y) = self.convolution.forward(x, &own, &self.bias)? {
            return Ok(y);
        }
        let kernel = own.f_permute([3, 2, 0, 1])?;
        // oneDNN adds up the bias's gradient number by number; a sum of libtorch's costs less, an addition here included.
        let apart = kernel.requires_grad() && x.device() == Device::Cpu;
        let mut y = x.f_permute([0, 3, 1, 2])?.f_conv_transpose2d(
            &kernel,
            if apart { None } else { Some(&self.bias) },
            [self.strides; 2],
            [cut; 2],
            [self.gap; 2],
            1,
            [1, 1],
        )?;
        if apart {
            let bias = self.bias.f_to_kind(y.f_kind()?)?.f_view([1, -1, 1, 1])?;
            y = y.f_add_(&bias)?;
        }
        let y = if same && self.overlap % 2 == 1 {
            y.f_narrow(2, self.overlap / 2, rows)?.f_narrow(3, self.overlap / 2, columns)?
        } else {
            y
        };
        Ok(y.f_permute([0, 2, 3, 1])?)
    }

    fn weights(&self) -> Vec<Weight> {
        let own = [Weight::new("kernel", &self.kernel, true), Weight::new("bias", &self.bias, true)];
        own.into_iter().chain(SpectralNorm::weights_of(&self.norm)).collect()
    }
}
