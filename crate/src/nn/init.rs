//! First values of weights.

use super::convolution::Convolution;
use super::initializer::Initializer;
use crate::platform::arithmetic::filled;
use crate::platform::ffi::{Geometry, Part};
use crate::{Result, random};
use tch::{Device, Kind, Tensor};

/// Draws a model's first weights, one after the other, and puts them on its device.
#[derive(Debug)]
pub struct Init {
    rng: random::Stream,
    device: Device,
    kernel: Initializer,
    gamma: Initializer,
    /// Those of all layers, in the order in which they were built.
    convolutions: Vec<Convolution>,
}

impl Init {
    /// Weights from this stream, on this device; kernels by [`Initializer::GlorotUniform`], gammas 1.
    pub fn new(rng: random::Stream, device: Device) -> Self {
        let (kernel, gamma) = (Initializer::GlorotUniform, Initializer::Constant { value: 1.0 });
        Self { rng, device, kernel, gamma, convolutions: Vec::new() }
    }

    /// What kernels are drawn by from now on where their layer does not choose.
    pub(super) fn set_kernel_initializer(&mut self, initializer: Initializer) {
        self.kernel = initializer;
    }

    /// The same for batch normalization's gamma.
    pub(super) fn set_gamma_initializer(&mut self, initializer: Initializer) {
        self.gamma = initializer;
    }

    /// Any weight: trainable, or one that only training itself updates, such as a moving statistic.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) when the initializer is out of range, or when libtorch can't hold it.
    pub fn weight(&mut self, initializer: Initializer, shape: &[i64], trainable: bool) -> Result<Tensor> {
        let values = initializer.draw(&mut self.rng, shape, self.device)?;
        Ok(if trainable { values.f_set_requires_grad(true)? } else { values })
    }

    /// A kernel, by the layer's own choice or else the model's.
    ///
    /// # Errors
    /// As [`weight`](Self::weight).
    pub fn kernel(&mut self, chosen: Option<Initializer>, shape: &[i64]) -> Result<Tensor> {
        self.weight(chosen.unwrap_or(self.kernel), shape, true)
    }

    /// The same for a convolution: (kh, kw, a, b), in memory as (b, kh, kw, a). That way libtorch finds the kernel in the
    /// order that goes with channels-last images, and does not have to reorder it at each use.
    ///
    /// # Errors
    /// As [`weight`](Self::weight).
    pub fn convolution_kernel(&mut self, chosen: Option<Initializer>, shape: &[i64]) -> Result<Tensor> {
        let drawn = self.weight(chosen.unwrap_or(self.kernel), shape, false)?;
        let kernel = drawn.f_permute([3, 0, 1, 2])?.f_contiguous()?.f_permute([1, 2, 3, 0])?;
        Ok(kernel.f_set_requires_grad(true)?)
    }

    /// A layer's convolution, which the model can then reach too.
    pub(super) fn convolution(&mut self, part: Part, geometry: Geometry) -> Convolution {
        let convolution = Convolution::new(part, geometry);
        self.convolutions.push(convolution.clone());
        convolution
    }

    pub(super) fn convolutions(&self) -> &[Convolution] {
        &self.convolutions
    }

    /// Forgets all but the first `count`: those of a layer that could not be built.
    pub(super) fn forget_convolutions_after(&mut self, count: usize) {
        self.convolutions.truncate(count);
    }

    /// Batch normalization's gamma, (size), by the layer's own choice or else the model's.
    ///
    /// # Errors
    /// As [`weight`](Self::weight).
    pub fn gamma(&mut self, chosen: Option<Initializer>, size: i64) -> Result<Tensor> {
        self.weight(chosen.unwrap_or(self.gamma), &[size], true)
    }

    /// A trainable vector of this one value: Keras's default for biases and beta (0).
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
        filled(&[size], value, (Kind::Float, self.device))
    }
}
