//! How good a run's images are, by an evaluator.

use super::checkpoint::Checkpoint;
use super::quality_file::Measured;
use super::{Run, RunConfig, Saved};
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

impl Run {
    /// Measures `images` images of each checkpoint that is there and was not yet measured so, and keeps the
    /// [figures](Self::quality) in the folder. `progress` hears of each before it begins. With 10,000 the figures are those to
    /// publish.
    ///
    /// # Errors
    /// As [`Evaluator::measure`] and [`models`](Self::models), and [`Error::Io`] when the disk refuses. What was measured before
    /// stays.
    pub fn evaluate(
        &self,
        evaluator: &Evaluator,
        images: usize,
        mut progress: impl FnMut(&Saved),
    ) -> Result<Vec<Measured>> {
        let classifier = evaluator.classifier().md5()?;
        for saved in self.checkpoints()? {
            let is_measured = |own: &Quality| own.images == images && own.classifier == classifier;
            if saved.quality.as_ref().is_some_and(is_measured) {
                continue;
            }
            progress(&saved);
            let checkpoint = Checkpoint::read(&saved.path)?;
            let config = checkpoint.gan_config()?;
            let (generator, _) = checkpoint.models()?;
            let shape = generator.input_shape().to_vec();
            let noise = Noise { seed: config.seed, shape, device: generator.device() };
            let draw = |z: &Tensor| config.draw(&generator, z, None);
            let quality = measure(evaluator, images, config.modern.classes, &noise, draw)?;
            self.add_quality(Measured { iteration: saved.iteration, quality })?;
        }
        self.quality()
    }
}

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
struct Noise {
    seed: u64,
    /// Of one image.
    shape: Vec<i64>,
    device: Device,
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
fn measure(
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
