//! On the CPU, with a stand-in for a GPU's graphs: it does a recorded iteration's work again, with what the host gives. What it
//! can't show is whether CUDA can record that work.
#![allow(clippy::unwrap_used)]

use super::Recordings;
use crate::data::{Dataset, Shapes};
use crate::imaging::DiffAugment;
use crate::models::Networks;
use crate::nn::{Adam, Dense, Flatten, Optimizer, Sequential};
use crate::platform::graphs::{Recorded, Recorder};
use crate::train::{Batch, Game, Gan, GanConfig, Loss, MetricList, Metrics, Notice, Parts, Streams, Trainer};
use crate::{Error, Result, random};
use rand::Rng;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use tch::{Device, Kind, Tensor};

/// Puts everything back after recording, as a GPU does nothing then; counts what it is asked for.
#[derive(Debug, Clone, Default)]
struct StandIn {
    tensors: Arc<Mutex<Vec<Tensor>>>,
    recorded: Arc<AtomicUsize>,
    replayed: Arc<AtomicUsize>,
    fails: bool,
}

#[derive(Debug)]
struct Work(Arc<AtomicUsize>);

impl Recorder for StandIn {
    fn record(&self, work: &mut dyn FnMut() -> Result<()>) -> Result<Box<dyn Recorded>> {
        let tensors = self.tensors.lock().unwrap();
        let before: Vec<Tensor> = tensors.iter().map(|x| x.detach().copy()).collect();
        let outcome = work();
        tch::no_grad(|| tensors.iter().zip(&before).for_each(|(x, before)| x.shallow_clone().copy_(before)));
        outcome?;
        if self.fails {
            return Err(Error::Torch(tch::TchError::Torch("operation not permitted when stream is capturing".into())));
        }
        self.recorded.fetch_add(1, Relaxed);
        Ok(Box::new(Work(self.replayed.clone())))
    }
}

impl Recorded for Work {
    fn replay(&self, work: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        self.0.fetch_add(1, Relaxed);
        work()
    }
}

/// The trainer with the stand-in in place of a GPU's recorder.
fn with_stand_in<G: Game>(mut trainer: Trainer<G>, fails: bool) -> (Trainer<G>, StandIn) {
    let tensors = trainer.game.parts().all_tensors().into_iter().map(|(_, x)| x).collect();
    let stand_in = StandIn { tensors: Arc::new(Mutex::new(tensors)), fails, ..StandIn::default() };
    trainer.recordings = Recordings::with(Box::new(stand_in.clone()));
    (trainer, stand_in)
}

/// What a run gave.
#[derive(Debug)]
struct Outcome {
    rows: Vec<Vec<f32>>,
    tensors: Vec<(String, Tensor)>,
    counts: Vec<u64>,
    positions: String,
}

impl Outcome {
    fn assert_is(&self, expected: &Self) {
        assert_eq!(self.positions, expected.positions);
        assert_eq!(self.counts, expected.counts);
        assert_eq!(self.rows, expected.rows);
        for ((name, x), (_, y)) in self.tensors.iter().zip(&expected.tensors) {
            assert!(x == y, "{name} differs by {}", (x - y).abs().max().double_value(&[]));
        }
    }
}

/// An iteration of each of these batch sizes, with something done before each.
fn run<G: Game>(
    trainer: &mut Trainer<G>,
    data: &Dataset,
    batch_sizes: &[usize],
    before: impl Fn(usize, &mut Trainer<G>),
) -> Outcome {
    let mut rows = Vec::new();
    for (i, &batch_size) in batch_sizes.iter().enumerate() {
        before(i, trainer);
        rows.push(trainer.train_iteration(data, batch_size).unwrap().read().unwrap());
    }
    let positions = format!("{:?}", trainer.random.positions());
    let parts = trainer.game.parts();
    let tensors = parts.all_tensors().into_iter().map(|(name, x)| (name, x.detach().copy())).collect();
    let mut counts: Vec<u64> = parts.counters.iter().map(|(_, counter)| **counter).collect();
    counts.extend(parts.optimizers.iter().map(|(_, optimizer)| optimizer.steps()));
    Outcome { rows, tensors, counts, positions }
}

