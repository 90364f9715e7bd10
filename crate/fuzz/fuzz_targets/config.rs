//! A run's config.json.
#![no_main]

use std::fs;

use gan_nb::runs::{Run, RunConfig};
use gan_nb_fuzz::{folder, within};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    fs::write(folder().join("config.json"), input).unwrap();
    // The file's bytes, and an error that quotes one of its keys.
    let allowed = 8 * input.len() + (1 << 14);
    let Ok(config) = within(allowed, || Run::open(folder()).and_then(|run| run.config())) else { return };
    let _ = config.gan();
    // A saved run is recognized by its settings, to the last bit.
    let text = serde_json::to_vec(&config).unwrap();
    assert_eq!(serde_json::from_slice::<RunConfig>(&text).unwrap(), config);
});
