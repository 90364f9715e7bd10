//! Runs as they were written before their files had a version: always of the tutorial's game.

use crate::common::kept::{self, PLANNED, Stopper, data, fresh, outcome, train};
use crate::common::{assert_refused, assert_same_bits, tiny_gan};
use gan_nb::runs::Run;
use gan_nb::train::{Gan, GanConfig};
use safetensors::SafeTensors;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// What that version wrote of DCGAN's settings.
const GAN: &str = r#"{"seed":42,"learning_rate":0.0002,"beta_1":0.5,"fakes_in_training_mode":true,"real_label":0.9,"latent_dim":4,"batch_norm_momentum":0.8}"#;

/// Rewrites a folder's config.json and checkpoints as version 1 had them.
fn as_format_1(folder: &Path) {
    let path = folder.join("config.json");
    let new: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    fs::write(&path, old_config(&new).to_string()).unwrap();
    for entry in fs::read_dir(folder.join("checkpoints")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let note = SafeTensors::read_metadata(&bytes).unwrap().1.metadata().clone().unwrap()["gan_nb"].clone();
        let note: Value = serde_json::from_str(&note).unwrap();
        let run = &note["run"];
        let (d_steps, g_steps) =
            (&run["optimizers"]["d_optimizer"]["steps"], &run["optimizers"]["g_optimizer"]["steps"]);
        let old = json!({
            "config": old_config(&run["config"]), "iteration": run["iteration"], "d_steps": d_steps, "g_steps": g_steps,
            "streams": [run["streams"]["batches"], run["streams"]["noise"]], "distance": run["distance"],
        });
        // The checksum's digits come first.
        let note = format!("{{\"md5\":\"{}\",\"run\":{old}}}", "0".repeat(32));
        let arrays = SafeTensors::deserialize(&bytes).unwrap();
        let metadata = Some(HashMap::from([("gan_nb".to_string(), note)]));
        let mut bytes = safetensors::serialize(arrays.tensors(), &metadata).unwrap();
        super::folder::seal(&mut bytes);
        fs::write(&path, bytes).unwrap();
    }
}

fn old_config(new: &Value) -> Value {
    let gan: Value = serde_json::from_str(GAN).unwrap();
    let [batch_size, iterations, sample_interval, data] =
        ["batch_size", "iterations", "sample_interval", "data"].map(|name| new[name].clone());
    json!({
        "gan": gan, "batch_size": batch_size, "iterations": iterations, "sample_interval": sample_interval,
        "mixed_precision": false, "data": data,
    })
}

#[test]
fn a_run_of_the_first_format_is_read_and_resumed_bit_for_bit() {
    let dir = tempfile::tempdir().unwrap();
    let (whole, folder) = (dir.path().join("whole"), dir.path().join("run"));
    let mut unbroken = fresh(&whole);
    train(&mut unbroken, &mut Stopper::never()).unwrap();
    train(&mut fresh(&folder), &mut Stopper::at(7)).unwrap();
    as_format_1(&folder);
    let text = fs::read_to_string(folder.join("config.json")).unwrap();
    assert!(text.contains("\"gan\":{") && !text.contains("format"), "{text}");

    let run = Run::open(&folder).unwrap();
    assert_eq!(run.config().unwrap().gan().unwrap(), GanConfig { latent_dim: 4, ..GanConfig::dcgan() });
    assert_eq!(run.history().unwrap().metrics().names().last(), Some("g_loss"));
    assert_eq!(run.checkpoints().unwrap().len(), 2);
    let copy = dir.path().join("copy");
    kept::copy(&folder, &copy);
    let restored = tiny_gan(GanConfig::dcgan()).restore(&copy).unwrap();
    for (folder, mut gan) in [(&folder, fresh(&folder)), (&copy, restored)] {
        let mut observer = Stopper::never();
        train(&mut gan, &mut observer).unwrap();
        assert_eq!((observer.first_iteration, observer.notices), (Some(8), vec![]));
        assert_same_bits(&outcome(&gan, folder), &outcome(&unbroken, &whole), "resumed from the first format");
    }
    assert_eq!(Run::open(&folder).unwrap().history().unwrap().len(), PLANNED);
}

#[test]
fn a_newer_format_is_refused_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let mut gan = fresh(dir.path());
    gan.train_observed(&data(), 1, 4, 1, &mut Stopper::never()).unwrap();
    let path = dir.path().join("config.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\"format\": 2", "\"format\": 3", 1)).unwrap();
    let parts = ["config.json", "found format 3, expected format 2 or older", "the gan_nb that wrote it"];
    assert_refused(Run::open(dir.path()).unwrap().config(), &parts);
    let checkpoint = dir.path().join("checkpoints/000001.safetensors");
    let mut bytes = fs::read(&checkpoint).unwrap();
    let from = br#"\"format\":2"#;
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    bytes[at + from.len() - 1] = b'3';
    super::folder::seal(&mut bytes);
    fs::write(&checkpoint, bytes).unwrap();
    assert_refused(Gan::resume(&checkpoint), &["000001.safetensors", "found format 3"]);
}
