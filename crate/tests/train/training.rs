//! The game of the two networks: who learns what, where the random numbers come from, and what is refused.

use crate::common::{
    assert_close, assert_refused, assert_same_bits, model, noise, numbers, tiny_discriminator, tiny_gan,
    tiny_generator, weight, weights,
};
use gan_nb::data::{Dataset, Shapes};
use gan_nb::loss::binary_crossentropy;
use gan_nb::nn::Optimizer;
use gan_nb::train::{Game, Gan, GanConfig, History, Notice, Observer, Samples};
use std::cell::Cell;

/// Writes down what it is told.
#[derive(Default)]
struct Recorder {
    stop_after: Option<usize>,
    asked: Cell<usize>,
    iterations: Vec<usize>,
    samples: Vec<(String, Vec<f32>)>,
    finished: Vec<usize>,
}

impl Observer for Recorder {
    fn iteration(&mut self, history: &History) {
        self.iterations.push(history.len());
    }

    fn sample(&mut self, log_line: &str, samples: &Samples) -> gan_nb::Result<()> {
        self.samples.push((log_line.into(), [numbers(&samples.fixed), numbers(&samples.fresh)].concat()));
        Ok(())
    }

    fn notice(&mut self, notice: &Notice) {
        unreachable!("{notice}");
    }

    fn finished(&mut self, history: &History) -> gan_nb::Result<()> {
        self.finished.push(history.len());
        Ok(())
    }

    /// Counted, as a GPU's iterations are told of some time after they were done.
    fn stop_requested(&self) -> bool {
        self.asked.set(self.asked.get() + 1);
        self.stop_after == Some(self.asked.get())
    }
}

fn data() -> Dataset {
    Shapes::generate(16, 1).unwrap()
}

fn config(seed: u64) -> GanConfig {
    GanConfig { seed, ..GanConfig::tutorial() }
}

fn train(gan: &mut Gan, iterations: usize, sample_interval: usize) -> (History, Recorder) {
    let mut recorder = Recorder::default();
    let history = gan.train_observed(&data(), iterations, 4, sample_interval, &mut recorder).unwrap();
    (history, recorder)
}

fn both_weights(gan: &Gan) -> Vec<Vec<f32>> {
    [weights(&gan.generator), weights(&gan.discriminator)].concat()
}

/// The numbers of a history that do not depend on the clock.
fn losses(history: &History) -> Vec<Vec<f32>> {
    (0..history.len()).map(|i| history.row(i)).collect()
}

#[test]
fn a_seed_makes_the_whole_run() {
    let run = |seed| {
        let mut gan = tiny_gan(config(seed));
        let (history, recorder) = train(&mut gan, 3, 2);
        (both_weights(&gan), losses(&history), recorder.samples)
    };
    let (first, again, other) = (run(7), run(7), run(8));
    assert_same_bits(&first, &again, "the same seed");
    assert_ne!(first.0, other.0);
    assert_ne!(first.1, other.1);
    assert_ne!(first.2[0].1, other.2[0].1);
}

#[test]
fn the_seed_draws_batches_and_noise_too() {
    let mut gans = [7, 8].map(|seed| tiny_gan(config(seed)));
    let [a, b] = gans.each_mut().map(|gan| numbers(&gan.real_batch(&data(), 4).unwrap()));
    assert_ne!(a, b, "real images");
    let [a, b] = gans.each_mut().map(|gan| numbers(&gan.noise(4).unwrap()));
    assert_ne!(a, b, "noise");
    assert_ne!(a, numbers(&gans[0].noise(4).unwrap()), "the next noise of a run");
    assert_ne!(numbers(&gans[0].fixed_z), numbers(&gans[1].fixed_z), "fixed noise");
}

#[test]
fn looking_does_not_change_the_training() {
    let (mut often, mut never) = (tiny_gan(config(7)), tiny_gan(config(7)));
    let (often_history, often_recorder) = train(&mut often, 3, 1);
    let (never_history, never_recorder) = train(&mut never, 3, 1000);
    assert_eq!((often_recorder.samples.len(), never_recorder.samples.len()), (3, 2), "first and last always");
    assert_same_bits(&both_weights(&often), &both_weights(&never), "weights, looked at or not");
    assert_same_bits(&losses(&often_history), &losses(&never_history), "losses, looked at or not");
}

#[test]
fn training_goes_on_where_it_was() {
    let (mut whole, mut parts) = (tiny_gan(config(7)), tiny_gan(config(7)));
    train(&mut whole, 3, 1000);
    train(&mut parts, 2, 1000);
    train(&mut parts, 1, 1000);
    assert_same_bits(&both_weights(&whole), &both_weights(&parts), "training in two parts");
}

#[test]
fn each_optimizer_moves_its_own_network() {
    let mut gan = tiny_gan(config(7));
    let loss = |gan: &Gan| {
        let fake = gan.generator.forward(&noise(1, &[4, 4]), false).unwrap();
        binary_crossentropy(1.0, &gan.discriminator.logits(&fake, true).unwrap()).unwrap()
    };
    let (g, d) = (weights(&gan.generator), weights(&gan.discriminator));
    let d_loss = loss(&gan); // It passes through both networks, and still only one may move.
    gan.d_optimizer.minimize(&d_loss).unwrap();
    assert_eq!(weights(&gan.generator), g);
    assert_ne!(weights(&gan.discriminator), d);

    let d = weights(&gan.discriminator);
    let g_loss = loss(&gan);
    gan.g_optimizer.minimize(&g_loss).unwrap();
    assert_ne!(weights(&gan.generator), g);
    assert_eq!(weights(&gan.discriminator), d);
    assert_eq!(gan.g_optimizer.len(), gan.generator.trainable_weights().len());
    assert!(gan.discriminator.trainable_weights().is_empty(), "frozen for the summary and for optimizers to come");
}

