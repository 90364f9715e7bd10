//! What a training draws with its seed: batches, noise, and noise for pictures.

use super::{Gan, Samples};
use crate::data::Dataset;
use crate::nn::{Optimizer, Sequential};
use crate::{Result, random};
use tch::Tensor;

impl Gan {
    /// Real images (B, H, W, C) in [−1, 1] on the networks' device, drawn with the run's seed.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) when `batch_size` is 0 or larger than the data.
    pub fn real_batch(&mut self, x_train: &Dataset, batch_size: usize) -> Result<Tensor> {
        x_train.random_batch_on(self.discriminator.device(), batch_size, &mut self.batches)
    }

    /// Noise (B, latent) from N(0, 1) on the networks' device, drawn with the run's seed.
    ///
    /// # Errors
    /// When libtorch can't hold it.
    pub fn noise(&mut self, batch_size: usize) -> Result<Tensor> {
        latent_noise(&mut self.noise, &self.generator, batch_size)
    }

    /// Noise (count, latent) for pictures, from a stream of its own: looking does not change the training. After each
    /// iteration the stream goes on at a place that only the iteration decides, so that a run that was stopped, and showed
    /// what it had then, later shows what it would have shown.
    ///
    /// # Errors
    /// When libtorch can't hold it.
    pub fn sample_noise(&mut self, count: usize) -> Result<Tensor> {
        let steps = self.g_optimizer.steps();
        if self.sampled_at.replace(steps) != Some(steps) {
            random::set_position(&mut self.sample_noise, steps << 32);
        }
        latent_noise(&mut self.sample_noise, &self.generator, count)
    }

    /// What the generator makes now of the run's fixed noise and of fresh noise: 25 images each.
    ///
    /// # Errors
    /// When libtorch refuses.
    pub fn sample_images(&mut self) -> Result<Samples> {
        let fresh_z = self.sample_noise(25)?;
        Ok(Samples { fixed: self.generator.predict(&self.fixed_z)?, fresh: self.generator.predict(&fresh_z)? })
    }
}

/// The noise (25, latent) whose images a run of this seed shows from its first sample to its last.
///
/// # Errors
/// When libtorch can't hold it.
pub fn fixed_noise(seed: u64, generator: &Sequential) -> Result<Tensor> {
    latent_noise(&mut random::stream(seed, "fixed samples"), generator, 25)
}

/// Noise (count, latent) from N(0, 1) for this generator, on its device.
///
/// # Errors
/// When libtorch can't hold it.
pub fn latent_noise(rng: &mut random::Stream, generator: &Sequential, count: usize) -> Result<Tensor> {
    let shape = [&[count as i64], generator.input_shape()].concat();
    random::normal(rng, &shape, generator.device())
}
