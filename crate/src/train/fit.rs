//! A run's numbers by name.

use super::{Game, History, Observer, Plan, Trainer};
use crate::Result;
use crate::data::Dataset;

/// A run about to begin, from [`Trainer::fit`]: the tutorial's numbers until others are named.
#[derive(Debug)]
#[must_use = "nothing is trained before run() or observed_by()"]
pub struct Fit<'a, G: Game> {
    pub(crate) gan: &'a mut Trainer<G>,
    pub(crate) x_train: &'a Dataset,
    pub(crate) plan: Plan,
}

impl<G: Game> Trainer<G> {
    /// The numbers of a run by name, in place of the three of `train_gan`.
    ///
    /// ```
    /// use gan_nb::{data::Shapes, train::{Gan, GanConfig}};
    /// # fn main() -> gan_nb::Result<()> {
    /// let mut gan = Gan::new(GanConfig::dcgan())?;
    /// let history = gan.fit(&Shapes::generate(64, 1)?).iterations(1).batch_size(8).sample_interval(1).run()?;
    /// assert_eq!(history.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn fit<'a>(&'a mut self, x_train: &'a Dataset) -> Fit<'a, G> {
        Fit { gan: self, x_train, plan: Plan::default() }
    }
}

impl<G: Game> Fit<'_, G> {
    /// How many iterations.
    pub fn iterations(mut self, iterations: usize) -> Self {
        self.plan.iterations = iterations;
        self
    }

    /// Images a batch.
    pub fn batch_size(mut self, batch_size: usize) -> Self {
        self.plan.batch_size = batch_size;
        self
    }

    /// Iterations from one sample to the next.
    pub fn sample_interval(mut self, sample_interval: usize) -> Self {
        self.plan.sample_interval = sample_interval;
        self
    }

    /// Trains and tells an observer; [`run`](Self::run) tells the notebook.
    ///
    /// # Errors
    /// As [`Trainer::begin`], and the observer's.
    pub fn observed_by(self, observer: &mut dyn Observer) -> Result<History> {
        let Plan { iterations, batch_size, sample_interval } = self.plan;
        self.gan.train_observed(self.x_train, iterations, batch_size, sample_interval, observer)
    }
}
