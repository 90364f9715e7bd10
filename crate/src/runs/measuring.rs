//! How good a game's images are, by an evaluator.

use super::RunConfig;
use crate::data::Dataset;
use crate::metrics::{Evaluator, Quality};
use crate::train::Game;
use crate::{Error, Result, random};
use std::sync::{Arc, Mutex, PoisonError};
use tch::{Device, Tensor};

/// How many images are measured at each checkpoint while a run trains: seconds. The distances of fewer images are larger.
const MEASURED: usize = 2_000;
/// Their noise, which stays the same through the run.
const STREAM: &str = "images to measure";

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

    /// Measures the images of a game in training, unless it makes no photos like these, or the stop button is pressed: then there
    /// are no figures.
    ///
    /// # Errors
    /// As [`Evaluator::measure`].
    pub fn measure_game(
        &self,
        game: &mut dyn Game,
        config: &RunConfig,
        image_shape: &[i64],
    ) -> Result<Option<Quality>> {
        let noise = Noise { seed: config.seed, shape: game.latent_shape(), device: game.parts().device() };
        if game.sample(&noise.draw(&mut noise.stream(), 1)?)?.size()[1..] != *image_shape {
            return Ok(None);
        }
        let classes = config.gan().map_or(0, |config| config.modern.classes);
        let evaluator = self.evaluator.lock().unwrap_or_else(PoisonError::into_inner);
        match measure(&evaluator, self.images, classes, &noise, |z| game.sample(z)) {
            Err(Error::Stopped { .. }) => Ok(None),
            other => other.map(Some),
        }
    }
}

/// What the images are drawn from.
pub(super) struct Noise {
    pub seed: u64,
    /// Of one image.
    pub shape: Vec<i64>,
    pub device: Device,
}

impl Noise {
    fn stream(&self) -> random::Stream {
        random::stream(self.seed, STREAM)
    }

    fn draw(&self, stream: &mut random::Stream, count: usize) -> Result<Tensor> {
        random::normal(stream, &[&[count as i64], &self.shape[..]].concat(), self.device)
    }
}

/// Images of all classes in turn, where there are any.
///
/// # Errors
/// As [`Evaluator::measure`].
pub(super) fn measure(
    evaluator: &Evaluator,
    images: usize,
    classes: i64,
    noise: &Noise,
    draw: impl Fn(&Tensor) -> Result<Tensor>,
) -> Result<Quality> {
    let mut stream = noise.stream();
    evaluator.measure(images, |_, count| {
        let numbers: Vec<i64> = (0..count as i64).map(|i| if classes > 0 { i % classes } else { 0 }).collect();
        let made_for = if classes > 0 { Some(Tensor::f_from_slice(&numbers)?) } else { None };
        Ok((draw(&noise.draw(&mut stream, count)?)?, made_for))
    })
}
