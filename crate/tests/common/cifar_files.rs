//! Made-up CIFAR-10 files whose every byte is known.
#![allow(dead_code, clippy::unwrap_used)] // Each test file uses its own part of this.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

pub const RECORD: usize = 3073;
pub const RECORDS: usize = 10_000;
pub const FILE_BYTES: usize = RECORD * RECORDS;
pub const TRAIN: [&str; 5] =
    ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"];

/// The label of record `i` of file `file`.
pub fn label(file: usize, i: usize) -> usize {
    (i + 3 * file) % 10
}

/// Channel `c` of the pixel at row `y`, column `x`: no two of the five count alike.
pub fn pixel(file: usize, i: usize, c: usize, y: usize, x: usize) -> u8 {
    (101 * file + 7 * i + 85 * c + 13 * y + x) as u8
}

/// A file in the official layout: label, then the planes R, G, B, row by row.
pub fn batch(file: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(FILE_BYTES);
    for i in 0..RECORDS {
        bytes.push(label(file, i) as u8);
        for c in 0..3 {
            for y in 0..32 {
                bytes.extend((0..32).map(|x| pixel(file, i, c, y, x)));
            }
        }
    }
    bytes
}

/// Writes `bytes` to `cifar-10-batches-bin/<name>` in `dir`.
pub fn write(dir: &Path, name: &str, bytes: &[u8]) {
    let folder = dir.join("cifar-10-batches-bin");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), bytes).unwrap();
}

/// Five training files of zeros that take no room on the disk.
pub fn write_zeros(dir: &Path) {
    for name in TRAIN {
        write(dir, name, &[]);
        let file = fs::File::options().write(true).open(dir.join("cifar-10-batches-bin").join(name)).unwrap();
        file.set_len(FILE_BYTES as u64).unwrap();
    }
}

/// A test file of zeros beside them.
pub fn write_test_zeros(dir: &Path) {
    write(dir, "test_batch.bin", &[]);
    let file = fs::File::options().write(true).open(dir.join("cifar-10-batches-bin/test_batch.bin")).unwrap();
    file.set_len(FILE_BYTES as u64).unwrap();
}

/// An archive of files of zeros, with these names: a plain tar if its name says so, otherwise gzipped.
pub fn pack_zeros(path: &Path, names: &[&str]) {
    let mut tar = tar::Builder::new(Vec::new());
    for name in names {
        let mut header = tar::Header::new_gnu();
        header.set_size(FILE_BYTES as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, format!("any folder/{name}"), std::io::repeat(0).take(FILE_BYTES as u64)).unwrap();
    }
    let bytes = tar.into_inner().unwrap();
    if path.extension().is_some_and(|extension| extension == "tar") {
        return fs::write(path, bytes).unwrap();
    }
    let mut gzip = flate2::write::GzEncoder::new(fs::File::create(path).unwrap(), flate2::Compression::fast());
    gzip.write_all(&bytes).unwrap();
    gzip.finish().unwrap();
}

/// Fails unless `error`'s message has each of `parts`.
pub fn assert_says(error: &gan_nb::Error, parts: &[&str]) {
    let message = error.to_string();
    for part in parts {
        assert!(message.contains(part), "no {part:?} in {message:?}");
    }
}
