//! Iterations as one order to the device.
//!
//! A GPU does the tutorial's iteration sooner than the host can ask for its 400 steps one by one. So the first few iterations are
//! asked for step by step, the next is recorded, and all others of its kind are repeated as a whole. Nothing else changes: the
//! same batches, noise and rates are drawn for each on the host, and the game's counters go on.

use super::streams::BATCHES;
use super::{Batch, Game, Metrics, Notice, Streams};
use crate::Result;
use crate::data::Dataset;
use crate::platform::ffi;
use crate::platform::graphs::{Recorded, Recorder, recorder_of};
use crate::platform::tape::{self, Feed, Tape};
use tch::Device;

/// How many kinds of iteration are remembered.
const KINDS: usize = 8;

/// The recordings of a training.
#[derive(Debug)]
pub(super) struct Recordings {
    recorder: Option<Box<dyn Recorder>>,
    kinds: Vec<(Kind, State)>,
    /// The game's counters as the last iteration left them.
    counters: Vec<u64>,
    /// Why nothing is recorded, until it is told,
    notice: Option<Notice>,
    /// once.
    noticed: bool,
}

/// All that decides what an iteration asks of the device.
#[derive(Debug, PartialEq)]
struct Kind {
    game: u64,
    batch_size: usize,
    data: usize,
    /// Where each weight and moment lies, and whether gradients are computed for it.
    tensors: Vec<(usize, bool)>,
    settings: String,
}

#[derive(Debug)]
enum State {
    /// Done once, so that libtorch has chosen its algorithms.
    Seen,
    /// What the host gave in the second.
    Heard(Tape),
    /// The third was like it.
    Understood(Tape),
    Recorded(Recording),
    Refused,
}

#[derive(Debug)]
struct Recording {
    graph: Box<dyn Recorded>,
    feed: Feed,
    tape: Tape,
    metrics: Metrics,
    /// By how much each counter of the game grows.
    counts: Vec<u64>,
}

/// An iteration of a game, step by step.
struct Plain<'a, G: Game> {
    game: &'a mut G,
    random: &'a mut Streams,
    x_train: &'a Dataset,
    batch_size: usize,
}

impl<G: Game> Plain<'_, G> {
    fn step(&mut self) -> Result<Metrics> {
        let (device, rng) = (self.device(), self.random.get(BATCHES));
        let (images, labels) = self.x_train.random_labelled_batch_on(device, self.batch_size, rng)?;
        self.game.step(&Batch { images, labels }, self.random)
    }

    fn device(&mut self) -> Device {
        self.game.parts().device()
    }

    fn counters(&mut self) -> Vec<u64> {
        self.game.parts().counters.iter().map(|(_, counter)| **counter).collect()
    }

    fn set_counters(&mut self, values: &[u64]) {
        self.game.parts().counters.iter_mut().zip(values).for_each(|((_, counter), value)| **counter = *value);
    }

    /// The kind of the next iteration, or why none can be recorded.
    fn kind(&mut self) -> Result<Kind, String> {
        let (game, own) = (self.game.kind_of_iteration(), self.game.settings().map_err(|error| error.to_string())?);
        let parts = self.game.parts();
        if game.is_none() && !parts.counters.is_empty() {
            return Err("the game has counters, and no kind_of_iteration() that says what they decide".into());
        }
        let mut settings = vec![own.to_string()];
        for (name, optimizer) in &parts.optimizers {
            let fixed = optimizer.recorded_settings();
            settings.push(fixed.ok_or_else(|| format!("{name} has no recorded_settings()"))?.to_string());
        }
        settings.push(format!("{:?}", ffi::tf32().map_err(|error| error.to_string())?));
        settings.extend(parts.networks.iter().map(|network| network.is_in_mixed_precision().to_string()));
        let place = |(_, x): (_, tch::Tensor)| (x.data_ptr() as usize, x.requires_grad());
        let tensors = parts.all_tensors().into_iter().map(place).collect();
        let data = self.x_train.address_on(parts.device()).map_err(|error| error.to_string())?;
        Ok(Kind {
            game: game.unwrap_or_default(),
            batch_size: self.batch_size,
            data,
            tensors,
            settings: settings.concat(),
        })
    }
}

impl Recordings {
    pub fn new(device: Device) -> Self {
        Self { recorder: recorder_of(device), kinds: Vec::new(), counters: Vec::new(), notice: None, noticed: false }
    }

