//! The folder of a run: what comes back from it, and what is said of one that is damaged.
#![allow(clippy::unwrap_used)] // Helpers too: clippy lets only the tests themselves.
mod common;

use common::{assert_refused, noise, numbers, weights};
use gan_nb::data::Shapes;
use gan_nb::train::{Gan, GanConfig, History, Run, RunConfig, Step};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Two networks after one iteration, and their folder.
fn trained() -> (TempDir, Gan, History) {
    let dir = tempfile::tempdir().unwrap();
    let mut gan = Gan::new(GanConfig { seed: 7, ..GanConfig::dcgan() }).unwrap();
    let mut history = History::new(1, 1).unwrap();
    history.push(gan.train_iteration(&Shapes::generate(4, 1).unwrap(), 2).unwrap().read().unwrap());
    Run::create(&dir.path().join("run")).unwrap().save(&gan, &history, 2).unwrap();
    (dir, gan, history)
}

/// A saved run of networks as they begin.
fn saved() -> (TempDir, Run) {
    let dir = tempfile::tempdir().unwrap();
    let run = Run::create(dir.path()).unwrap();
    run.save(&Gan::new(GanConfig::tutorial()).unwrap(), &History::new(1, 1).unwrap(), 2).unwrap();
    (dir, run)
}

fn file(run: &Run, name: &str) -> PathBuf {
    run.folder().join(name)
}

/// Writes these weights and their checksum into config.json, so that only what they hold can be refused.
fn write_weights(run: &Run, bytes: &[u8]) {
    fs::write(file(run, "weights.safetensors"), bytes).unwrap();
    let config = RunConfig { weights_md5: format!("{:x}", md5::compute(bytes)), ..run.config().unwrap() };
    fs::write(file(run, "config.json"), serde_json::to_vec(&config).unwrap()).unwrap();
}

const KERNEL: &str = "generator/conv2d_transpose_1/kernel";

/// The same weights with KERNEL's bytes under this type and shape, or without KERNEL.
fn craft(run: &Run, kernel: Option<(Dtype, [usize; 4])>) {
    let bytes = fs::read(file(run, "weights.safetensors")).unwrap();
    let whole = SafeTensors::deserialize(&bytes).unwrap();
    let mut arrays = whole.tensors();
    let place = arrays.iter().position(|(name, _)| name == KERNEL).unwrap();
    let (name, view) = arrays.swap_remove(place);
    arrays.extend(kernel.map(|(kind, shape)| (name, TensorView::new(kind, shape.into(), view.data()).unwrap())));
    write_weights(run, &safetensors::serialize(arrays, &None).unwrap());
}

#[test]
fn what_was_learned_comes_back_bit_for_bit() {
    let (dir, gan, history) = trained();
    let run = Run::open(&dir.path().join("run")).unwrap();
    let config = run.config().unwrap();
    assert_eq!((&config.gan, config.batch_size, config.iterations), (&gan.config, 2, 1));
    assert_eq!(run.history().unwrap().steps, history.steps);
    let (generator, discriminator) = run.models().unwrap();
    assert_eq!(weights(&generator), weights(&gan.generator));
    assert_eq!(weights(&discriminator), weights(&gan.discriminator));
    let z = noise(1, &[3, 100]).to_device(generator.device());
    let images = gan.generator.predict(&z).unwrap();
    assert_eq!(numbers(&generator.predict(&z).unwrap()), numbers(&images));
    let judged = |model: &gan_nb::nn::Sequential| numbers(&model.predict(&images).unwrap());
    assert_eq!(judged(&discriminator), judged(&gan.discriminator));
    let untrained = gan_nb::models::build_generator(7).unwrap();
    assert!(weights(&generator).iter().zip(weights(&untrained)).all(|(a, b)| *a != b), "nothing to bring back");
}

#[test]
fn the_folder_holds_three_files_and_takes_new_ones() {
    let (dir, mut gan, history) = trained();
    let run = Run::create(&dir.path().join("run")).unwrap();
    let before = run.config().unwrap().weights_md5;
    let values: Vec<_> = gan.generator.weights().iter().map(|(_, w)| w.value.detach() * 0.5).collect();
    gan.generator.set_weights(&values).unwrap();
    run.save(&gan, &history, 2).unwrap();
    assert_ne!(run.config().unwrap().weights_md5, before);
    assert_eq!(weights(&run.models().unwrap().0), weights(&gan.generator));
    let mut names: Vec<_> = run.folder().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["config.json", "history.json", "weights.safetensors"]);
}

