//! The steps from the tutorial to a modern GAN, and settings that have taken them all.

use super::{GanConfig, Loss};
use crate::imaging::DiffAugment;
use crate::models::Networks;

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
    /// R1 and R2 (after R3GAN, Huang et al. 2024), Adam (0, 0.99), flips and a moving average. Made for 8,000 iterations of 64 images,
    /// over whose second half the learning rates fall to 0: 35 minutes on two AVX2 cores that do 160 GFLOP/s.
    pub fn modern() -> Self {
        let residual = Self { learning_rate: 1.2e-3, latent_dim: 128, batch_norm_momentum: 0.9, ..Self::dcgan() };
        let residual = Self { real_label: 1.0, ..residual }.networks(Networks::Residual { width: 48 });
        let told = residual.classes(10).loss(Loss::Relativistic).gradient_penalty(0.05, 4);
        told.betas(0.0, 0.99).flips().average(0.999).decay(4_000, 8_000)
    }

    /// The tutorial's two networks with what has been learned since, at the tutorial's cost an iteration: told the class, with the
    /// relativistic loss, R1 and R2, Adam (0, 0.99), flips and a moving average. Made for 4,400 iterations of 32 images, over whose
    /// second half the learning rates fall to 0: 10 minutes on two such cores.
    pub fn modern_tutorial_networks() -> Self {
        let told = Self { learning_rate: 1.2e-3, real_label: 1.0, ..Self::dcgan() }.classes(10);
        let penalized = told.loss(Loss::Relativistic).gradient_penalty(0.05, 4);
        penalized.betas(0.0, 0.99).flips().average(0.999).decay(2_200, 4_400)
    }
}
