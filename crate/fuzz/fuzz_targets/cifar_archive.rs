//! CIFAR-10's archive. The first byte says whether the rest is a .tar.gz, or a tar whose headers get correct checksums
//! and which is then compressed: otherwise hardly any input would get past the checks of gzip and tar themselves.
#![no_main]

use std::fs;
use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use gan_nb::data::Cifar10;
use gan_nb_fuzz::{folder, within};
use libfuzzer_sys::fuzz_target;

const BLOCK: usize = 512;
const NAMES: [&str; 2] = ["data_batch_1.bin", "data_batch_2.bin"];
/// Some inputs claim to hold files of 6 MB; memory may be allocated for those only if the archive could hold them.
const RECORDS: [usize; 2] = [1, 2000];

fuzz_target!(|input: &[u8]| {
    let Some((mode, bytes)) = input.split_first() else { return };
    let packed = if mode & 1 == 0 { bytes.to_vec() } else { pack(bytes, mode >> 2) };
    let inner = folder().join("inner");
    fs::create_dir_all(&inner).unwrap();
    fs::write(inner.join(Cifar10::ARCHIVE), &packed).unwrap();
    let records = RECORDS[usize::from(mode >> 1 & 1)];
    // Deflate's best ratio, plus two read buffers of 128 KiB and gzip's window.
    let allowed = 1032 * packed.len() + (1 << 19);
    if let Ok(data) = within(allowed, || Cifar10::load_small_from(&inner, records, &NAMES)) {
        assert_eq!(data.len(), NAMES.len() * records);
    }
    // Whatever the entries' names, nothing is written.
    assert_eq!(fs::read_dir(&inner).unwrap().count(), 1);
    assert_eq!(fs::read_dir(folder()).unwrap().count(), 1);
});

fn pack(bytes: &[u8], level: u8) -> Vec<u8> {
    let mut tar = bytes.to_vec();
    let mut at = 0usize;
    while let Some(block) = at.checked_add(BLOCK).and_then(|end| tar.get_mut(at..end)) {
        let mut header = tar::Header::new_old();
        header.as_mut_bytes().copy_from_slice(block);
        header.set_cksum();
        if block.iter().any(|&byte| byte != 0) {
            block.copy_from_slice(header.as_bytes());
        }
        let size = usize::try_from(header.entry_size().unwrap_or(0)).unwrap_or(usize::MAX);
        at = size.checked_next_multiple_of(BLOCK).and_then(|size| size.checked_add(at + BLOCK)).unwrap_or(usize::MAX);
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::new(u32::from(level % 3)));
    gzip.write_all(&tar).unwrap();
    gzip.finish().unwrap()
}
