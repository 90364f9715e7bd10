//! How a classifier is built and trained.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// How a [`Classifier`](super::Classifier) is built and trained. The default is what CIFAR-10's figures are measured with: it
/// recognizes 81 % of the test images after 28,800 GFLOP, a few minutes on two cores. Any other gives other features, and figures
/// that can't be compared with those.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// Filters at 16 × 16 pixels, first of the stride-2 convolution and then of the next, at 8 × 8 and at 4 × 4. The last is the
    /// number of features.
    pub filters: [i64; 4],
    /// How often each picture is seen.
    pub epochs: usize,
    /// Pictures in each step.
    pub batch_size: usize,
    /// Adam's, at its highest: it rises in the first fifth of the steps and falls to 0 in the others.
    pub learning_rate: f64,
    /// By how many pixels pictures are shifted at most, up or down and left or right.
    pub shifts: i64,
    /// Whether pictures are mirrored at random, which is wrong for digits and letters.
    pub flips: bool,
    /// Where the first weights, the order of the pictures and their changes come from.
    pub seed: u64,
}

impl Default for Recipe {
    fn default() -> Self {
        Self {
            filters: [32, 48, 96, 128],
            epochs: 6,
            batch_size: 125,
            learning_rate: 6e-3,
            shifts: 2,
            flips: true,
            seed: 0,
        }
    }
}

impl Recipe {
    /// Steps of the training with so many pictures; what is left over of an epoch is not seen in it.
    pub(in crate::metrics) fn steps(&self, pictures: usize) -> usize {
        self.epochs * (pictures / self.batch_size.max(1))
    }

    /// # Errors
    /// [`Error::Value`] for the first setting that is out of its range.
    pub(super) fn validate(&self) -> Result<()> {
        let whole = |name: &str, value: i64| match value {
            1.. => Ok(()),
            _ => Err(Error::value(&format!("Recipe's {name}"), value, "1 or more", "Recipe::default() has good ones.")),
        };
        self.filters.iter().try_for_each(|&filters| whole("filters", filters))?;
        whole("epochs", i64::try_from(self.epochs).unwrap_or(i64::MAX))
    }
}
