//! A training whose disk or numbers fail: one clear error, what was learned kept, and a second try.

use crate::common::kept::{self, PLANNED, Stopper, data, fresh, outcome, train};
use crate::common::mounts::{disk, fill_disk_but, on_small_disk, set_read_only};
use crate::common::{assert_passed, assert_refused, assert_same_bits, device, tiny_gan, weight};
use gan_nb::Error;
use gan_nb::runs::Run;
use gan_nb::train::{Gan, GanConfig, History, Notice, Observer, Samples};
use std::path::Path;
use std::process::Command;
use std::{env, fs};
use tch::{Tensor, no_grad};

/// Nothing half written is left, and every checkpoint is whole.
fn assert_tidy(folder: &Path) {
    for entry in fs::read_dir(folder.join("checkpoints")).unwrap() {
        let path = entry.unwrap().path();
        tiny_gan(GanConfig::dcgan()).restore(&path).unwrap();
    }
}

/// After the fault, the training goes on in memory, and from the disk alone, to what it would have become without.
fn assert_goes_on(mut gan: Gan, folder: &Path) {
    let copy = tempfile::tempdir().unwrap(); // not on the test's small disk
    let (from_disk, whole) = (copy.path().join("from_disk"), copy.path().join("whole"));
    kept::copy(folder, &from_disk);
    assert_eq!(train(&mut gan, &mut Stopper::never()).unwrap().len(), PLANNED);
    let mut again = fresh(&from_disk);
    let mut observer = Stopper::never();
    train(&mut again, &mut observer).unwrap();
    assert_eq!((observer.first_iteration, &observer.notices), (Some(6), &vec![]), "after the checkpoint of 5");
    let mut unbroken = fresh(&whole);
    train(&mut unbroken, &mut Stopper::never()).unwrap();
    let expected = outcome(&unbroken, &whole);
    assert_same_bits(&outcome(&again, &from_disk), &expected, "from the disk");
    // (A picture that could not be written is not drawn again.)
    let (learned, losses, _) = outcome(&gan, folder);
    assert_same_bits(&(learned, losses), &(expected.0, expected.1), "in memory");
}

#[test]
#[ignore = "started by the next test"]
fn trains_on_a_full_disk() {
    let folder = disk().join("run");
    let mut gan = fresh(&folder);
    train(&mut gan, &mut Stopper::at(5)).unwrap();
    let filler = fill_disk_but(20_000);
    let refused = train(&mut gan, &mut Stopper::never());
    assert!(matches!(refused, Err(Error::Io { .. })), "{refused:?}");
    assert_refused(refused, &["run", "No space left on device", "has room", "try again"]);
    assert_tidy(&folder);
    assert!(gan.history.len() > 5, "what was learned since stays in memory");
    assert!(Run::open(&folder).unwrap().models().is_err_and(|error| error.to_string().contains("other networks")));
    fs::remove_file(filler).unwrap();
    assert_goes_on(gan, &folder);
    println!("all well");
}

#[test]
fn a_full_disk() {
    let printed = on_small_disk("2m", "faults::trains_on_a_full_disk", &[]);
    assert!(printed.is_none_or(|printed| printed.contains("all well")));
}

/// What plain `cargo test` shows of the test above where there is no `unshare`.
#[test]
fn without_a_disk_of_its_own_a_test_says_that_it_is_skipped() {
    let empty = tempfile::tempdir().unwrap();
    let mut command = Command::new(env::current_exe().unwrap());
    let output = command.args(["--exact", "faults::a_full_disk"]).env("PATH", empty.path()).output().unwrap();
    assert_passed("faults::a_full_disk", &output);
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("skipped: faults::trains_on_a_full_disk: no disk of its own here"), "{told}");
}

/// Makes the disk read-only after the seventh iteration.
struct Locker;

impl Observer for Locker {
    fn iteration(&mut self, history: &History) {
        if history.len() == 7 {
            set_read_only(true);
        }
    }
    fn sample(&mut self, _: &str, _: &Samples) -> gan_nb::Result<()> {
        Ok(())
    }
    fn notice(&mut self, notice: &Notice) {
        unreachable!("{notice}");
    }
}

