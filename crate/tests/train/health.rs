//! A training that has plainly gone wrong is told as such, however short it is; one that goes well is not.

use crate::common::tiny_gan;
use gan_nb::data::Shapes;
use gan_nb::train::{Gan, GanConfig, History, Notice, Observer, Samples};

/// What is said, and after how many iterations.
#[derive(Default)]
struct Listener {
    done: usize,
    heard: Vec<(usize, String)>,
}

impl Observer for Listener {
    fn iteration(&mut self, history: &History) {
        self.done = history.len();
    }
    fn sample(&mut self, _: &str, _: &Samples) -> gan_nb::Result<()> {
        Ok(())
    }
    fn notice(&mut self, notice: &Notice) {
        self.heard.push((self.done, notice.to_string()));
    }
}

fn heard(mut gan: Gan, iterations: usize) -> Vec<(usize, String)> {
    let mut listener = Listener::default();
    let x_train = Shapes::generate(256, 1).unwrap();
    gan.train_observed(&x_train, iterations, 16, iterations, &mut listener).unwrap();
    listener.heard
}

/// The issue's own case.
#[test]
fn losses_that_explode_are_told_at_once_and_once() {
    for iterations in [3, 20, 60, 200] {
        for settings in [GanConfig::tutorial(), GanConfig::dcgan()] {
            let heard = heard(tiny_gan(GanConfig { learning_rate: 1.0, ..settings }), iterations);
            let explosions: Vec<_> = heard.iter().filter(|(_, words)| words.contains("exploded")).collect();
            let [(at, words)] = explosions[..] else { panic!("{iterations}: {heard:?}") };
            assert!(*at <= 20 && words.contains("learning_rate"), "{iterations}: {heard:?}");
        }
    }
}

/// The lesson's own networks with such a rate: at the first iterations.
#[test]
fn the_lessons_networks_explode_within_three_iterations() {
    for settings in [GanConfig::tutorial(), GanConfig::dcgan()] {
        let heard = heard(Gan::new(GanConfig { learning_rate: 1.0, ..settings }).unwrap(), 3);
        assert!(heard.iter().any(|(_, words)| words.contains("exploded")), "{heard:?}");
    }
}

#[test]
fn ordinary_short_runs_are_no_news() {
    for (settings, iterations) in [(GanConfig::tutorial(), 20), (GanConfig::dcgan(), 20), (GanConfig::tutorial(), 60)] {
        assert_eq!(heard(Gan::new(settings).unwrap(), iterations), []);
    }
}
