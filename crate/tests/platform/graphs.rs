//! Iterations that a GPU has recorded. Without one each test says "skipped" on standard error and passes.

use super::cuda::{bits, gpu};
use crate::common::kept::{Stopper, data};
use crate::common::printed_by;
use gan_nb::models::Networks;
use gan_nb::train::{Gan, GanConfig};

/// Small modern networks: with classes, augmentation, an average and rates that fall.
fn modern() -> GanConfig {
    GanConfig { latent_dim: 4, ..GanConfig::modern() }.networks(Networks::Residual { width: 2 }).decay(4, 12)
}

#[test]
#[ignore = "started by the next tests"]
fn trains() {
    for (name, config) in [("tutorial", GanConfig::tutorial()), ("modern", modern())] {
        for mixed in [false, true] {
            let gan = Gan::new(config.clone()).unwrap();
            let mut gan = if mixed { gan.mixed_precision() } else { gan };
            let mut observer = Stopper::never();
            gan.train_observed(&data(), 12, 8, 12, &mut observer).unwrap();
            let row = |i| gan.history.row(i).into_iter().map(f32::to_bits).collect();
            let losses: Vec<Vec<u32>> = (0..12).map(row).collect();
            let sum = |row: Vec<u32>| row.iter().fold(0u64, |sum, bits| sum.rotate_left(5) ^ u64::from(*bits));
            let all: Vec<u64> = losses.into_iter().chain(bits(&mut gan)).map(sum).collect();
            println!("\n{name} {mixed}: {all:x?} {:?}", observer.notices);
        }
    }
}

/// Bits of losses and weights, and what the trainings had to say.
fn trained(graphs: &str) -> Vec<String> {
    let printed = printed_by("graphs::trains", &[("GAN_NB_GRAPHS", graphs), ("GAN_NB_DETERMINISTIC", "1")]);
    let lines = printed.lines().filter(|line| line.starts_with("tutorial ") || line.starts_with("modern "));
    lines.map(String::from).collect()
}

#[test]
fn recorded_iterations_give_the_bits_of_those_asked_for_step_by_step() {
    if gpu("recorded_iterations_give_the_bits_of_those_asked_for_step_by_step").is_none() {
        return;
    }
    let recorded = trained("1");
    assert_eq!(recorded.len(), 4);
    assert!(recorded.iter().all(|line| line.ends_with(" []")), "not recorded: {recorded:?}");
    assert_eq!(recorded, trained("0"));
}