fn modern() -> GanConfig {
    let config = GanConfig::tutorial().classes(10).networks(Networks::Residual { width: 4 }).gradient_penalty(1.0, 2);
    let augment = DiffAugment { colour: true, translation: true, cutout: true };
    config.learning_rates(2e-3, 1e-3).spectral_normalization().flips().augment(augment).average(0.9).decay(2, 12)
}

/// A game that does what a cell's may do: one network learns to tell images from noise.
#[derive(Debug)]
struct Own {
    d: Sequential,
    adam: Adam,
    turns: u64,
    has_turns: bool,
    draws_by_itself: bool,
}

impl Own {
    fn trainer(has_turns: bool, draws_by_itself: bool) -> Trainer<Self> {
        let mut d = Sequential::new_on(Device::Cpu, "d", [32, 32, 3], 1);
        d.add(Flatten).unwrap().add(Dense::new(1)).unwrap();
        let adam = Adam::new(d.trainable_weights());
        Trainer::of(Self { d, adam, turns: 0, has_turns, draws_by_itself }, 5).unwrap()
    }
}

impl Game for Own {
    fn name(&self) -> &str {
        "own"
    }

    fn parts(&mut self) -> Parts<'_> {
        let parts = Parts::new(&mut self.d).optimizer("adam", &mut self.adam);
        if self.has_turns { parts.counter("turns", &mut self.turns) } else { parts }
    }

    fn metrics(&self) -> MetricList {
        MetricList::losses(&["loss"])
    }

    fn step(&mut self, batch: &Batch, random: &mut Streams) -> Result<Metrics> {
        self.turns += 1;
        let noise = random.noise(&batch.images.size(), Device::Cpu)?;
        let weight = if self.draws_by_itself { random.get("weight").gen_range(0.5..1.0) } else { 0.7 };
        let margin = self.d.forward(&noise, true)? - self.d.forward(&batch.images, true)? * weight;
        let loss = (1f64 + margin).relu().mean(Kind::Float);
        self.adam.minimize(&loss)?;
        Metrics::of(&[("loss", &loss)])
    }

    fn latent_shape(&self) -> Vec<i64> {
        vec![32, 32, 3]
    }

    fn sample(&self, z: &Tensor) -> Result<Tensor> {
        Ok(z.tanh())
    }
}

#[test]
fn a_repeated_iteration_is_the_one_done_step_by_step() {
    let data = Shapes::generate(40, 3).unwrap();
    for (config, kinds) in [(GanConfig::tutorial(), 1), (GanConfig::dcgan(), 1), (modern(), 2)] {
        let mut plain = Gan::new(config.clone()).unwrap();
        let (mut recorded, stand_in) = with_stand_in(Gan::new(config).unwrap(), false);
        let batches = [2; 10];
        let expected = run(&mut plain, &data, &batches, |_, _| ());
        run(&mut recorded, &data, &batches, |_, _| ()).assert_is(&expected);
        assert_eq!(stand_in.recorded.load(Relaxed), kinds);
        assert_eq!(stand_in.replayed.load(Relaxed), 10 - kinds * 3);
        assert_eq!(recorded.recordings.take_notice(), None);
    }
}

#[test]
fn a_label_that_is_set_acts_on_recorded_iterations() {
    let data = Shapes::generate(40, 3).unwrap();
    let before = |i: usize, gan: &mut Gan| {
        if i == 5 {
            gan.set_real_label(0.8).unwrap();
        }
    };
    for config in [GanConfig::dcgan(), modern().loss(Loss::CrossEntropy)] {
        let mut plain = Gan::new(config.clone()).unwrap();
        let (mut recorded, stand_in) = with_stand_in(Gan::new(config.clone()).unwrap(), false);
        let outcome = run(&mut recorded, &data, &[2; 10], before);
        outcome.assert_is(&run(&mut plain, &data, &[2; 10], before));
        assert!(stand_in.replayed.load(Relaxed) > 3 && stand_in.recorded.load(Relaxed) < 3);
        let unset = run(&mut Gan::new(config).unwrap(), &data, &[2; 10], |_, _| ());
        assert_eq!(outcome.rows[..5], unset.rows[..5]);
        assert_ne!(outcome.rows[6..], unset.rows[6..]);
        assert!(recorded.set_real_label(0.4).is_err() && recorded.real_label() == 0.8);
    }
}