#[test]
fn an_iteration_trains_both_and_tells_the_losses_before_each_step() {
    let mut gan = tiny_gan(GanConfig { real_label: 0.9, ..config(7) });
    let (real, z) = (gan.real_batch(&data(), 4).unwrap(), noise(1, &[4, 4]));
    let (g, d) = (weights(&gan.generator), weights(&gan.discriminator));
    let logits = gan.discriminator.logits(&real, true).unwrap();
    let expected = binary_crossentropy(0.9, &logits).unwrap().double_value(&[]);
    let taken = numbers(&gan.discriminator.predict(&real).unwrap()).iter().filter(|p| **p > 0.5).count();
    let metrics = gan.train_on_batch(&real, &z, &z).unwrap();
    assert_close(&[metrics.get("d_loss_real").unwrap()], &[expected], 1e-6, "the loss with label 0.9");
    assert_eq!(metrics.get("d_acc_real").unwrap(), taken as f32 / 4.0);
    assert!(weights(&gan.discriminator).iter().zip(&d).all(|(after, before)| after != before));
    let trainable = gan.generator.weights().into_iter().map(|(_, weight)| weight.trainable);
    let moved = weights(&gan.generator).into_iter().zip(&g).map(|(after, before)| after != *before);
    assert!(moved.zip(trainable).all(|(moved, trainable)| moved || !trainable), "each of the generator's");
}

#[test]
fn fakes_in_training_mode_move_the_statistics_twice() {
    let moving_mean = |fakes_in_training_mode| {
        let mut gan = tiny_gan(GanConfig { fakes_in_training_mode, ..config(7) });
        let (real, z) = (gan.real_batch(&data(), 4).unwrap(), noise(1, &[4, 4]));
        gan.train_on_batch(&real, &z, &z).unwrap();
        numbers(&weight(&gan.generator, "batch_normalization/moving_mean"))
    };
    // From 0 towards the same mean, 0.2 of the way each time: 0.2 once, 0.2 + 0.8 · 0.2 = 0.36 twice.
    let once = moving_mean(false);
    assert!(once.iter().any(|mean| *mean > 0.01), "{once:?}");
    let twice: Vec<f64> = once.iter().map(|mean| 1.8 * f64::from(*mean)).collect();
    assert_close(&moving_mean(true), &twice, 1e-6, "moving mean");
}

#[test]
fn an_observer_hears_of_each_iteration_and_can_end_the_run() {
    let mut gan = tiny_gan(config(7));
    let (history, recorder) = train(&mut gan, 5, 2);
    assert_eq!((history.len(), history.planned), (5, 5));
    assert_eq!(recorder.iterations, [1, 2, 3, 4, 5]);
    let lines: Vec<_> = recorder.samples.into_iter().map(|(line, _)| line).collect();
    assert_eq!(lines, [0, 2, 4].map(|i| gan.log_line(&history, i)));
    assert_eq!(recorder.finished, [5]);

    let mut stopper = Recorder { stop_after: Some(2), ..Recorder::default() };
    let history = tiny_gan(config(7)).train_observed(&data(), 5, 4, 1000, &mut stopper).unwrap();
    assert_eq!((history.len(), history.planned), (2, 5));
    assert_eq!(stopper.iterations, [1, 2]);
    assert_eq!(stopper.samples.len(), 2, "the last is looked at, early or not");
    assert_eq!(stopper.samples[1].0, gan.log_line(&history, 1));
    assert_eq!(stopper.finished, [2]);
}

#[test]
fn counts_that_can_t_be() {
    let mut gan = tiny_gan(config(7));
    let before = both_weights(&gan);
    for (counts, parts) in [
        ((0, 4, 1), ["iterations is 0", "1 or more"]),
        ((1, 4, 0), ["sample_interval is 0", "1 or more"]),
        ((1, 0, 1), ["batch_size is 0", "1 to 16"]),
        ((1, 17, 1), ["batch_size is 17", "1 to 16"]),
    ] {
        let (iterations, batch_size, sample_interval) = counts;
        assert_refused(gan.train_gan(&data(), iterations, batch_size, sample_interval), &parts);
    }
    assert_eq!(both_weights(&gan), before);
}

#[test]
fn networks_that_do_not_fit() {
    let mut small = model("judge", &[16, 16, 3], 1);
    small.add(gan_nb::nn::Flatten).unwrap().add(gan_nb::nn::Dense::new(1)).unwrap();
    let parts = ["judge", "(None, 32, 32, 3)", "(None, 16, 16, 3)", "agree"];
    assert_refused(Gan::compile(tiny_generator(1), small, config(1)), &parts);
    let wrong = GanConfig { beta_1: 1.0, ..config(1) };
    assert_refused(Gan::compile(tiny_generator(1), tiny_discriminator(1), wrong), &["beta_1 is 1", "below 1"]);
}
