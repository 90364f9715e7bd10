//! A game in training: its record, its random numbers and the place where it is kept.

use super::noise::fixed_noise_of;
use super::recordings::Recordings;
use super::streams::SAMPLES;
use super::{Game, History, Keeper, Notice, Plan, State, Streams};
use crate::data::Dataset;
use crate::{Result, random};
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
    pub(super) recordings: Recordings,
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
    /// [`Error::Value`](crate::Error::Value) when two of its networks, optimizers or metrics have one name.
    pub fn of(mut game: G, seed: u64) -> Result<Self> {
        game.parts().validate()?;
        game.metrics().validate()?;
        let fixed_z = fixed_noise_of(&mut game, seed)?;
        let recordings = Recordings::new(game.parts().device());
        let (history, sample_noise) = (History::default(), random::stream(seed, SAMPLES));
        let random = Streams::new(seed);
        Ok(Self { game, fixed_z, history, random, recordings, sample_noise, sampled_at: None, keeper: None })
    }

    /// The game without its trainer.
    pub fn into_game(self) -> G {
        self.game
    }

    /// Trains in mixed precision from now on: all networks compute in 16 bits where that does no harm. On CUDA all optimizers
    /// scale their losses.
    #[must_use]
    pub fn mixed_precision(mut self) -> Self {
        self.game.parts().set_mixed_precision();
        self
    }

    /// The weights of all networks, each network's name before its own: `generator/conv2d/kernel`. These handles share their
    /// values with the networks.
    pub fn network_weights(&mut self) -> Vec<(String, Tensor)> {
        self.game.parts().network_weights()
    }

    /// Opens the record: the keeper's where that has the same run, else the interrupted one in memory, else a new one.
    pub(super) fn open_history(&mut self, plan: &Plan, x_train: &Dataset) -> Result<Vec<Notice>> {
        let before = self.game.parts().steps();
        if let Some(mut keeper) = self.keeper.take() {
            let notices = keeper.open(&mut self.state(), plan, x_train);
            self.keeper = Some(keeper);
            if self.game.parts().steps() != before {
                self.forget_samples();
            }
            return notices;
        }
        if !self.history.goes_on_with(plan) {
            self.history = History::new(plan.iterations, plan.sample_interval, self.metrics())?;
        }
        Ok(Vec::new())
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
