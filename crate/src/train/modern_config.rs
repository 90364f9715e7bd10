//! The settings that go beyond the tutorial's, and how a [`GanConfig`] is given them.

use super::GanConfig;
use super::config::to_json;
use crate::imaging::DiffAugment;
use crate::loss::{binary_crossentropy, cross_entropy, hinge, relativistic, wasserstein};
use crate::models::{Networks, Pair, build_discriminator};
use crate::nn::Sequential;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use tch::Tensor;

/// What the two players minimize: see [`loss`](crate::loss).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Of the first GANs and the tutorial's.
    #[default]
    CrossEntropy,
    /// With a margin.
    Hinge,
    /// A distance; [`gamma`](ModernConfig::gamma) then weighs the penalty on slopes other than 1 (10 in its paper).
    Wasserstein,
    /// Photos and fakes compared in pairs; wants R1 and R2.
    Relativistic,
}

impl Loss {
    /// The discriminator's, from its scores of photos and of fakes; `real_label` is the cross-entropy's.
    pub(super) fn discriminator(self, real: &Tensor, fake: &Tensor, real_label: f64) -> Result<Tensor> {
        match self {
            Self::CrossEntropy => Ok(binary_crossentropy(real_label, real)?.f_add(&binary_crossentropy(0.0, fake)?)?),
            Self::Hinge => hinge::discriminator(real, fake),
            Self::Wasserstein => wasserstein::discriminator(real, fake),
            Self::Relativistic => relativistic::discriminator(real, fake),
        }
    }

    /// The generator's, from the scores of its fakes and of the photos beside them.
    pub(super) fn generator(self, real: &Tensor, fake: &Tensor) -> Result<Tensor> {
        match self {
            Self::CrossEntropy => cross_entropy::generator(fake),
            Self::Hinge => hinge::generator(fake),
            Self::Wasserstein => wasserstein::generator(fake),
            Self::Relativistic => relativistic::generator(real, fake),
        }
    }
}

/// What a [`GanConfig`] has besides the tutorial's settings. The default is the tutorial itself: nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModernConfig {
    /// What the two networks are made of.
    pub networks: Networks,
    /// What they minimize.
    pub loss: Loss,
    /// How many classes both networks are told; 0 for none.
    pub classes: i64,
    /// Whether the discriminator's kernels are divided by their spectral norms.
    pub spectral_normalization: bool,
    /// The weight γ of R1 and R2, the penalties on the discriminator's slope at photos and at fakes; 0 for none.
    pub gamma: f64,
    /// They come every so many iterations, that much stronger.
    pub penalty_interval: u64,
    /// Adam's step size for the discriminator where it is not the generator's (Heusel et al. 2017).
    pub d_learning_rate: Option<f64>,
    /// How much of the mean squared gradient Adam keeps.
    pub beta_2: f64,
    /// The iteration at which both learning rates begin to fall, in a straight line,
    pub decay_from: u64,
    /// and that at which they reach 0; 0 for never.
    pub decay_to: u64,
    /// Whether photos are mirrored at random.
    pub flips: bool,
    /// What is done to all that the discriminator sees.
    pub augment: DiffAugment,
    /// How much of the moving average of the generator's weights is kept at each iteration; 0 for no average. With one, the
    /// average draws the samples.
    pub average: f64,
}

impl Default for ModernConfig {
    fn default() -> Self {
        Self {
            networks: Networks::Tutorial,
            loss: Loss::CrossEntropy,
            classes: 0,
            spectral_normalization: false,
            gamma: 0.0,
            penalty_interval: 1,
            d_learning_rate: None,
            beta_2: 0.999,
            decay_from: 0,
            decay_to: 0,
            flips: false,
            augment: DiffAugment::default(),
            average: 0.0,
        }
    }
}

impl ModernConfig {
    pub(super) fn to_json(self) -> Result<serde_json::Value> {
        to_json(&self)
    }

    /// Whether it is the tutorial itself.
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Checks each setting's range.
    ///
    /// # Errors
    /// [`Error::Value`] for the first that is out of it.
    pub(super) fn validate(&self) -> Result<()> {
        let width = match self.networks {
            Networks::Tutorial => 2,
            Networks::Residual { width } => width,
        };
        let d_rate = self.d_learning_rate.unwrap_or(1.0);
        let ranges = [
            ("width", width as f64, (2..=1024).contains(&width) && width % 2 == 0, "an even number, 2 to 1024"),
            ("classes", self.classes as f64, (0..=1000).contains(&self.classes), "0 to 1000"),
            ("gamma", self.gamma, (0.0..=1000.0).contains(&self.gamma), "0 to 1000"),
            ("penalty_interval", self.penalty_interval as f64, self.penalty_interval > 0, "1 or more"),
            ("d_learning_rate", d_rate, 0.0 < d_rate && d_rate <= 1.0, "above 0, at most 1"),
            ("beta_2", self.beta_2, (0.0..1.0).contains(&self.beta_2), "at least 0, below 1"),
            (
                "decay_to",
                self.decay_to as f64,
                self.decay_to == 0 || self.decay_from < self.decay_to,
                "more than decay_from, or 0",
            ),
            ("average", self.average, (0.0..1.0).contains(&self.average), "at least 0, below 1"),
        ];
        match ranges.into_iter().find(|(_, _, fits, _)| !fits) {
            None => Ok(()),
            Some((name, value, _, range)) => {
                let hint = "GanConfig::modern() holds values that work.";
                Err(Error::value(&format!("GanConfig's {name}"), value, range, hint))
            }
        }
    }
}