#[test]
fn damaged_weights() {
    let (_dir, run) = saved();
    let path = file(&run, "weights.safetensors");
    let name = path.display().to_string();
    let bytes = fs::read(&path).unwrap();
    let right = run.config().unwrap().weights_md5;
    let mut flipped = bytes.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    for damaged in [&flipped[..], &bytes[..middle], &[]] {
        fs::write(&path, damaged).unwrap();
        let found = format!("checksum {:x}", md5::compute(damaged));
        assert_refused(run.models(), &[&name, &found, "damaged", &right, "config.json", "Train again"]);
    }
    write_weights(&run, &bytes[..middle]);
    assert_refused(run.models(), &[&name, "a whole safetensors file"]);
    fs::remove_file(&path).unwrap();
    assert_refused(run.models(), &[&name, "can't read the weights", "No such file"]);
}

#[test]
fn weights_of_another_model() {
    let (_dir, run) = saved();
    let bytes = fs::read(file(&run, "weights.safetensors")).unwrap();
    let name = file(&run, "weights.safetensors").display().to_string();
    let expected = format!("expected {KERNEL} of shape [4, 4, 64, 128] in float32");
    for (kernel, found) in [
        // As many numbers, but turned: the layout of another framework.
        (Some((Dtype::F32, [4, 4, 128, 64])), "of shape [4, 4, 128, 64] in F32"),
        (Some((Dtype::I32, [4, 4, 64, 128])), "of shape [4, 4, 64, 128] in I32"),
        (None, "found no generator/conv2d_transpose_1/kernel"),
    ] {
        craft(&run, kernel);
        assert_refused(run.models(), &[&name, found, &expected, "another model"]);
        write_weights(&run, &bytes);
    }
    craft(&run, Some((Dtype::F32, [4, 4, 64, 128])));
    run.models().unwrap();
}

#[test]
fn settings_that_can_t_be_read() {
    let (dir, run) = saved();
    let path = file(&run, "config.json");
    let (name, text) = (path.display().to_string(), fs::read_to_string(&path).unwrap());
    let refused = |text: &str, found: &str| {
        fs::write(&path, text).unwrap();
        assert_refused(run.config(), &[&name, found, "expected what `gan_nb train` writes", "Train again"]);
        assert_refused(run.models(), &[&name, found]);
    };
    refused(&text[..text.len() / 2], "EOF while parsing");
    refused("weights", "expected value at line 1");
    refused(&text.replace("\"beta_1\"", "\"beta1\""), "unknown field `beta1`");
    refused(&text.replace("\"batch_size\": 2", "\"batch_size\": -2"), "`-2`");
    refused(&text.replace("\"batch_size\": 2,", ""), "missing field `batch_size`");
    fs::write(file(&run, "history.json"), "[]").unwrap();
    assert_refused(run.history(), &["history.json", "expected what `gan_nb train` writes"]);

    fs::remove_file(&path).unwrap();
    let folder = dir.path().display().to_string();
    assert_refused(Run::open(dir.path()), &[&folder, "no config.json", "the folder of a run", "gan_nb train --out"]);
    assert_refused(run.models(), &[&name, "can't read the file", "No such file"]);
}

#[test]
fn folders_that_can_t_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let taken = dir.path().join("taken");
    fs::write(&taken, "a file").unwrap();
    let name = taken.display().to_string();
    assert_refused(Run::create(&taken), &[&name, "can't make the folder", "Name a folder"]);
    assert_refused(Run::create(&taken.join("run")), &[&name, "can't make the folder", "Name a folder"]);
    assert_eq!(fs::read(&taken).unwrap(), b"a file");
    if Path::new("/proc/self").exists() {
        assert_refused(Run::create(Path::new("/proc/self")), &["/proc/self", "can't write into the folder"]);
    }

    let run = Run::create(&dir.path().join("gone")).unwrap();
    fs::remove_dir(run.folder()).unwrap();
    let (gan, history) = (Gan::new(GanConfig::tutorial()).unwrap(), History::new(1, 1).unwrap());
    assert_refused(run.save(&gan, &history, 2), &["gone", "can't write the file", "room"]);
}

#[test]
fn a_run_of_other_networks_names_the_first_weight_that_is_missing() {
    let (_dir, run) = saved();
    let other = common::tiny_gan(GanConfig::tutorial());
    run.save(&other, &History::new(1, 1).unwrap(), 2).unwrap();
    let parts = ["generator/dense/kernel of shape [4, 256]", "of shape [4, 16384]", "another model"];
    assert_refused(run.models(), &parts);
}

#[test]
fn the_history_of_a_run_that_has_diverged_can_be_read() {
    let (_dir, run) = saved();
    let mut history = History::new(1, 1).unwrap();
    let (d_acc_real, d_acc_fake, seconds) = (0.5, 0.0, 1.0);
    history.push(Step { d_loss_real: f32::NAN, d_loss_fake: 2.0, g_loss: f32::NAN, d_acc_real, d_acc_fake, seconds });
    run.save(&Gan::new(GanConfig::tutorial()).unwrap(), &history, 2).unwrap();
    let step = run.history().unwrap().steps[0];
    assert!(step.d_loss_real.is_nan() && step.g_loss.is_nan());
    assert_eq!((step.d_loss_fake, step.d_acc_real), (2.0, 0.5));
}
