//! A game in training: its record, its random numbers and the place where it is kept.

use super::sampling::{SAMPLES, fixed_noise_of};
use super::{Fit, Game, History, Keeper, Metrics, Observer, Plan, Session, State, Streams};
use crate::data::Dataset;
use crate::{Error, Result, random};
use std::ops::{Deref, DerefMut};
use tch::Tensor;

/// Any [`Game`] with what it takes to train, show, keep and resume it. The game's own fields are reached through it:
/// `gan.generator` is the generator of a [`Gan`](super::Gan).
#[derive(Debug)]
pub struct Trainer<G: Game> {
    pub(super) game: G,
    /// Noise for samples, the same for the whole run: (25, latent) for a [`Gan`](super::Gan).
    pub fixed_z: Tensor,
    /// The record of the run, whole or not: also of one that an error ended.
    pub history: History,
    pub(crate) random: Streams,
    /// Draws the noise of pictures,
    pub(super) sample_noise: random::Stream,
    /// last after so many steps.
    pub(super) sampled_at: Option<u64>,
    /// Where the training is kept.
    pub(crate) keeper: Option<Box<dyn Keeper>>,
}

impl<G: Game> Trainer<G> {
    /// A game that is to be trained with random numbers from this seed.
    ///
    /// # Errors
    /// [`Error::Value`] when two of its networks, optimizers or metrics have one name.
    pub fn of(mut game: G, seed: u64) -> Result<Self> {
        game.parts().validate()?;
        game.metrics().validate()?;
        let fixed_z = fixed_noise_of(&mut game, seed)?;
        let (history, sample_noise) = (History::default(), random::stream(seed, SAMPLES));
        Ok(Self { game, fixed_z, history, random: Streams::new(seed), sample_noise, sampled_at: None, keeper: None })
    }

    /// The game without its trainer.
    pub fn into_game(self) -> G {
        self.game
    }

    /// Trains in mixed precision from now on: all networks compute in 16 bits where that does no harm, and all optimizers
    /// scale their losses.
    #[must_use]
    pub fn mixed_precision(mut self) -> Self {
        self.game.parts().set_mixed_precision();
        self
    }

    /// Draws a batch from the run's seed and trains on it once.
    ///
    /// # Errors
    /// [`Error::Value`] when `batch_size` is 0 or larger than the data, [`Error::Memory`] when there is no room for it.
    pub fn train_iteration(&mut self, x_train: &Dataset, batch_size: usize) -> Result<Metrics> {
        let batch = self.labelled_batch(x_train, batch_size);
        let metrics = batch.and_then(|batch| self.game.step(&batch, &mut self.random));
        metrics.map_err(|error| Error::of_batch(batch_size, error))
    }

    /// Begins a run of so many iterations, or resumes one of the same numbers that was interrupted, be it in memory or in the
    /// folder that the training is [kept in](Self::keep_in).
    ///
    /// # Errors
    /// [`Error::Value`] for a count of 0 or a `batch_size` larger than the data, [`Error::Memory`] for one that can't fit,
    /// [`Error::Io`] or [`Error::File`] when the folder can't be used.
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
        Fit::new(self, x_train)
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

    /// The weights of all networks, each network's name before its own: `generator/conv2d/kernel`. These handles share their
    /// values with the networks.
    pub fn network_weights(&mut self) -> Vec<(String, Tensor)> {
        self.game.parts().network_weights()
    }

    /// All that training changes.
    pub(crate) fn state(&mut self) -> State<'_> {
        State { game: &mut self.game, history: &mut self.history, random: &mut self.random }
    }

    /// After the state was changed from outside: pictures follow the new steps.
    pub(crate) fn forget_samples(&mut self) {
        self.sampled_at = None;
    }
}

impl<G: Game> Deref for Trainer<G> {
    type Target = G;

    fn deref(&self) -> &G {
        &self.game
    }
}

impl<G: Game> DerefMut for Trainer<G> {
    fn deref_mut(&mut self) -> &mut G {
        &mut self.game
    }
}
