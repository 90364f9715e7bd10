//! The settings of a run.

use super::modern_config::{ModernConfig, to_json};
use crate::data::Dataset;
use crate::models::{BATCH_NORM_MOMENTUM, LATENT_DIM, SIZE};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Everything that tells one run of the two networks from another.
///
/// ```
/// use gan_nb::train::GanConfig;
/// let mine = GanConfig { learning_rate: 5e-4, ..GanConfig::tutorial() };
/// assert_eq!(mine.beta_1, 0.9);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GanConfig {
    /// Where every random draw of the run comes from.
    pub seed: u64,
    /// Adam's step size, for both players.
    pub learning_rate: f64,
    /// Adam's momentum, for both players.
    pub beta_1: f64,
    /// Whether the fakes that the discriminator learns from are made with the batch's own statistics (`training=True`)
    /// or with the moving averages, as Keras's `predict` does.
    pub fakes_in_training_mode: bool,
    /// The target for real images: 1, or a little less (one-sided label smoothing, Salimans et al. 2016).
    pub real_label: f64,
    /// How many numbers of noise make one image.
    #[serde(default = "latent_dim")]
    pub latent_dim: i64,
    /// Height and width of the images, in pixels: a multiple of 8. [`for_data`](Self::for_data) takes it from a dataset.
    #[serde(default = "size", skip_serializing_if = "is_tutorial_size")]
    pub size: i64,
    /// How much of its moving statistics each of the generator's batch normalizations keeps at a batch.
    #[serde(default = "batch_norm_momentum")]
    pub batch_norm_momentum: f64,
    /// What goes beyond the tutorial; by default nothing does. `GanConfig::dcgan().loss(Loss::Hinge)` and the like set it.
    #[serde(default, skip_serializing_if = "ModernConfig::is_none")]
    pub modern: ModernConfig,
}

/// Runs saved before the last two settings were there had the tutorial's.
fn latent_dim() -> i64 {
    LATENT_DIM
}

/// Runs of this size are the same as those saved before there was another, so they don't name it.
fn size() -> i64 {
    SIZE
}

fn is_tutorial_size(size: &i64) -> bool {
    *size == SIZE
}

fn batch_norm_momentum() -> f64 {
    BATCH_NORM_MOMENTUM
}

impl GanConfig {
    /// The tutorial's settings, which are Keras's defaults: Adam 1e-3 with momentum 0.9, fakes by `predict`.
    pub fn tutorial() -> Self {
        Self {
            seed: 42,
            learning_rate: 1e-3,
            beta_1: 0.9,
            fakes_in_training_mode: false,
            real_label: 1.0,
            latent_dim: LATENT_DIM,
            size: SIZE,
            batch_norm_momentum: BATCH_NORM_MOMENTUM,
            modern: ModernConfig::default(),
        }
    }

    /// The settings of DCGAN (Radford, Metz & Chintala 2015), with the real label at 0.9.
    pub fn dcgan() -> Self {
        Self { learning_rate: 2e-4, beta_1: 0.5, fakes_in_training_mode: true, real_label: 0.9, ..Self::tutorial() }
    }

    /// The same for images of this dataset's size, and, where the networks are told the class, for its classes: a dataset with
    /// fewer than two has none to tell.
    ///
    /// ```
    /// use gan_nb::{data::Dataset, train::GanConfig};
    /// let photos = Dataset::new("mine", vec![0; 2 * 64 * 64 * 3], vec![0, 1], (64, 64, 3), &["cats", "dogs"])?;
    /// let config = GanConfig::modern().for_data(&photos)?;
    /// assert_eq!((config.size, config.modern.classes), (64, 2));
    /// # Ok::<(), gan_nb::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] for images that are not square, not in three channels, or not of a multiple of 8 pixels.
    pub fn for_data(mut self, data: &Dataset) -> Result<Self> {
        match data.image_shape() {
            [h, w, 3] if h == w => self.size = h,
            [h, w, c] => {
                let (name, hint) = (format!("the shape of {}", data.name()), "Dataset::from_folder makes such images.");
                return Err(Error::value(&name, format!("{h}x{w}x{c}"), "a square in three channels", hint));
            }
        }
        if self.modern.classes > 0 {
            self.modern.classes = data.classes();
        }
        self.validate()?;
        Ok(self)
    }

    /// As config.json holds it.
    pub(crate) fn to_json(&self) -> Result<serde_json::Value> {
        to_json(self)
    }

    /// All settings side by side, the tutorial's values included.
    pub(crate) fn to_flat_json(&self) -> Result<serde_json::Value> {
        let mut own = Self { modern: ModernConfig::default(), ..self.clone() }.to_json()?;
        if let (Some(own), serde_json::Value::Object(modern)) = (own.as_object_mut(), self.modern.to_json()?) {
            own.insert("size".into(), self.size.into());
            own.extend(modern);
        }
        Ok(own)
    }

    /// Checks each setting's range.
    ///
    /// # Errors
    /// [`Error::Value`] for the first that is out of it.
    pub fn validate(&self) -> Result<()> {
        let ranges = [
            (
                "learning_rate",
                self.learning_rate,
                0.0 < self.learning_rate && self.learning_rate <= 1.0,
                "above 0, at most 1",
            ),
            ("beta_1", self.beta_1, (0.0..1.0).contains(&self.beta_1), "at least 0, below 1"),
            ("real_label", self.real_label, 0.5 < self.real_label && self.real_label <= 1.0, "above 0.5, at most 1"),
            ("latent_dim", self.latent_dim as f64, (1..=10_000).contains(&self.latent_dim), "1 to 10000"),
            (
                "size",
                self.size as f64,
                (8..=1024).contains(&self.size) && self.size % 8 == 0,
                "a multiple of 8, 8 to 1024",
            ),
            (
                "batch_norm_momentum",
                self.batch_norm_momentum,
                (0.0..1.0).contains(&self.batch_norm_momentum),
                "at least 0, below 1",
            ),
        ];
        match ranges.into_iter().find(|(_, _, fits, _)| !fits) {
            None => self.modern.validate(),
            Some((name, value, _, range)) => {
                let hint = "GanConfig::tutorial() and GanConfig::dcgan() hold values that work.";
                Err(Error::value(&format!("GanConfig's {name}"), value, range, hint))
            }
        }
    }
}

impl Default for GanConfig {
    fn default() -> Self {
        Self::tutorial()
    }
}
