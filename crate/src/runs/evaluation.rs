//! How good the images of runs are, after the fact.

use super::checkpoint::Checkpoint;
use super::measuring::noise;
use super::quality_file::Measured;
use super::{Run, Runs, Saved, lock};
use crate::Result;
use crate::metrics::{Evaluator, Quality};

impl Run {
    /// Measures `images` images of each checkpoint that is there and was not yet measured so, and keeps the
    /// [figures](Self::quality) in the folder. `progress` hears of each before it begins. With 10,000 the figures are those to
    /// publish.
    ///
    /// # Errors
    /// As [`Evaluator::measure`] and [`models`](Self::models), [`Error::Busy`](crate::Error::Busy) while a training has the
    /// folder, and [`Error::Io`](crate::Error::Io) when the disk refuses. What was measured before stays.
    pub fn evaluate(
        &self,
        evaluator: &Evaluator,
        images: usize,
        mut progress: impl FnMut(&Saved),
    ) -> Result<Vec<Measured>> {
        let _lock = lock::take(self.folder())?;
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
            let quality = config.measure(&generator, evaluator, images, &mut noise(config.seed))?;
            self.add_quality(Measured { iteration: saved.iteration, quality })?;
        }
        self.quality()
    }
}

impl Runs {
    /// Measures what of each run was not yet measured so, as [`Run::evaluate`] does: the table compares them by the figures.
    ///
    /// # Errors
    /// The first one that [`Run::evaluate`] gives; what was measured before stays in the folders.
    pub fn evaluate(mut self, evaluator: &Evaluator, images: usize) -> Result<Self> {
        for entry in &mut self.entries {
            entry.quality = entry.run.evaluate(evaluator, images, |_| {})?;
        }
        Ok(self)
    }
}
