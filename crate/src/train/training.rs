//! The loop around the algorithm.

use super::{Game, History, Metrics, Observer, Plan, Session, Trainer};
use crate::data::Dataset;
use crate::{Error, Result};

impl<G: Game> Trainer<G> {
    /// Draws a batch from the run's seed and trains on it once.
    ///
    /// # Errors
    /// [`Error::Value`] when `batch_size` is 0 or larger than the data, [`Error::Memory`] when there is no room for it.
    pub fn train_iteration(&mut self, x_train: &Dataset, batch_size: usize) -> Result<Metrics> {
        let metrics = self.recordings.iterate(&mut self.game, &mut self.random, x_train, batch_size);
        metrics.map_err(|error| Error::of_batch(batch_size, error))
    }

    /// Begins a run of so many iterations, or resumes one of the same numbers that was interrupted, be it in memory or in the
    /// folder that the training is [kept in](Self::keep_in).
    ///
    /// # Errors
    /// [`Error::Value`] for a count of 0 or a `batch_size` larger than the data, [`Error::Memory`] for one that can't fit,
    /// [`Error::Busy`] while another training has the folder, [`Error::Io`] or [`Error::File`] when it can't be used.
    pub fn begin<'a>(
        &'a mut self,
        x_train: &Dataset,
        iterations: usize,
        batch_size: usize,
        sample_interval: usize,
        observer: &'a mut dyn Observer,
    ) -> Result<Session<'a, G>> {
        Session::begin(self, x_train, Plan { iterations, batch_size, sample_interval }, observer)
    }

    /// Trains and tells an observer. Called again, the networks go on from where they were: with what was left of an
    /// interrupted run, else with as many iterations more (a run that is [kept](Self::keep_in) is then complete, and is
    /// shown).
    ///
    /// # Errors
    /// As [`begin`](Self::begin), and the observer's.
    pub fn train_observed(
        &mut self,
        x_train: &Dataset,
        iterations: usize,
        batch_size: usize,
        sample_interval: usize,
        observer: &mut dyn Observer,
    ) -> Result<History> {
        let mut run = self.begin(x_train, iterations, batch_size, sample_interval, observer)?;
        while run.goes_on() {
            let metrics = run.gan.train_iteration(x_train, batch_size)?;
            run.record(metrics)?;
            if run.sample_is_due() {
                let samples = run.gan.sample_images()?;
                run.show(&samples)?;
            }
            run.keep()?;
        }
        run.finish()
    }
}
