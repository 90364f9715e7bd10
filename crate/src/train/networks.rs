//! The networks that settings name.

use super::GanConfig;
use crate::Result;
use crate::models::{Networks, Pair, build_discriminator};
use crate::nn::Sequential;

impl GanConfig {
    fn pair(&self) -> Pair {
        Pair {
            networks: self.modern.networks,
            seed: self.seed,
            latent_dim: self.latent_dim,
            classes: self.modern.classes,
            size: 32,
            batch_norm_momentum: self.batch_norm_momentum,
            spectral_normalization: self.modern.spectral_normalization,
        }
    }

    /// The shape of the generator's first kernel.
    pub(crate) fn first_kernel(&self) -> [i64; 2] {
        let outputs = match self.modern.networks {
            Networks::Tutorial => 8 * 8 * 256,
            Networks::Residual { width } => 4 * 4 * 4 * width,
        };
        [self.latent_dim + self.modern.classes, outputs]
    }

    /// The generator under this name, untrained.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) for settings out of range.
    pub fn build_generator(&self, name: &str) -> Result<Sequential> {
        self.pair().generator(name)
    }

    /// The discriminator, untrained: the tutorial's ends in a sigmoid.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) for settings out of range.
    pub fn build_discriminator(&self) -> Result<Sequential> {
        if self.modern.is_none() { build_discriminator(self.seed) } else { self.pair().discriminator() }
    }
}
