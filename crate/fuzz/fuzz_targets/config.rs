//! A run's config.json.
#![no_main]

use std::fs;

use gan_nb::train::{Run, RunConfig};
use gan_nb_fuzz::{folder, resident, within};
use libfuzzer_sys::fuzz_target;

/// A weights.safetensors without weights.
const NO_WEIGHTS: &[u8] = b"\x02\0\0\0\0\0\0\0{}";

fuzz_target!(|input: &[u8]| {
    let path = folder().join("config.json");
    fs::write(&path, input).unwrap();
    // The file's bytes, and an error that quotes a key of it.
    let allowed = 8 * input.len() + (1 << 14);
    let Ok(config) = within(allowed, || Run::open(folder()).and_then(|run| run.config())) else { return };
    let text = serde_json::to_vec(&config).unwrap();
    assert_eq!(serde_json::from_slice::<RunConfig>(&text).unwrap(), config);
    if config.gan.validate().is_ok() {
        // However large the networks of these settings are: without weights there is no reason to make them.
        let config = RunConfig { weights_md5: format!("{:x}", md5::compute(NO_WEIGHTS)), ..config };
        fs::write(&path, serde_json::to_vec(&config).unwrap()).unwrap();
        fs::write(folder().join("weights.safetensors"), NO_WEIGHTS).unwrap();
        assert!(resident(64 << 20, || Run::open(folder()).and_then(|run| run.models())).is_err());
    }
});
