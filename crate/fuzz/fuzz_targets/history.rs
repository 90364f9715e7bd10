//! A run's history.jsonl, and what a notebook then does with it. The first byte says whether the rest is the file
//! itself, or the numbers of a well-formed one. The second byte then says how often its steps are repeated: from 200
//! steps on, curves are smoothed.
#![no_main]

use std::fs;

use gan_nb::runs::{Run, RunConfig};
use gan_nb::train::{GanConfig, History, Step};
use gan_nb_fuzz::{folder, within};
use libfuzzer_sys::fuzz_target;

/// Longer histories are not drawn: drawing a figure takes a thousand times as long as reading its data.
const DRAWN: usize = 512;

fuzz_target!(init: write_config(), |input: &[u8]| {
    let Some((mode, rest)) = input.split_first() else { return };
    let bytes = if mode & 1 == 0 { rest.to_vec() } else { well_formed(rest) };
    fs::write(folder().join("history.jsonl"), &bytes).unwrap();
    // The file's bytes, and steps of 24 bytes, each at least four times as long in JSON; a vector grows by doubling.
    let allowed = 8 * bytes.len() + (1 << 14);
    let Ok(history) = within(allowed, || Run::open(folder()).and_then(|run| run.history())) else { return };
    within(1 << 16, || look_at(&history));
    // Only one in 64, to keep the rest fast.
    if history.len() <= DRAWN && rest.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)) % 64 == 0 {
        // The figure: 1440 by about 1100 pixels, drawn and as a PNG.
        let figure = within(64 << 20, || history.plot());
        assert!(figure.is_ok(), "{:?}", figure.err());
    }
});

fn well_formed(bytes: &[u8]) -> Vec<u8> {
    let (times, bytes) = bytes.split_first().unwrap_or((&0, &[]));
    let numbers: Vec<f32> = bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect();
    let steps =
        numbers.as_chunks().0.iter().map(|&[d_loss_real, d_acc_real, d_loss_fake, d_acc_fake, g_loss, seconds]| Step {
            d_loss_real,
            d_acc_real,
            d_loss_fake,
            d_acc_fake,
            g_loss,
            seconds,
        });
    let lines: String = steps.map(|step| serde_json::to_string(&step).unwrap() + "\n").collect();
    lines.repeat(usize::from(*times)).into_bytes()
}

fn look_at(history: &History) {
    assert!(history.to_string().len() < 4096);
    for i in [0, history.len() / 2, history.len(), usize::MAX] {
        assert!(history.log_line(i).len() < 1024);
    }
    let _ = (history.is_complete(), history.seconds());
    assert_eq!(history.last_tenth().is_empty(), history.is_empty());
    for step in history.last_tenth() {
        let _ = (step.d_loss(), step.d_accuracy());
    }
}

fn write_config() {
    let config = RunConfig {
        gan: GanConfig::tutorial(),
        batch_size: 32,
        iterations: 300,
        sample_interval: 100,
        mixed_precision: false,
        data: None,
    };
    fs::write(folder().join("config.json"), serde_json::to_vec(&config).unwrap()).unwrap();
}
