//! What a training draws: batches, noise, and images of noise.

use super::noise::noise_shape;
use super::streams::{BATCHES, NOISE};
use super::{Batch, Game, Samples, Trainer};
use crate::data::Dataset;
use crate::{Result, random};
use tch::{Device, Tensor};

impl<G: Game> Trainer<G> {
    /// The device of the game's networks.
    pub fn device(&mut self) -> Device {
        self.game.parts().device()
    }

    /// Real images (B, H, W, C) in [−1, 1] on the networks' device, drawn with the run's seed.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) when `batch_size` is 0 or larger than the data.
    pub fn real_batch(&mut self, x_train: &Dataset, batch_size: usize) -> Result<Tensor> {
        let device = self.device();
        x_train.random_batch_on(device, batch_size, self.random.get(BATCHES))
    }

    /// The same images with their classes.
    ///
    /// # Errors
    /// As [`real_batch`](Self::real_batch).
    pub fn labelled_batch(&mut self, x_train: &Dataset, batch_size: usize) -> Result<Batch> {
        let device = self.device();
        let (images, labels) = x_train.random_labelled_batch_on(device, batch_size, self.random.get(BATCHES))?;
        Ok(Batch { images, labels })
    }

    /// Noise (B, latent shape…) from N(0, 1) on the networks' device, drawn with the run's seed.
    ///
    /// # Errors
    /// When libtorch can't hold it.
    pub fn noise(&mut self, batch_size: usize) -> Result<Tensor> {
        let (shape, device) = (noise_shape(&self.game, batch_size), self.device());
        random::normal(self.random.get(NOISE), &shape, device)
    }

    /// Noise (count, latent shape…) for pictures, from a stream of its own: looking does not change the training. After each
    /// iteration the stream continues from a place that only the iteration decides, so that a run that was stopped, and showed
    /// what it had then, later shows what it would have shown.
    ///
    /// # Errors
    /// When libtorch can't hold it.
    pub fn sample_noise(&mut self, count: usize) -> Result<Tensor> {
        let (steps, device) = (self.game.parts().steps(), self.device());
        if self.sampled_at.replace(steps) != Some(steps) {
            random::set_position(&mut self.sample_noise, steps << 32);
        }
        random::normal(&mut self.sample_noise, &noise_shape(&self.game, count), device)
    }

    /// What the game makes now of the run's fixed noise and of fresh noise.
    ///
    /// # Errors
    /// The game's.
    pub fn sample_images(&mut self) -> Result<Samples> {
        let fresh_z = self.sample_noise(self.game.sample_count())?;
        Ok(Samples { fixed: self.game.sample(&self.fixed_z)?, fresh: self.game.sample(&fresh_z)? })
    }
}
