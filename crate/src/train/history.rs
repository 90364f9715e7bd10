//! What a run records, iteration by iteration.

use crate::{Error, Result};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// What one iteration gave.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The discriminator's loss on real images, before its step.
    #[serde(deserialize_with = "null_is_nan")]
    pub d_loss_real: f32,
    /// The fraction of real images that it takes for real.
    pub d_acc_real: f32,
    /// Its loss on fakes, before its step.
    #[serde(deserialize_with = "null_is_nan")]
    pub d_loss_fake: f32,
    /// The fraction of fakes that it takes for fake.
    pub d_acc_fake: f32,
    /// The generator's loss, before its step.
    #[serde(deserialize_with = "null_is_nan")]
    pub g_loss: f32,
    /// How long the iteration took, in seconds.
    pub seconds: f32,
}

impl Step {
    /// All numbers in their order, as a checkpoint has them.
    pub(crate) fn numbers(&self) -> [f32; 6] {
        [self.d_loss_real, self.d_acc_real, self.d_loss_fake, self.d_acc_fake, self.g_loss, self.seconds]
    }

    pub(crate) fn from_numbers([d_loss_real, d_acc_real, d_loss_fake, d_acc_fake, g_loss, seconds]: [f32; 6]) -> Self {
        Self { d_loss_real, d_acc_real, d_loss_fake, d_acc_fake, g_loss, seconds }
    }

    /// Mean of the discriminator's two losses, as the tutorial logs it.
    pub fn d_loss(&self) -> f32 {
        0.5 * (self.d_loss_real + self.d_loss_fake)
    }

    /// Mean of its two accuracies, as the tutorial logs it. It hides a 0 % beside a 100 %: look at the two.
    pub fn d_accuracy(&self) -> f32 {
        0.5 * (self.d_acc_real + self.d_acc_fake)
    }
}

/// The mean of a number of these steps; NaN for no steps.
pub(crate) fn mean(steps: &[Step], value: fn(&Step) -> f32) -> f64 {
    steps.iter().map(|step| f64::from(value(step))).sum::<f64>() / steps.len() as f64
}

/// JSON has no NaN: the loss of a run that has diverged is written as null.
fn null_is_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f32::NAN))
}

/// A run's record. In a notebook it shows itself as curves.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct History {
    /// How many iterations were asked for.
    pub planned: usize,
    /// The tutorial's `sample_interval`.
    pub sample_interval: usize,
    /// One entry for each iteration done.
    pub steps: Vec<Step>,
}

impl History {
    /// An empty record for this many iterations.
    ///
    /// # Errors
    /// [`Error::Value`] for a count of 0.
    pub fn new(planned: usize, sample_interval: usize) -> Result<Self> {
        for (name, value) in [("iterations", planned), ("sample_interval", sample_interval)] {
            if value == 0 {
                return Err(Error::value(name, value, "1 or more", "The tutorial takes 10000 and 1000."));
            }
        }
        Ok(Self { planned, sample_interval, steps: Vec::new() })
    }

    /// Adds an iteration.
    pub fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// How many iterations were done.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether none was done.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether all iterations that were asked for are done.
    pub fn is_complete(&self) -> bool {
        self.len() >= self.planned
    }

    /// Whether a training of these numbers goes on with it: they are its own, and it was stopped early.
    pub(crate) fn goes_on_with(&self, planned: usize, sample_interval: usize) -> bool {
        (self.planned, self.sample_interval) == (planned, sample_interval) && !self.is_empty() && !self.is_complete()
    }

    /// The last tenth of the iterations, one at least where there is one.
    pub fn last_tenth(&self) -> &[Step] {
        &self.steps[self.len() - (self.len() / 10).max(1).min(self.len())..]
    }

    /// Training time without pictures, in seconds.
    pub fn seconds(&self) -> f64 {
        self.steps.iter().map(|step| f64::from(step.seconds)).sum()
    }

    /// The tutorial's line for an iteration, with the two accuracies apart at its end.
    pub fn log_line(&self, iteration: usize) -> String {
        let Some(step) = self.steps.get(iteration) else { return format!("{iteration} [not trained]") };
        format!(
            "{iteration} [D loss: {:.4} | D accuracy: {:.1}] [G loss: {:.4}] (real {:.0} %, fake {:.0} %)",
            step.d_loss(),
            100.0 * step.d_accuracy(),
            step.g_loss,
            100.0 * step.d_acc_real,
            100.0 * step.d_acc_fake
        )
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(last) = self.len().checked_sub(1) else { return write!(f, "no iterations yet") };
        write!(
            f,
            "{} of {} iterations in {:.0} s ({:.3} s each); the last: {}",
            self.len(),
            self.planned,
            self.seconds(),
            self.seconds() / self.len() as f64,
            self.log_line(last)
        )
    }
}
