//! The folder of a run: what comes back from it, and what is said of one that is damaged.

use crate::common::{assert_refused, noise, numbers, tiny_gan, weights};
use gan_nb::data::Shapes;
use gan_nb::runs::Run;
use gan_nb::train::{Game, Gan, GanConfig, History};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Two networks after one iteration, and their folder.
fn trained() -> (TempDir, Gan) {
    let dir = tempfile::tempdir().unwrap();
    let mut gan = Gan::new(GanConfig { seed: 7, ..GanConfig::dcgan() }).unwrap();
    let row = gan.train_iteration(&Shapes::generate(4, 1).unwrap(), 2).unwrap().read().unwrap();
    gan.history = History::new(1, 1, gan.metrics()).unwrap();
    gan.history.push(&row, 0.5).unwrap();
    Run::create(dir.path().join("run")).unwrap().save(&mut gan, 2).unwrap();
    (dir, gan)
}

/// A saved run of networks as they begin.
fn saved() -> (TempDir, Run) {
    let dir = tempfile::tempdir().unwrap();
    let run = Run::create(dir.path()).unwrap();
    run.save(&mut Gan::new(GanConfig::tutorial()).unwrap(), 2).unwrap();
    (dir, run)
}

/// Saves a run with a record of these iterations.
fn save_rows(run: &Run, planned: usize, rows: &[[f32; 5]]) -> History {
    let mut gan = Gan::new(GanConfig::tutorial()).unwrap();
    gan.history = History::new(planned, 1, gan.metrics()).unwrap();
    rows.iter().for_each(|row| gan.history.push(row, 0.1).unwrap());
    run.save(&mut gan, 2).unwrap();
    gan.history.clone()
}

fn file(run: &Run, name: &str) -> PathBuf {
    run.folder().join(name)
}

fn checkpoint(run: &Run) -> PathBuf {
    run.checkpoints().unwrap().pop().unwrap().path
}

/// Gives a file's bytes the checksum that they should have, so that only what they hold can be refused.
pub fn seal(bytes: &mut [u8]) {
    let before = br#"{\"md5\":\""#;
    let start = bytes.windows(before.len()).position(|window| window == before).unwrap() + before.len();
    bytes[start..start + 32].fill(b'0');
    let sum = format!("{:x}", md5::compute(&bytes));
    bytes[start..start + 32].copy_from_slice(sum.as_bytes());
}

const KERNEL: &str = "generator/conv2d_transpose_1/kernel";

/// The same checkpoint with KERNEL's bytes under this type and shape, or without KERNEL.
fn craft(run: &Run, kernel: Option<(Dtype, [usize; 4])>) {
    let bytes = fs::read(checkpoint(run)).unwrap();
    let whole = SafeTensors::deserialize(&bytes).unwrap();
    let metadata = SafeTensors::read_metadata(&bytes).unwrap().1.metadata().clone();
    let mut arrays = whole.tensors();
    let place = arrays.iter().position(|(name, _)| name == KERNEL).unwrap();
    let (name, view) = arrays.swap_remove(place);
    arrays.extend(kernel.map(|(kind, shape)| (name, TensorView::new(kind, shape.into(), view.data()).unwrap())));
    let mut crafted = safetensors::serialize(arrays, &metadata).unwrap();
    seal(&mut crafted);
    fs::write(checkpoint(run), crafted).unwrap();
}

#[test]
fn what_was_learned_comes_back_bit_for_bit() {
    let (dir, gan) = trained();
    let run = Run::open(dir.path().join("run")).unwrap();
    let config = run.config().unwrap();
    assert_eq!((&config.gan().unwrap(), config.batch_size, config.iterations), (gan.config(), 2, 1));
    assert_eq!(run.history().unwrap(), gan.history);
    let (generator, discriminator) = run.models().unwrap();
    assert_eq!(weights(&generator), weights(&gan.generator));
    assert_eq!(weights(&discriminator), weights(&gan.discriminator));
    let z = noise(1, &[3, 100]);
    let images = gan.generator.predict(&z).unwrap();
    assert_eq!(numbers(&generator.predict(&z).unwrap()), numbers(&images));
    let judged = |model: &gan_nb::nn::Sequential| numbers(&model.predict(&images).unwrap());
    assert_eq!(judged(&discriminator), judged(&gan.discriminator));
    let untrained = gan_nb::models::build_generator(7).unwrap();
    assert!(weights(&generator).iter().zip(weights(&untrained)).all(|(a, b)| *a != b), "nothing to bring back");
}

