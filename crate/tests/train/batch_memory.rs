//! A batch for which there is no memory is one clear error, after which a smaller one goes well.
#![cfg(target_os = "linux")]

use std::process::{self, Command};

use crate::common::{assert_message, model, printed_by};
use gan_nb::Error;
use gan_nb::data::{Dataset, Shapes};
use gan_nb::nn::{Dense, Flatten, LeakyReLU, Reshape};
use gan_nb::train::batch_memory;
use gan_nb::train::{Gan, GanConfig, GanGame};

/// For what is measured by the process's own memory.
const ON_THE_CPU: (&str, &str) = ("GAN_NB_DEVICE", "cpu");

/// A number of bytes from a line of such a file: `VmSize:   1234 kB`.
fn bytes(file: &str, name: &str) -> usize {
    let text = std::fs::read_to_string(file).unwrap();
    let line = text.lines().find(|line| line.starts_with(&format!("{name}:"))).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[test]
#[ignore = "started by the next test"]
fn has_little_memory() {
    let x_train = Shapes::generate(512, 1).unwrap();
    let mut gan = Gan::new(GanConfig::tutorial()).unwrap();
    let mut train = |batch_size| gan.train_iteration(&x_train, batch_size)?.read();
    train(8).unwrap();
    // From here on libtorch gets half of what such a batch takes.
    let limit = bytes("/proc/self/status", "VmSize") + (250 << 20);
    let limited = Command::new("prlimit").args([format!("--pid={}", process::id()), format!("--as={limit}")]).status();
    assert!(limited.unwrap().success());
    let error = train(512).unwrap_err();
    assert!(matches!(error, Error::Memory { .. }), "{error}");
    assert_message(
        &error,
        &["not enough memory for a batch of 512: libtorch asked for ", "smaller batch_size, say 256"],
    );
    assert!(error.to_string().lines().count() == 1, "{error}");
    assert!(train(8).unwrap().iter().all(|number| number.is_finite()));
}

#[test]
fn a_refusal_of_libtorch_is_told_and_a_smaller_batch_goes_well() {
    printed_by("batch_memory::has_little_memory", &[ON_THE_CPU]);
}

/// Two networks with a million numbers an input each in two layers, for pictures of one number.
fn wide_gan() -> Gan {
    let mut generator = model("generator", &[1], 1);
    generator.add(Dense::new(1_000_000)).unwrap().add(LeakyReLU::new(0.2)).unwrap();
    generator.add(Dense::new(1)).unwrap().add(Reshape::new([1, 1, 1])).unwrap();
    let mut discriminator = model("discriminator", &[1, 1, 1], 1);
    discriminator.add(Flatten).unwrap().add(Dense::new(1_000_000)).unwrap().add(LeakyReLU::new(0.2)).unwrap();
    discriminator.add(Dense::new(1)).unwrap();
    Gan::compile(generator, discriminator, GanConfig::tutorial()).unwrap()
}

fn least(gan: &mut Gan, batch_size: usize) -> u64 {
    let GanGame { generator, discriminator, .. } = &mut **gan;
    batch_memory::of_iteration(&[generator, discriminator], batch_size)
}

#[test]
fn what_an_iteration_takes_is_counted_by_layers() {
    let mut gan = wide_gan();
    // Two layers of a million and one of one in each network, and nothing for Reshape and Flatten.
    assert_eq!(least(&mut gan, 3), 3 * 4 * 2 * 2_000_001);
    let mut gan = gan.mixed_precision();
    assert_eq!(least(&mut gan, 3), 3 * 2 * 2 * 2_000_001);
}

/// libtorch would be promised all of it, and the system would end the process: that this test comes to an end is half of it.
#[test]
fn a_batch_that_the_machine_can_not_hold_is_refused_before_it_is_tried() {
    let mut gan = wide_gan();
    let machine = bytes("/proc/meminfo", "MemTotal") + bytes("/proc/meminfo", "SwapTotal");
    let batch_size = 2 * machine / 16_000_000;
    let x_train = Dataset::new("dots", vec![0; batch_size], vec![0; batch_size], (1, 1, 1), &["dot"]).unwrap();
    let error = gan.train_gan(&x_train, 1, batch_size, 1).unwrap_err();
    assert!(matches!(error, Error::Memory { .. }), "{error}");
    let parts =
        ["not enough memory for a batch of ", &batch_size.to_string(), "an iteration takes", "smaller batch_size"];
    assert_message(&error, &parts);
    assert!(gan.train_iteration(&x_train, 2).unwrap().read().unwrap().iter().all(|number| number.is_finite()));
}

#[test]
#[ignore = "started by the next test"]
fn takes_memory() {
    let x_train = Shapes::generate(256, 1).unwrap();
    let mut gan = Gan::new(GanConfig::tutorial()).unwrap();
    gan.train_iteration(&x_train, 1).unwrap();
    let before = bytes("/proc/self/status", "VmHWM");
    gan.train_iteration(&x_train, 256).unwrap();
    let taken = (bytes("/proc/self/status", "VmHWM") - before) as f64;
    let least = least(&mut gan, 256) as f64;
    println!("{taken} {least}");
    assert!(least < taken, "{least} is not the least: it took {taken}");
    assert!(taken < 2.0 * least, "{least} says too little: it took {taken}");
}

#[test]
fn what_is_counted_is_less_than_what_is_taken_but_not_much_less() {
    printed_by("batch_memory::takes_memory", &[ON_THE_CPU]);
}
