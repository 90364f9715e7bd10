//! The settings that go beyond the tutorial's.

use crate::imaging::DiffAugment;
use crate::loss::cross_entropy::{self, binary_crossentropy_to};
use crate::loss::{binary_crossentropy, hinge, relativistic, wasserstein};
use crate::models::Networks;
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
    /// The discriminator's, from its scores of photos and of fakes; `real_label` () is the cross-entropy's.
    pub(super) fn discriminator(self, real: &Tensor, fake: &Tensor, real_label: &Tensor) -> Result<Tensor> {
        match self {
            Self::CrossEntropy => {
                Ok(binary_crossentropy_to(real_label, real)?.f_add(&binary_crossentropy(0.0, fake)?)?)
            }
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

/// What a [`GanConfig`](super::GanConfig) has besides the tutorial's settings. The default is the tutorial itself: nothing of it.
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

/// Settings as JSON.
pub(super) fn to_json(settings: &impl Serialize) -> Result<serde_json::Value> {
    serde_json::to_value(settings)
        .map_err(|error| Error::value("the GanConfig", error, "numbers that JSON can hold", "See GanConfig::validate."))
}
