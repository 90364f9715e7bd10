//! Memory that a training takes and does not give back: between iteration 300 and 3,000 there must be next to none.
#![cfg(target_os = "linux")]

use std::fs;

use crate::common::{LIVE, printed_by, tiny_gan};
use gan_nb::data::Shapes;
use gan_nb::progress::NotebookObserver;
use gan_nb::runs::Run;
use gan_nb::train::{Gan, GanConfig, History, Notice, Observer, Samples};

const FIRST: usize = 300;
const LAST: usize = 3_000;

/// The process's resident memory, in KiB.
fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The notebook's observer, that says how large the process is after `FIRST` and after `LAST` iterations.
struct Scales(NotebookObserver);

impl Observer for Scales {
    fn iteration(&mut self, history: &History) {
        self.0.iteration(history);
        if [FIRST, LAST].contains(&history.len()) {
            println!("\nresident after {}: {} KiB", history.len(), resident());
        }
    }
    fn sample(&mut self, log_line: &str, samples: &Samples) -> gan_nb::Result<()> {
        self.0.sample(log_line, samples)
    }
    fn notice(&mut self, notice: &Notice) {
        self.0.notice(notice);
    }
}

/// Trains as a notebook does: with a panel that moves, pictures, and a folder that it is kept in.
fn train(gan: Gan, batch_size: usize) {
    let dir = tempfile::tempdir().unwrap();
    let run = Run::create(dir.path()).unwrap().checkpoint_every(100);
    let mut gan = gan.keep_in(run);
    // Several samples come before the first weighing too: what is made once is no leak.
    let mut observer = Scales(NotebookObserver::default());
    gan.train_observed(&Shapes::generate(256, 1).unwrap(), LAST, batch_size, 100, &mut observer).unwrap();
}

#[test]
#[ignore = "started by the other tests"]
fn trains_small_networks() {
    train(tiny_gan(GanConfig::dcgan()), 4);
}

#[test]
#[ignore = "started by the other tests"]
fn trains_the_tutorials_networks() {
    train(Gan::new(GanConfig::tutorial()).unwrap(), 32);
}

fn assert_no_leak(child: &str) {
    let printed = printed_by(child, &[LIVE]);
    let sizes =
        printed.lines().filter_map(|line| line.strip_prefix("resident after ")?.split(' ').nth(1)?.parse().ok());
    let [first, last] = sizes.collect::<Vec<f64>>()[..] else { unreachable!("not two sizes") };
    let grown = last / first - 1.0;
    println!("{child}: {first} KiB after {FIRST} iterations, {last} after {LAST}: {:+.2} %", 100.0 * grown);
    assert!(grown < 0.02, "{first} KiB after {FIRST} iterations, {last} after {LAST}");
}

#[test]
fn small_networks() {
    assert_no_leak("leaks::trains_small_networks");
}

/// Eight minutes: behind `scripts/test --long`.
#[test]
#[ignore = "long"]
fn long_the_tutorials_networks() {
    assert_no_leak("leaks::trains_the_tutorials_networks");
}
