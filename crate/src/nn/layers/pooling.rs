//! AveragePooling2D and GlobalSumPooling2D: fewer pixels, or none.

use crate::nn::Init;
use crate::nn::layer::{Context, Layer, LayerConfig, Output, at_least_one, image_shape};
use crate::platform::arithmetic::Arithmetic;
use crate::{Error, Result};
use tch::{Kind, Tensor};

/// The mean of each square of `pool_size` × `pool_size` pixels. It has no weights.
///
/// # Shapes
/// (B, H, W, C) → (B, H/pool_size, W/pool_size, C)
#[derive(Debug, Clone, Copy)]
pub struct AveragePooling2D {
    pool_size: i64,
}

impl AveragePooling2D {
    /// `pool_size` times smaller in both directions, which must divide the image's sides.
    pub fn new(pool_size: i64) -> Self {
        Self { pool_size }
    }
}

impl LayerConfig for AveragePooling2D {
    fn build(&self, input_shape: &[i64], _: &mut Init) -> Result<Box<dyn Layer>> {
        at_least_one("AveragePooling2D", &[("pool_size", self.pool_size)])?;
        let [height, width, channels] = image_shape("AveragePooling2D", input_shape)?;
        if height % self.pool_size != 0 || width % self.pool_size != 0 {
            let (name, expected) = ("AveragePooling2D's pool_size", format!("a divisor of {height} and {width}"));
            return Err(Error::value(name, self.pool_size, expected, "Change the layer, or the size of its input."));
        }
        let shape = [height / self.pool_size, width / self.pool_size, channels];
        Ok(Box::new(BuiltAverage { pool_size: self.pool_size, shape }))
    }
}

#[derive(Debug)]
struct BuiltAverage {
    pool_size: i64,
    shape: [i64; 3],
}

impl Layer for BuiltAverage {
    fn class_name(&self) -> &'static str {
        "AveragePooling2D"
    }

    fn output_shape(&self) -> &[i64] {
        &self.shape
    }

    fn output(&self) -> Output {
        Output::New
    }

    fn forward(&self, x: &Tensor, _: Context) -> Result<Tensor> {
        let (size, stride) = ([self.pool_size; 2], [self.pool_size; 2]);
        let y = x.f_permute([0, 3, 1, 2])?.f_avg_pool2d(size, stride, [0, 0], false, true, None)?;
        Ok(y.f_permute([0, 2, 3, 1])?)
    }
}

/// The sum over all pixels, channel by channel: what an image has, wherever it is (Miyato & Koyama 2018). It has no weights.
///
/// # Shapes
/// (B, H, W, C) → (B, C)
#[derive(Debug, Clone, Copy, Default)]
pub struct GlobalSumPooling2D {
    normalized: bool,
}

impl GlobalSumPooling2D {
    /// The plain sum.
    pub fn new() -> Self {
        Self::default()
    }

    /// Divided by √(H·W): pixels that don't depend on one another then have a sum as large as each of them.
    pub fn normalized(mut self) -> Self {
        self.normalized = true;
        self
    }
}

impl LayerConfig for GlobalSumPooling2D {
    fn build(&self, input_shape: &[i64], _: &mut Init) -> Result<Box<dyn Layer>> {
        let [height, width, channels] = image_shape("GlobalSumPooling2D", input_shape)?;
        let divisor = self.normalized.then(|| ((height * width) as f64).sqrt());
        Ok(Box::new(BuiltSum { divisor, shape: [channels] }))
    }
}

#[derive(Debug)]
struct BuiltSum {
    divisor: Option<f64>,
    shape: [i64; 1],
}

impl Layer for BuiltSum {
    fn class_name(&self) -> &'static str {
        "GlobalSumPooling2D"
    }

    fn output_shape(&self) -> &[i64] {
        &self.shape
    }

    fn output(&self) -> Output {
        Output::New
    }

    fn forward(&self, x: &Tensor, _: Context) -> Result<Tensor> {
        let sum = x.f_sum_dim_intlist(Some(&[1i64, 2][..]), false, None::<Kind>)?;
        self.divisor.map_or(Ok(sum.shallow_clone()), |divisor| sum.over(divisor))
    }
}
