//! The networks that settings name.

use super::{GanConfig, GanGame};
use crate::data::Dataset;
use crate::models::{Networks, Pair, build_discriminator_with};
use crate::nn::{Sequential, keras_shape};
use crate::{Error, Result};

impl GanConfig {
    fn pair(&self) -> Pair {
        Pair {
            networks: self.modern.networks,
            seed: self.seed,
            latent_dim: self.latent_dim,
            classes: self.modern.classes,
            size: self.size,
            batch_norm_momentum: self.batch_norm_momentum,
            spectral_normalization: self.modern.spectral_normalization,
        }
    }

    /// The shape of the generator's first kernel.
    pub(crate) fn first_kernel(&self) -> [i64; 2] {
        let outputs = match self.modern.networks {
            Networks::Tutorial => (self.size / 4).pow(2) * 256,
            Networks::Residual { width } => (self.size / 8).pow(2) * 4 * width,
        };
        [self.latent_dim + self.modern.classes, outputs]
    }

    /// The generator under this name, untrained.
    ///
    /// # Errors
    /// [`Error::Value`] for settings out of range.
    pub fn build_generator(&self, name: &str) -> Result<Sequential> {
        self.pair().generator(name)
    }

    /// The discriminator, untrained: the tutorial's ends in a sigmoid.
    ///
    /// # Errors
    /// [`Error::Value`] for settings out of range.
    pub fn build_discriminator(&self) -> Result<Sequential> {
        if self.modern.is_none() { build_discriminator_with(self.seed, self.size) } else { self.pair().discriminator() }
    }
}

impl GanGame {
    /// Whether the networks are of the images' size, and are told as many classes as there are.
    ///
    /// # Errors
    /// [`Error::Value`] if not.
    pub(super) fn check_fit(&self, x_train: &Dataset) -> Result<()> {
        let hint = "Build them for this data: Gan::new(config.for_data(&x_train)?).";
        let (found, own) = (x_train.image_shape(), self.discriminator.input_shape());
        if found != own {
            let [found, own] = [&found[..], own].map(keras_shape);
            return Err(Error::value(&format!("the shape of {}", x_train.name()), found, own, hint));
        }
        // On a GPU a class that is not there would pass unnoticed.
        let (found, own) = (x_train.class_names().len() as i64, self.config.modern.classes);
        if own > 0 && found > own {
            let wanted = format!("at most {own}, as many as the networks are told");
            return Err(Error::value(&format!("the classes of {}", x_train.name()), found, wanted, hint));
        }
        Ok(())
    }
}
