//! A run's history.jsonl, and what a notebook then does with it. The first byte says whether the rest is the file
//! itself, or the numbers of a well-formed one. The second byte then says how often its steps are repeated: from 200
//! steps on, curves are smoothed.
#![no_main]

use std::fs;

use gan_nb::runs::Run;
use gan_nb::train::{Gan, GanConfig, History};
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
    let names = ["d_loss_real", "d_acc_real", "d_loss_fake", "d_acc_fake", "g_loss", "seconds"];
    let line = |row: &[f32; 6]| {
        let number = |(name, number): (&str, &f32)| format!("\"{name}\":{}", serde_json::to_string(number).unwrap());
        format!("{{{}}}\n", names.into_iter().zip(row).map(number).collect::<Vec<_>>().join(","))
    };
    let lines: String = numbers.as_chunks().0.iter().map(line).collect();
    lines.repeat(usize::from(*times)).into_bytes()
}

fn look_at(history: &History) {
    assert!(history.to_string().len() < 4096);
    for i in [0, history.len() / 2, history.len(), usize::MAX] {
        assert!(history.log_line(i).len() < 1024);
    }
    let _ = (history.is_complete(), history.seconds());
    for name in history.metrics().names() {
        assert_eq!(history.series(name).unwrap().len(), history.len());
        let _ = history.last_mean(name).unwrap();
    }
}

/// As a run writes it that begins.
fn write_config() {
    let mut gan = Gan::new(GanConfig { latent_dim: 1, ..GanConfig::tutorial() }).unwrap();
    Run::create(folder()).unwrap().save(&mut gan, 32).unwrap();
}
