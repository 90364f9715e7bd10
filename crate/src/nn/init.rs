//! First values of weights.

use crate::{Result, random};
use tch::{Device, Kind, Tensor};

/// Draws a model's first weights, one after the other, and puts them on its device.
#[derive(Debug)]
pub struct Init {
    rng: random::Stream,
    device: Device,
}

impl Init {
    /// Weights from this stream, on this device.
    pub fn new(rng: random::Stream, device: Device) -> Self {
        Self { rng, device }
    }

    /// Keras's default for kernels: U(−l, l) with l = √(6 / (fan_in + fan_out)) (Glorot & Bengio 2010).
    ///
    /// The fans are a matrix's two sizes, and for a convolution's (kh, kw, a, b) those of (a, b) times kh·kw.
    ///
    /// # Errors
    /// When libtorch can't hold it.
    pub fn glorot_uniform(&mut self, shape: &[i64]) -> Result<Tensor> {
        let (field, ends) = shape.split_at(shape.len().saturating_sub(2));
        let fans = ends.iter().sum::<i64>() * field.iter().product::<i64>();
        let limit = (6.0 / fans as f64).sqrt() as f32;
        Ok(random::uniform(&mut self.rng, limit, shape, self.device)?.f_set_requires_grad(true)?)
    }

    /// The same for a convolution, (kh, kw, a, b) in memory as (b, kh, kw, a): so libtorch has the kernel that goes with
    /// channels-last images, and need not sort it anew at each use.
    ///
    /// # Errors
    /// When libtorch can't hold it.
    pub fn convolution_kernel(&mut self, shape: &[i64]) -> Result<Tensor> {
        let drawn = self.glorot_uniform(shape)?.f_detach()?;
        let kernel = drawn.f_permute([3, 0, 1, 2])?.f_contiguous()?.f_permute([1, 2, 3, 0])?;
        Ok(kernel.f_set_requires_grad(true)?)
    }

    /// A trainable vector of this one value: Keras's default for biases (0), gamma (1) and beta (0).
    ///
    /// # Errors
    /// When libtorch can't hold it.
    pub fn constant(&mut self, size: i64, value: f64) -> Result<Tensor> {
        Ok(self.statistic(size, value)?.f_set_requires_grad(true)?)
    }

    /// The same, not trainable: a moving statistic.
    ///
    /// # Errors
    /// When libtorch can't hold it.
    pub fn statistic(&mut self, size: i64, value: f64) -> Result<Tensor> {
        Ok(Tensor::f_full([size], value, (Kind::Float, self.device))?)
    }
}