/// The networks that settings name.
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
    /// [`Error::Value`] for settings out of range.
    pub fn build_generator(&self, name: &str) -> Result<Sequential> {
        self.pair().generator(name)
    }

    /// The discriminator, untrained: the tutorial's ends in a sigmoid.
    ///
    /// # Errors
    /// [`Error::Value`] for settings out of range.
    pub fn build_discriminator(&self) -> Result<Sequential> {
        if self.modern.is_none() { build_discriminator(self.seed) } else { self.pair().discriminator() }
    }
}

/// One step from the tutorial to a modern GAN each.
impl GanConfig {
    /// Both networks are told the class of each image, one of so many (Mirza & Osindero 2014; Miyato & Koyama 2018).
    #[must_use]
    pub fn classes(mut self, classes: i64) -> Self {
        self.modern.classes = classes;
        self
    }

    /// What the two players minimize.
    #[must_use]
    pub fn loss(mut self, loss: Loss) -> Self {
        self.modern.loss = loss;
        self
    }

    /// What the two networks are made of.
    #[must_use]
    pub fn networks(mut self, networks: Networks) -> Self {
        self.modern.networks = networks;
        self
    }

    /// Divides the discriminator's kernels by their spectral norms (Miyato et al. 2018).
    #[must_use]
    pub fn spectral_normalization(mut self) -> Self {
        self.modern.spectral_normalization = true;
        self
    }

    /// Penalties on the discriminator's slope, of weight `gamma`, every so many iterations (Mescheder et al. 2018; for
    /// [`Loss::Wasserstein`] that of Gulrajani et al. 2017).
    #[must_use]
    pub fn gradient_penalty(mut self, gamma: f64, interval: u64) -> Self {
        (self.modern.gamma, self.modern.penalty_interval) = (gamma, interval);
        self
    }

    /// Adam's two momenta.
    #[must_use]
    pub fn betas(mut self, beta_1: f64, beta_2: f64) -> Self {
        (self.beta_1, self.modern.beta_2) = (beta_1, beta_2);
        self
    }

    /// Adam's step sizes, the generator's and the discriminator's.
    #[must_use]
    pub fn learning_rates(mut self, generator: f64, discriminator: f64) -> Self {
        (self.learning_rate, self.modern.d_learning_rate) = (generator, Some(discriminator));
        self
    }

    /// Both learning rates fall in a straight line to 0 between these two iterations.
    #[must_use]
    pub fn decay(mut self, from: u64, to: u64) -> Self {
        (self.modern.decay_from, self.modern.decay_to) = (from, to);
        self
    }

    /// Mirrors photos at random.
    #[must_use]
    pub fn flips(mut self) -> Self {
        self.modern.flips = true;
        self
    }

    /// Changes all that the discriminator sees (Zhao et al. 2020).
    #[must_use]
    pub fn augment(mut self, augment: DiffAugment) -> Self {
        self.modern.augment = augment;
        self
    }

    /// A moving average of the generator's weights draws the samples.
    #[must_use]
    pub fn average(mut self, decay: f64) -> Self {
        self.modern.average = decay;
        self
    }

    /// A modern GAN that learns the ten classes of CIFAR-10: residual blocks 48 wide, told the class, with the relativistic loss,
    /// R1 and R2 (after R3GAN, Huang et al. 2024), Adam (0, 0.99), flips and a moving average. Made for 20,000 iterations of 64
    /// images, over whose second half the learning rates fall to 0.
    pub fn modern() -> Self {
        let residual = Self { learning_rate: 3e-4, latent_dim: 128, batch_norm_momentum: 0.9, ..Self::dcgan() };
        let residual = Self { real_label: 1.0, ..residual }.networks(Networks::Residual { width: 48 });
        residual.class_conditional_relativistic().decay(10_000, 20_000)
    }

    /// The tutorial's two networks with what has been learned since, at the tutorial's cost an iteration: told the class, with the
    /// hinge loss, spectral normalization, two learning rates, Adam (0, 0.99), flips and a moving average. Made for 5,000 iterations
    /// of 32 images, over whose second half the learning rates fall to 0.
    pub fn modern_tutorial_networks() -> Self {
        let tutorial = Self { real_label: 1.0, ..Self::dcgan() }.classes(10).loss(Loss::Hinge).spectral_normalization();
        tutorial.learning_rates(2e-4, 4e-4).betas(0.0, 0.99).flips().average(0.999).decay(2_500, 5_000)
    }

    fn class_conditional_relativistic(self) -> Self {
        let told = self.classes(10).loss(Loss::Relativistic).gradient_penalty(0.05, 4);
        told.betas(0.0, 0.99).flips().average(0.999)
    }
}