/// A rate that is set, and a place that is gone back to, act without a new recording; another batch size has one of its own.
#[test]
fn what_changes_in_between_acts() {
    let data = Shapes::generate(40, 3).unwrap();
    let mut plain = Gan::new(modern()).unwrap();
    let (mut recorded, stand_in) = with_stand_in(Gan::new(modern()).unwrap(), false);
    let between = |i: usize, gan: &mut Gan| match i {
        8 => gan.g_optimizer.set_learning_rate(5e-3).unwrap(),
        11 => gan.d_optimizer.set_steps(3),
        12 => gan.random.set_positions(&[("noise".to_string(), 64)].into()),
        _ => (),
    };
    let batches = [[2; 14].as_slice(), &[3; 8]].concat();
    run(&mut recorded, &data, &batches, between).assert_is(&run(&mut plain, &data, &batches, between));
    assert_eq!(stand_in.recorded.load(Relaxed), 4);
    assert_eq!(stand_in.replayed.load(Relaxed), 22 - 4 * 3);
}

#[test]
fn counters_that_are_set_from_outside_begin_anew() {
    let data = Shapes::generate(40, 3).unwrap();
    let mut plain = Gan::new(modern()).unwrap();
    let (mut recorded, stand_in) = with_stand_in(Gan::new(modern()).unwrap(), false);
    let between = |i: usize, gan: &mut Gan| {
        if i == 8 {
            gan.game.average.as_mut().unwrap().steps = 3;
        }
    };
    run(&mut recorded, &data, &[2; 16], between).assert_is(&run(&mut plain, &data, &[2; 16], between));
    assert_eq!(stand_in.recorded.load(Relaxed), 4);
}

#[test]
fn a_game_of_ones_own_is_recorded_or_says_once_why_not() {
    let data = Shapes::generate(40, 3).unwrap();
    let cases = [
        (false, false, false, None),
        (true, false, false, Some("kind_of_iteration")),
        (false, true, false, Some("one by one")),
        (false, false, true, Some("stream is capturing")),
    ];
    for (has_turns, draws_by_itself, fails, reason) in cases {
        let mut plain = Own::trainer(has_turns, draws_by_itself);
        let (mut recorded, stand_in) = with_stand_in(Own::trainer(has_turns, draws_by_itself), fails);
        let expected = run(&mut plain, &data, &[2; 6], |_, _| ());
        run(&mut recorded, &data, &[2; 6], |_, _| ()).assert_is(&expected);
        assert_eq!(stand_in.replayed.load(Relaxed), if reason.is_none() { 3 } else { 0 }, "{reason:?}");
        let told = recorded.recordings.take_notice();
        assert_eq!(told.is_some(), reason.is_some());
        if let Some(Notice::NotRecorded { why }) = told {
            assert!(why.contains(reason.unwrap()), "{why}");
        }
        run(&mut recorded, &data, &[3; 4], |_, _| ());
        assert_eq!(recorded.recordings.take_notice(), None, "said once");
    }
}

/// A stream that is opened anew in each iteration gives the same numbers each time; repeated, it would go on.
#[test]
fn a_stream_of_one_iteration_is_not_repeated() {
    let noise = || random::normal(&mut random::stream(5, "z"), &[2], Device::Cpu).unwrap();
    let (_, first) = crate::platform::tape::listen(Device::Cpu, noise);
    let (_, second) = crate::platform::tape::listen(Device::Cpu, noise);
    assert!(!first.is_like(&second));
    let mut stream = random::stream(5, "z");
    let mut noise = || random::normal(&mut stream, &[2], Device::Cpu).unwrap();
    let (_, first) = crate::platform::tape::listen(Device::Cpu, &mut noise);
    let (_, second) = crate::platform::tape::listen(Device::Cpu, &mut noise);
    assert!(first.is_like(&second));
}
