//! How long a run is, and how large its batches are.

use crate::{Error, Result};

/// The three numbers of the tutorial's `train_gan`, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// How many iterations.
    pub iterations: usize,
    /// Images a batch.
    pub batch_size: usize,
    /// Iterations from one sample to the next.
    pub sample_interval: usize,
}

impl Default for Plan {
    /// The tutorial's: 10,000 iterations of 32 images, a sample every 1,000.
    fn default() -> Self {
        Self { iterations: 10_000, batch_size: 32, sample_interval: 1_000 }
    }
}

/// How many iterations GAN_NB_MAX_STEPS allows, so that a whole notebook can be tried in a minute. None where it is not
/// set.
///
/// # Errors
/// [`Error::Value`] when the variable is not a whole number above 0.
pub fn max_steps() -> Result<Option<usize>> {
    let Ok(text) = std::env::var("GAN_NB_MAX_STEPS") else { return Ok(None) };
    match text.trim().parse().ok().filter(|cap| *cap > 0) {
        Some(cap) => Ok(Some(cap)),
        None => {
            let (found, hint) = (format!("{text:?}"), "Set or unset it.");
            Err(Error::value("GAN_NB_MAX_STEPS", found, "a whole number above 0", hint))
        }
    }
}
