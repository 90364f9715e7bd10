//! Modern settings on the command line, and samples of one class.
#![cfg(feature = "cli")]

use crate::command_line::{prints, refuses, with_data};
use crate::common::assert_same_bits;
use gan_nb::models::Networks;
use gan_nb::runs::Run;
use std::fs;

#[test]
fn a_modern_run_is_trained_resumed_and_sampled_by_class() {
    let data = with_data();
    let dir = data.path();
    let seen = |name: &str| fs::read(dir.join(name)).unwrap();
    let options = "--batch-size 4 --sample-interval 1 --settings modern --data data --out run";
    let printed = prints(dir, &format!("train --iterations 2 {options}"));
    for part in ["0 [d_loss: ", "[g_loss: ", "[d_acc: ", "2 of 2 iterations"] {
        assert!(printed.contains(part), "no {part:?} in {printed}");
    }
    assert!(prints(dir, "train --resume --iterations 3 --data data --out run").contains("3 of 3 iterations"));
    let config = Run::open(dir.join("run")).unwrap().config().unwrap().gan().unwrap();
    assert_eq!((config.modern.networks, config.modern.classes), (Networks::Residual { width: 48 }, 10));
    assert_eq!((config.modern.decay_from, config.modern.decay_to), (1, 2), "over the second half, whatever the length");

    prints(dir, "sample --run run --count 4 --class ship --out ships.png");
    prints(dir, "sample --run run --count 4 --class 8 --out eights.png");
    prints(dir, "sample --run run --count 4 --class cat --out cats.png");
    prints(dir, "sample --run run --count 4 --out all.png");
    assert_same_bits(&seen("ships.png"), &seen("eights.png"), "by name and by number");
    assert_ne!(seen("ships.png"), seen("cats.png"));
    assert_ne!(seen("ships.png"), seen("all.png"));
    refuses(
        dir,
        "sample --run run --class boat --out no.png",
        &["--class is boat", "airplane, automobile", "ship, truck"],
    );
    refuses(dir, "sample --run run --class 10 --out no.png", &["the class is 10", "0 to 9"]);
}

#[test]
fn networks_that_know_no_class_draw_none() {
    let dir = with_data();
    let options = "--iterations 1 --batch-size 2 --sample-interval 1 --data data --out run";
    prints(dir.path(), &format!("train {options}"));
    refuses(dir.path(), "sample --run run --class ship --out no.png", &["the class is 8, expected none"]);
}