#[test]
#[ignore = "started by the next test"]
fn trains_on_a_disk_that_becomes_read_only() {
    let folder = disk().join("run");
    let mut gan = fresh(&folder);
    let refused = gan.train_observed(&data(), PLANNED, 4, 5, &mut Locker);
    assert_refused(refused, &["run", "Read-only file system", "is writable", "try again"]);
    assert_refused(train(&mut gan, &mut Stopper::never()), &["run", "Read-only file system", "is writable"]);
    assert_refused(
        Run::create(&folder),
        &["run", "can't write into the folder", "Read-only file system", "Name a folder"],
    );
    assert_eq!(Run::open(&folder).unwrap().checkpoints().unwrap().len(), 1, "which can be read all the same");
    set_read_only(false);
    assert_tidy(&folder);
    assert_goes_on(gan, &folder);
    println!("all well");
}

#[test]
fn a_folder_made_read_only() {
    let printed = on_small_disk("2m", "faults::trains_on_a_disk_that_becomes_read_only", &[]);
    assert!(printed.is_none_or(|printed| printed.contains("all well")));
}

/// Trains step by step, and puts `value` into a weight after `at` iterations.
fn spoil(gan: &mut Gan, name: &str, at: usize, value: f64) -> gan_nb::Result<History> {
    let mut observer = Stopper::never();
    let mut run = gan.begin(&data(), PLANNED, 4, 5, &mut observer)?;
    let mut done = 0;
    while run.goes_on() {
        let metrics = run.gan.train_iteration(&data(), 4)?;
        run.record(metrics)?;
        done += 1;
        if done == at {
            let (network, name) = name.split_once('/').unwrap();
            let network = if network == "generator" { &run.gan.generator } else { &run.gan.discriminator };
            let (_, weight) = network.weights().into_iter().find(|(other, _)| other == name).unwrap();
            // Not by flatten: a kernel's numbers lie in memory in another order, so that it copies them.
            let mut number = weight.value;
            while number.dim() > 0 {
                number = number.get(0);
            }
            let _ = no_grad(|| number.fill_(value));
        }
        run.keep()?;
    }
    run.finish()
}

#[test]
fn numbers_that_are_not_finite_end_the_training_and_leave_the_last_good_state() {
    for (name, at, value, parts) in [
        // Seen in the next iteration's losses …
        ("generator/dense/bias", 7, f64::NAN, ["iteration 7", "d_loss_fake is NaN"]),
        ("discriminator/conv2d/kernel", 7, f64::INFINITY, ["iteration 7", "d_loss_real is NaN"]),
        // … or before they are written.
        ("generator/dense/bias", 10, f64::NAN, ["iteration 9", "generator/dense/bias is not finite"]),
        (
            "discriminator/dense/bias",
            PLANNED,
            f64::INFINITY,
            ["iteration 11", "discriminator/dense/bias is not finite"],
        ),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let mut gan = fresh(dir.path());
        let refused = spoil(&mut gan, name, at, value);
        assert!(matches!(refused, Err(Error::Diverged { .. })), "{name} at {at}: {refused:?}");
        let last = if at == PLANNED { "000010.safetensors" } else { "000005.safetensors" };
        assert_refused(refused, &["the training diverged at", parts[0], parts[1], "smaller learning_rate", last]);
        let kept = Run::open(dir.path()).unwrap().checkpoints().unwrap();
        assert_eq!(kept.last().unwrap().path.file_name().unwrap(), last);
        let back = tiny_gan(GanConfig::dcgan()).restore(dir.path()).unwrap();
        let finite = |x: Tensor| bool::try_from(x.isfinite().all()).unwrap();
        assert!(finite(weight(&back.generator, "dense/bias")) && finite(weight(&back.discriminator, "dense/bias")));
    }
}

#[test]
fn a_training_that_is_kept_nowhere_watches_itself_too() {
    let mut gan = tiny_gan(GanConfig::dcgan());
    let refused = spoil(&mut gan, "generator/dense/bias", PLANNED, f64::NAN);
    assert_refused(refused, &["iteration 11", "generator/dense/bias is not finite", "smaller learning_rate"]);
    // A learning rate that is far too large does it without help.
    let mut gan = tiny_gan(GanConfig { learning_rate: 1.0, ..GanConfig::tutorial() });
    let value = gan.generator.weights().remove(0).1.value;
    let _ = no_grad(|| value.shallow_clone().fill_(1e38));
    let refused = gan.train_observed(&data(), 50, 4, 50, &mut Stopper::never());
    assert_refused(refused, &["the training diverged at iteration "]);
    // A GPU is told many iterations ahead.
    assert!(gan.history.len() < 50 || device().is_cuda());
}
