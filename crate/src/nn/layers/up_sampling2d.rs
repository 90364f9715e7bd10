//! UpSampling2D: an image a whole number of times larger.

use crate::Result;
use crate::nn::Init;
use crate::nn::layer::{Context, Layer, LayerConfig, Output, at_least_one, image_shape};
use tch::Tensor;

/// Makes each side `size` times longer. It has no weights; followed by a convolution it is the way to grow an image
/// that leaves no checkerboard (Odena, Dumoulin & Olah 2016).
///
/// # Shapes
/// (B, H, W, C) → (B, size·H, size·W, C)
#[derive(Debug, Clone, Copy)]
pub struct UpSampling2D {
    size: i64,
    bilinear: bool,
}

impl UpSampling2D {
    /// `size` times larger both ways, each pixel repeated: Keras's default `interpolation='nearest'`.
    pub fn new(size: i64) -> Self {
        Self { size, bilinear: false }
    }

    /// Straight lines between the centres of the pixels instead: Keras's `interpolation='bilinear'`.
    pub fn bilinear(mut self) -> Self {
        self.bilinear = true;
        self
    }
}

impl LayerConfig for UpSampling2D {
    fn build(&self, input_shape: &[i64], _: &mut Init) -> Result<Box<dyn Layer>> {
        at_least_one("UpSampling2D", &[("size", self.size)])?;
        let [height, width, channels] = image_shape("UpSampling2D", input_shape)?;
        Ok(Box::new(Built { bilinear: self.bilinear, shape: [self.size * height, self.size * width, channels] }))
    }
}

#[derive(Debug)]
struct Built {
    bilinear: bool,
    shape: [i64; 3],
}

impl Layer for Built {
    fn class_name(&self) -> &'static str {
        "UpSampling2D"
    }

    fn output_shape(&self) -> &[i64] {
        &self.shape
    }

    fn output(&self) -> Output {
        Output::New
    }

    fn forward(&self, x: &Tensor, _: Context) -> Result<Tensor> {
        let [height, width, _] = self.shape;
        let x = x.f_permute([0, 3, 1, 2])?;
        let y = if self.bilinear {
            x.f_upsample_bilinear2d([height, width], false, None, None)?
        } else {
            x.f_upsample_nearest2d([height, width], None, None)?
        };
        Ok(y.f_permute([0, 2, 3, 1])?)
    }
}