#[test]
fn the_folder_holds_config_history_and_one_checkpoint_and_takes_new_ones() {
    let (dir, mut gan) = trained();
    let run = Run::create(dir.path().join("run")).unwrap();
    let names = || {
        let mut names: Vec<_> = run.folder().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let values: Vec<_> = gan.generator.weights().iter().map(|(_, w)| w.value.detach() * 0.5).collect();
    gan.generator.set_weights(&values).unwrap();
    gan.history.planned = 2;
    let row = gan.history.row(0);
    gan.history.push(&row, 0.5).unwrap();
    run.save(&mut gan, 2).unwrap();
    assert_eq!(weights(&run.models().unwrap().0), weights(&gan.generator));
    assert_eq!(names(), [".lock", "checkpoints", "config.json", "history.jsonl"]);
    let kept: Vec<_> = run.checkpoints().unwrap().iter().map(|saved| (saved.iteration, saved.distance)).collect();
    assert_eq!(kept, [(1, None), (2, None)], "saving removes nothing");
    assert_refused(run.best_models(), &["run", "no checkpoint with a distance", "keep_in"]);
    let table = run.table().unwrap().to_string();
    assert!(table.contains("2 de 2 iteraciones con lotes de 2") && table.contains("000002.safetensors"), "{table}");
}

#[test]
fn damaged_weights() {
    let (_dir, run) = saved();
    let path = checkpoint(&run);
    let name = path.display().to_string();
    let bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    let mut flipped = bytes.clone();
    flipped[middle] ^= 1;
    for damaged in [&flipped[..], &bytes[..middle]] {
        fs::write(&path, damaged).unwrap();
        assert_refused(
            run.models(),
            &[&name, "a damaged file (its checksum is ", "as it says itself", "another checkpoint"],
        );
        assert_refused(Gan::resume(&path), &[&name, "a damaged file"]);
    }
    let mut cut = bytes[..middle].to_vec();
    seal(&mut cut);
    fs::write(&path, &cut).unwrap();
    assert_refused(run.models(), &[&name, "a whole safetensors file"]);
    for empty in [&[][..], &[9; 7], &[255; 64]] {
        fs::write(&path, empty).unwrap();
        assert_refused(run.models(), &[&name, "no checksum"]);
        assert_eq!(run.checkpoints().unwrap(), []);
    }
    fs::remove_file(&path).unwrap();
    assert_refused(run.models(), &["checkpoints", "no checkpoint", "Train again"]);
    assert_refused(Gan::resume(&path), &[&name, "no config.json"]);
}

#[test]
fn a_small_file_does_not_make_large_networks() {
    let (_dir, run) = saved();
    let path = checkpoint(&run);
    let mut bytes = fs::read(&path).unwrap();
    // As many digits, so that all else stays in its place.
    let from = br#"\"latent_dim\":100"#;
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    bytes[at..at + from.len()].copy_from_slice(br#"\"latent_dim\":9e3"#);
    seal(&mut bytes);
    fs::write(&path, &bytes).unwrap();
    assert_refused(run.models(), &["expected"]);
    bytes[at..at + from.len()].copy_from_slice(br#"\"latent_dim\":999"#);
    seal(&mut bytes);
    fs::write(&path, &bytes).unwrap();
    let parts = ["generator/dense/kernel of shape [999, 16384]", "found generator/dense/kernel of shape [100"];
    assert_refused(run.models(), &parts);
    assert_refused(Gan::resume(&path), &parts);
    bytes[at..at + from.len()].copy_from_slice(from);
    let before = br#"\"g_optimizer\":{\"steps\":0,"#;
    let steps = bytes.windows(before.len()).position(|window| window == before).unwrap() + before.len() - 2;
    bytes.splice(steps..=steps, *b"9999999999"); // "0" before; the header is padded with spaces, of which some go
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) + 9;
    bytes[..8].copy_from_slice(&header.to_le_bytes());
    seal(&mut bytes);
    fs::write(&path, &bytes).unwrap();
    assert_refused(run.models(), &["found 9999999999 steps of g_optimizer, expected fewer than"]);
}

#[test]
fn weights_of_another_model() {
    let (_dir, run) = saved();
    let bytes = fs::read(checkpoint(&run)).unwrap();
    let name = checkpoint(&run).display().to_string();
    let expected = format!("expected {KERNEL} of shape [4, 4, 64, 128] in float32");
    for (kernel, found) in [
        // As many numbers, but turned: the layout of another framework.
        (Some((Dtype::F32, [4, 4, 128, 64])), "of shape [4, 4, 128, 64] in F32"),
        (Some((Dtype::I32, [4, 4, 64, 128])), "of shape [4, 4, 64, 128] in I32"),
        (None, "found no generator/conv2d_transpose_1/kernel"),
    ] {
        craft(&run, kernel);
        assert_refused(run.models(), &[&name, found, &expected, "other networks"]);
        fs::write(checkpoint(&run), &bytes).unwrap();
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
        assert_refused(run.config(), &[&name, found, "expected ", "Train again"]);
    };
    refused(&text[..text.len() / 2], "EOF while parsing");
    refused("weights", "expected value at line 1");
    refused(&text.replace("\"beta_1\"", "\"beta1\""), "unknown field `beta1`");
    refused(&text.replace("\"batch_size\": 2", "\"batch_size\": -2"), "`-2`");
    refused(&text.replace("\"batch_size\": 2,", ""), "missing field `batch_size`");
    fs::remove_file(&path).unwrap();
    let folder = dir.path().display().to_string();
    assert_refused(Run::open(dir.path()), &[&folder, "no config.json", "the folder of a run", "gan_nb train --out"]);
    assert_refused(run.config(), &[&name, "can't read the file", "No such file"]);
}

#[test]
fn folders_that_can_t_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let taken = dir.path().join("taken");
    fs::write(&taken, "a file").unwrap();
    let name = taken.display().to_string();
    assert_refused(Run::create(&taken), &[&name, "can't make the folder", "Name a folder"]);
    assert_refused(Run::create(taken.join("run")), &[&name, "can't make the folder", "Name a folder"]);
    assert_eq!(fs::read(&taken).unwrap(), b"a file");
    if Path::new("/proc/self").exists() {
        assert_refused(Run::create("/proc/self"), &["/proc/self", "can't write into the folder"]);
    }

    let run = Run::create(dir.path().join("gone")).unwrap();
    fs::remove_dir(run.folder()).unwrap();
    fs::write(run.folder(), "a file").unwrap();
    let mut gan = Gan::new(GanConfig::tutorial()).unwrap();
    assert_refused(run.save(&mut gan, 2), &["gone", "can't make the folder", "room"]);
}

#[test]
fn a_run_of_other_networks_names_the_first_weight_that_is_missing() {
    let (_dir, run) = saved();
    run.save(&mut tiny_gan(GanConfig::tutorial()), 2).unwrap();
    let parts = ["generator/dense/kernel of shape [4, 256]", "of shape [4, 16384]", "other networks"];
    assert_refused(run.models(), &parts);
}

#[test]
fn the_history_of_a_run_that_has_diverged_can_be_read() {
    let (_dir, run) = saved();
    save_rows(&run, 1, &[[f32::NAN, 0.5, 2.0, 0.0, f32::NAN]]);
    let history = run.history().unwrap();
    assert!(history.series("d_loss_real").unwrap()[0].is_nan() && history.series("g_loss").unwrap()[0].is_nan());
    assert_eq!(history.row(0)[1..4], [0.5, 2.0, 0.0]);
}

#[test]
fn half_a_line_at_the_end_is_no_iteration_and_a_damaged_line_is_named() {
    let (_dir, run) = saved();
    let history = save_rows(&run, 3, &[0.1, 1.1, 2.1].map(|d_loss_real| [d_loss_real, 0.5, 0.2, 0.25, 0.3]));
    let path = file(&run, "history.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.lines().count(), 3);
    assert_eq!(run.history().unwrap(), history);
    fs::write(&path, &text[..text.len() - 5]).unwrap();
    let cut = run.history().unwrap();
    assert_eq!((cut.len(), cut.row(1)), (2, history.row(1)));
    fs::write(&path, text.replacen("0.2", "O.2", 1)).unwrap();
    assert_refused(run.history(), &["history.jsonl", "(line 1)", "expected {\"d_loss_real\": …, \"d_acc_real\""]);
    let no_seconds = text.replacen("\"seconds\"", "\"time\"", 1);
    fs::write(&path, no_seconds).unwrap();
    assert_refused(run.history(), &["history.jsonl", "no seconds at its end (line 1)"]);
    fs::write(&path, text.replace("g_loss", "h_loss")).unwrap();
    assert_refused(
        run.history(),
        &["history.jsonl", "the metrics d_loss_real, d_acc_real, d_loss_fake, d_acc_fake, h_loss"],
    );
}
