//! How good a game's images are, by an evaluator.

use super::RunConfig;
use crate::data::Dataset;
use crate::metrics::{Evaluator, Quality};
use crate::train::Game;
use crate::{Error, Result, random};
use std::sync::{Arc, Mutex, PoisonError};
use tch::Tensor;

/// How many images are measured at each checkpoint while a run trains: seconds. The distances of fewer images are larger.
const MEASURED: usize = 2_000;

/// An evaluator for the checkpoints of a run in training.
#[derive(Clone, Debug)]
pub(super) struct Judge {
    evaluator: Arc<Mutex<Evaluator>>,
    /// How many images it is shown.
    images: usize,
}

impl Judge {
    pub fn new(evaluator: Evaluator, images: usize) -> Self {
        Self { evaluator: Arc::new(Mutex::new(evaluator)), images }
    }

    /// The one that the user's cache folder has for the data.
    pub fn kept_for(x_train: &Dataset) -> Option<Self> {
        Some(Self::new(Evaluator::kept_for(x_train)?, MEASURED))
    }

    /// Measures the images of a game in training, unless the stop button is pressed: then there are no figures.
    ///
    /// # Errors
    /// As [`Evaluator::measure`].
    pub fn measure_game(&self, game: &mut dyn Game, config: &RunConfig) -> Result<Option<Quality>> {
        let (shape, device) = (game.latent_shape(), game.parts().device());
        let classes = config.gan().map_or(0, |config| config.modern.classes);
        let mut noise = noise(config.seed);
        let evaluator = self.evaluator.lock().unwrap_or_else(PoisonError::into_inner);
        let measured = evaluator.measure(self.images, |_, count| {
            let z = random::normal(&mut noise, &[&[count as i64], &shape[..]].concat(), device)?;
            // As a sample has them: in turn.
            let numbers: Vec<i64> = (0..count as i64).map(|i| i % classes.max(1)).collect();
            let made_for = (classes > 0).then(|| Tensor::f_from_slice(&numbers)).transpose()?;
            Ok((game.sample(&z)?, made_for))
        });
        match measured {
            Err(Error::Stopped { .. }) => Ok(None),
            other => other.map(Some),
        }
    }
}

/// What the measured images are drawn from, which stays the same through the run.
pub(super) fn noise(seed: u64) -> random::Stream {
    random::stream(seed, "images to measure")
}
