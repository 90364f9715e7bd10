//! What a generator that was trained with these settings draws.

use super::{GanConfig, latent_noise};
use crate::metrics::{Evaluator, Quality};
use crate::nn::Sequential;
use crate::{Error, Result, random};
use tch::Tensor;

/// The noise with which an average's batch normalizations are measured: so many batches of so many images.
const STREAM: &str = "statistics of the average";
const BATCHES: usize = 16;
const BATCH: i64 = 64;

impl GanConfig {
    /// Images of this noise by a generator of these settings: of one class, or of all classes in turn.
    ///
    /// # Shapes
    /// `z`: (N, latent) → (N, H, W, C) in [−1, 1]
    ///
    /// # Errors
    /// [`Error::Value`] for a class that is not there, or for any class where the networks know none; as
    /// [`Sequential::predict_with`].
    pub fn draw(&self, generator: &Sequential, z: &Tensor, class: Option<i64>) -> Result<Tensor> {
        let count = z.size().first().copied().unwrap_or_default();
        generator.predict_with(z, self.classes_of(generator, count, class)?.as_ref())
    }

    /// Measures the batch normalizations of an average of generators, always with the same noise.
    pub(crate) fn measure_statistics(&self, average: &Sequential) -> Result<()> {
        let mut stream = random::stream(self.seed, STREAM);
        let classes = self.classes_of(average, BATCH, None)?;
        let batches = (0..BATCHES).map(|_| {
            let z = random::normal(&mut stream, &[BATCH, self.latent_dim], average.device())?;
            Ok((z, classes.as_ref().map(Tensor::shallow_clone)))
        });
        average.measure_statistics(batches.collect::<Result<Vec<_>>>()?)
    }

    /// The condition for so many images; none where the networks are told nothing.
    fn classes_of(&self, generator: &Sequential, count: i64, class: Option<i64>) -> Result<Option<Tensor>> {
        let classes = self.modern.classes;
        if let Some(class) = class.filter(|class| !(0..classes).contains(class)) {
            let (expected, hint) = match classes {
                0 => ("none".into(), "These networks are told no class; GanConfig::classes makes some that are."),
                _ => (format!("0 to {}", classes - 1), "Take a class of the data."),
            };
            return Err(Error::value("the class", class, expected, hint));
        }
        if classes == 0 {
            return Ok(None);
        }
        let numbers: Vec<i64> = (0..count).map(|i| class.unwrap_or(i % classes)).collect();
        Ok(Some(Tensor::f_from_slice(&numbers)?.f_to_device(generator.device())?))
    }

    /// How good the images of a generator of these settings are, of all classes in turn where it is told one.
    ///
    /// # Errors
    /// As [`Evaluator::measure`] and [`draw`](Self::draw).
    pub fn measure(
        &self,
        generator: &Sequential,
        evaluator: &Evaluator,
        images: usize,
        noise: &mut random::Stream,
    ) -> Result<Quality> {
        evaluator.measure(images, |_, count| {
            let z = latent_noise(noise, generator, count)?;
            let classes = self.classes_of(generator, count as i64, None)?;
            Ok((generator.predict_with(&z, classes.as_ref())?, classes))
        })
    }
}
