//! A run's weights.safetensors. By the first byte the rest is the file itself, its header with zeros for arrays, or
//! changes to a file that a run wrote: three bytes each, a place near the file's begin and what stands there.
#![no_main]

use std::fs;
use std::sync::LazyLock;

use gan_nb::train::{Gan, GanConfig, History, Run, RunConfig};
use gan_nb_fuzz::{folder, resident, within};
use libfuzzer_sys::fuzz_target;
use safetensors::SafeTensors;

/// The smallest pair of networks, 3 MB, as a run writes them.
static WRITTEN: LazyLock<(RunConfig, Vec<u8>)> = LazyLock::new(|| {
    let gan = Gan::new(GanConfig { latent_dim: 1, ..GanConfig::tutorial() }).unwrap();
    let run = Run::create(folder()).unwrap();
    run.save(&gan, &History::new(1, 1).unwrap(), 1).unwrap();
    (run.config().unwrap(), fs::read(folder().join("weights.safetensors")).unwrap())
});

fuzz_target!(|input: &[u8]| {
    let Some((mode, rest)) = input.split_first() else { return };
    let whole = &WRITTEN.1;
    let bytes = match mode % 3 {
        0 => rest.to_vec(),
        1 => {
            let mut bytes = [&(rest.len() as u64).to_le_bytes()[..], rest].concat();
            bytes.resize(8 + rest.len() + whole.len() / 64, 0);
            bytes
        }
        _ => {
            let mut bytes = whole.clone();
            for change in rest.chunks_exact(3) {
                bytes[usize::from(u16::from_le_bytes([change[0], change[1]])) % 4096] = change[2];
            }
            bytes
        }
    };
    // The header's JSON as maps and strings. A shape of many numbers takes 8 bytes for each two of the file.
    let parsed = within(32 * bytes.len() + (1 << 14), || SafeTensors::deserialize(&bytes).is_ok());
    // The networks take 30 ms to make, so a file that is none is not often shown to them.
    if parsed || mode / 3 == 0 {
        open(&bytes, parsed);
    }
});

fn open(bytes: &[u8], parsed: bool) {
    let config = RunConfig { weights_md5: format!("{:x}", md5::compute(bytes)), ..WRITTEN.0.clone() };
    fs::write(folder().join("config.json"), serde_json::to_vec(&config).unwrap()).unwrap();
    fs::write(folder().join("weights.safetensors"), bytes).unwrap();
    let models = resident(4 * bytes.len() + (64 << 20), || Run::open(folder()).and_then(|run| run.models()));
    assert!(parsed || models.is_err());
}
