//! Image files of one colour, and files of MNIST's format.
#![allow(dead_code, clippy::unwrap_used)] // Each test file uses its own part of this.

use std::fs;
use std::io::Write;
use std::path::Path;

use image::{Rgb, RgbImage};

pub const RED: [u8; 3] = [200, 0, 0];
pub const GREEN: [u8; 3] = [0, 200, 0];
pub const BLUE: [u8; 3] = [0, 0, 200];

/// Writes an image of one colour, in the format of its name.
pub fn solid(path: &Path, width: u32, height: u32, colour: [u8; 3]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    RgbImage::from_pixel(width, height, Rgb(colour)).save(path).unwrap();
}

/// A file of images, each of its own gray: 7 times its number, and 255 in the upper left corner.
pub fn idx_images(count: u32) -> Vec<u8> {
    let head = [0x0803, count, 28, 28].map(u32::to_be_bytes).concat();
    let image = |i: u32| {
        let mut image = vec![(7 * i) as u8; 28 * 28];
        image[0] = 255;
        image
    };
    [head, (0..count).flat_map(image).collect()].concat()
}

/// A file of labels that count up to 9 again and again.
pub fn idx_labels(count: u32) -> Vec<u8> {
    let head = [0x0801, count].map(u32::to_be_bytes).concat();
    [head, (0..count).map(|i| (i % 10) as u8).collect()].concat()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// The two files of a half, `train` or `t10k`.
pub fn write_idx(folder: &Path, half: &str, count: u32) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join(format!("{half}-images-idx3-ubyte.gz")), gzip(&idx_images(count))).unwrap();
    fs::write(folder.join(format!("{half}-labels-idx1-ubyte.gz")), gzip(&idx_labels(count))).unwrap();
}
