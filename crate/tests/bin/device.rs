//! `--device` and `GAN_NB_DEVICE` on the command line.
#![cfg(feature = "cli")]

use crate::command_line::{gan_nb, prints, refuses, text, with_data};
use std::path::Path;

/// Every command that computes, in a folder with `data` and a `run`.
const COMMANDS: [&str; 5] = [
    "train --iterations 1 --batch-size 2 --data data --out new",
    "train --resume --iterations 9 --data data --out run",
    "sample --run run --count 1 --out a.png",
    "evaluate --run run --data data --count 20",
    "bench --short --iterations 1 --warm-up 1 --batch-size 2",
];

fn refuses_with(variable: &str, dir: &Path, arguments: &str, parts: &[&str]) {
    let output = gan_nb(dir, arguments).env("GAN_NB_DEVICE", variable).output().unwrap();
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{arguments}: {told}");
    parts.iter().for_each(|part| assert!(told.contains(part), "{arguments}: no {part:?} in {told}"));
}

#[test]
fn a_device_that_is_not_there_is_an_error_of_every_command_that_computes() {
    let data = with_data();
    let dir = data.path();
    prints(dir, "train --iterations 1 --batch-size 2 --data data --out run --device cpu");
    for command in COMMANDS {
        let parts = ["the device is cuda:99, expected cpu"];
        refuses(dir, &format!("{command} --device cuda:99"), &parts);
        refuses(dir, &format!("{command} --device gpu"), &["the device is \"gpu\", expected cpu, cuda or cuda:N"]);
        refuses_with("cuda:99", dir, command, &["GAN_NB_DEVICE is cuda:99, expected cpu"]);
        refuses_with("tpu", dir, command, &["GAN_NB_DEVICE is \"tpu\", expected cpu, cuda or cuda:N"]);
    }
    assert!(!dir.join("new/config.json").exists() && !dir.join("a.png").exists(), "refused before anything is done");
}

#[test]
fn the_argument_goes_before_the_variable() {
    let dir = with_data();
    let arguments = format!("{} --device cpu", COMMANDS[0]);
    let output = gan_nb(dir.path(), &arguments).env("GAN_NB_DEVICE", "cuda:99").output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).lines().any(|line| line.starts_with("CPU (")), "{}", text(&output.stdout));
}

#[test]
fn tf32_needs_a_gpu() {
    let dir = with_data();
    for command in [COMMANDS[0], COMMANDS[4]] {
        let parts = ["--tf32 is given, but the device is CPU (", "expected CUDA"];
        refuses(dir.path(), &format!("{command} --tf32 --device cpu"), &parts);
    }
}