    /// With another recorder, as tests need it.
    #[cfg(test)]
    pub fn with(recorder: Box<dyn Recorder>) -> Self {
        Self { recorder: Some(recorder), ..Self::new(Device::Cpu) }
    }

    /// Why the iterations are asked for step by step, once.
    pub fn take_notice(&mut self) -> Option<Notice> {
        self.notice.take()
    }

    fn refuse(&mut self, why: String) -> State {
        if !std::mem::replace(&mut self.noticed, true) {
            self.notice = Some(Notice::NotRecorded { why });
        }
        State::Refused
    }

    /// Draws a batch and trains on it once, in whatever way is fastest.
    ///
    /// # Errors
    /// The game's.
    pub fn iterate<G: Game>(
        &mut self,
        game: &mut G,
        random: &mut Streams,
        x_train: &Dataset,
        batch_size: usize,
    ) -> Result<Metrics> {
        let mut plain = Plain { game, random, x_train, batch_size };
        if self.recorder.is_none() {
            return plain.step();
        }
        if plain.counters() != self.counters {
            self.kinds.clear(); // set from outside: those who count along don't know
        }
        let metrics = match plain.kind() {
            Ok(kind) => self.iterate_kind(kind, &mut plain),
            Err(why) => {
                self.refuse(why);
                plain.step()
            }
        };
        self.counters = plain.counters();
        metrics
    }

    fn iterate_kind<G: Game>(&mut self, kind: Kind, plain: &mut Plain<G>) -> Result<Metrics> {
        let known = self.kinds.iter().position(|(other, _)| *other == kind).map(|at| self.kinds.remove(at).1);
        let (metrics, state) = match known {
            None => (plain.step(), State::Seen),
            Some(State::Seen) => {
                let (metrics, tape) = tape::listen(plain.device(), || plain.step());
                (metrics, State::Heard(tape))
            }
            Some(State::Heard(before)) => {
                let (metrics, tape) = tape::listen(plain.device(), || plain.step());
                let state = match tape.refusal().or(before.refusal()) {
                    Some(why) => self.refuse(why.into()),
                    None if !tape.is_like(&before) => self.refuse("its iterations differ from each other".into()),
                    None => State::Understood(tape),
                };
                (metrics, state)
            }
            Some(State::Understood(tape)) => match self.record(&tape, plain) {
                Ok(recording) => (recording.replay(plain), State::Recorded(recording)),
                Err(error) => (plain.step(), self.refuse(error.to_string())),
            },
            Some(State::Recorded(recording)) => (recording.replay(plain), State::Recorded(recording)),
            Some(State::Refused) => (plain.step(), State::Refused),
        };
        self.kinds.truncate(KINDS - 1);
        self.kinds.insert(0, (kind, state));
        metrics
    }

    fn record<G: Game>(&self, tape: &Tape, plain: &mut Plain<G>) -> Result<Recording> {
        let feed = Feed::new(tape)?;
        let before = plain.counters();
        let mut metrics = None;
        let recorder = self.recorder.as_ref();
        let (graph, recorded) = tape::record(&feed, || {
            let mut work = || {
                metrics = Some(plain.step()?);
                Ok(())
            };
            recorder.map(|recorder| recorder.record(&mut work)).transpose()
        });
        // Nothing has been done yet, so nothing is to be counted.
        let counts = plain.counters().iter().zip(&before).map(|(after, before)| after.wrapping_sub(*before)).collect();
        plain.set_counters(&before);
        match (graph?, metrics, recorded.refusal()) {
            (_, _, Some(why)) => Err(tape::broken(why)),
            _ if !recorded.is_like(tape) => Err(tape::broken("it gave other values than before")),
            (Some(graph), Some(metrics), None) => Ok(Recording { graph, feed, tape: recorded, metrics, counts }),
            _ => Err(tape::broken("nothing was done")),
        }
    }
}

impl Recording {
    fn replay<G: Game>(&self, plain: &mut Plain<G>) -> Result<Metrics> {
        self.feed.fill(&self.tape)?;
        let before = plain.counters();
        self.graph.replay(&mut || tape::record(&self.feed, || self.metrics.overwrite(&plain.step()?)).0)?;
        let counted: Vec<u64> =
            before.iter().zip(&self.counts).map(|(before, count)| before.wrapping_add(*count)).collect();
        plain.set_counters(&counted);
        // The next replay writes over them.
        self.metrics.copied()
    }
}

#[cfg(test)]
#[path = "recordings_tests.rs"]
mod tests;
