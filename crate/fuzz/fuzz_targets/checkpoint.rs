//! A run's checkpoint, a safetensors file. Each gets the correct checksum, without which no input would be read
//! further. The first byte says what the rest is: the file itself, its header (with zeros for the arrays), or changes
//! to a file that a run wrote, three bytes each: a position in its first 8 KB, and the new byte.
#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use gan_nb::runs::Run;
use gan_nb::train::{Gan, GanConfig};
use gan_nb_fuzz::{folder, resident, within};
use libfuzzer_sys::fuzz_target;
use safetensors::SafeTensors;

/// The smallest pair of networks, 3 MB, as a run writes them, without the optimizers' state.
static WRITTEN: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut gan = Gan::new(GanConfig { latent_dim: 1, ..GanConfig::tutorial() }).unwrap();
    let run = Run::create(folder()).unwrap();
    run.save(&mut gan, 1).unwrap();
    let bytes = fs::read(checkpoint()).unwrap();
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let kept = file.tensors().into_iter().filter(|(name, _)| !name.contains("optimizer"));
    let mut bytes = safetensors::serialize(kept, metadata.metadata()).unwrap();
    sign(&mut bytes);
    fs::write(checkpoint(), &bytes).unwrap();
    run.models().unwrap(); // otherwise no input would get past the checksum
    bytes
});

fn checkpoint() -> PathBuf {
    folder().join("checkpoints/000000.safetensors")
}

fuzz_target!(|input: &[u8]| {
    let Some((mode, rest)) = input.split_first() else { return };
    let whole = &*WRITTEN;
    let mut bytes = match mode % 3 {
        0 => rest.to_vec(),
        1 => {
            let mut bytes = [&(rest.len() as u64).to_le_bytes()[..], rest].concat();
            bytes.resize(8 + rest.len() + whole.len() / 64, 0);
            bytes
        }
        _ => {
            let mut bytes = whole.clone();
            for change in rest.chunks_exact(3) {
                bytes[usize::from(u16::from_le_bytes([change[0], change[1]])) % 8192] = change[2];
            }
            bytes
        }
    };
    sign(&mut bytes);
    fs::write(checkpoint(), &bytes).unwrap();
    // The file, and its header as maps and strings. A shape takes 8 bytes in memory for every two in the file.
    let run = Run::open(folder()).unwrap();
    let readable = within(32 * bytes.len() + (1 << 16), || run.checkpoints().unwrap().len() == 1);
    // The networks take 30 ms to build, so an unreadable file is rarely tried on them.
    if readable || mode / 3 == 0 {
        let made = resident(4 * bytes.len() + (128 << 20), || (run.models().is_ok(), Gan::resume(folder()).is_ok()));
        assert!(readable || made == (false, false));
    }
});

/// Writes the checksum as crate/src/runs/checkpoint_file.rs does.
fn sign(bytes: &mut [u8]) {
    const BEFORE: &[u8] = br#"{\"md5\":\""#;
    let near = &bytes[..bytes.len().min(1 << 14)];
    let Some(at) = near.windows(BEFORE.len()).position(|window| window == BEFORE) else { return };
    let digits = at + BEFORE.len()..at + BEFORE.len() + 32;
    if let Some(place) = bytes.get_mut(digits.clone()) {
        place.fill(b'0');
        let md5 = format!("{:x}", md5::compute(&bytes));
        bytes[digits].copy_from_slice(md5.as_bytes());
    }
}
