//! Photos as they were read and scaled, in one file.
//!
//! A line `gan_nb photos 1` with the checksum of the next, a line of JSON that says what the rest is, and then the labels and
//! the pictures, whose checksum that JSON has. A file that is damaged, or of other photos, is as good as none.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::scan::Photo;
use crate::data::{Dataset, Skipped};
use crate::error::{Error, Result};
use crate::platform::atomic_file::{DISK_HINT, NewFile};

/// The version changes with whatever makes other pictures of the same photos.
const MAGIC: &str = "gan_nb photos 1";
/// More than the header of a million photos takes.
const LONGEST_HEADER: u64 = 1 << 28;

/// Where the pictures of a folder are kept, and what they must be of.
pub(super) struct Place {
    path: PathBuf,
    key: String,
    size: u32,
}

#[derive(Serialize, Deserialize)]
struct Header {
    /// Of the photos' names, lengths, times and classes.
    key: String,
    images: usize,
    classes: Vec<String>,
    skipped: Vec<Skipped>,
    /// As [`Dataset::md5`].
    md5: String,
}

impl Place {
    /// In `cache`: one file for each folder and size, which a changed folder writes anew.
    pub fn of(cache: &Path, folder: &Path, size: u32, photos: &[Photo]) -> Self {
        let mut sum = md5::Context::new();
        let true_path = folder.canonicalize().unwrap_or_else(|_| folder.into());
        sum.consume(true_path.as_os_str().as_encoded_bytes());
        let path = cache.join("photos").join(format!("{:x}_{size}.bin", sum.finalize()));
        let mut sum = md5::Context::new();
        for photo in photos {
            let name = photo.within.as_os_str().as_encoded_bytes();
            sum.consume(format!("{} {} {} {} ", name.len(), photo.length, photo.modified, photo.class));
            sum.consume(name);
        }
        Self { path, key: format!("{:x}", sum.finalize()), size }
    }

    /// What is kept there, if it is whole and of these photos.
    pub fn read(&self, name: &str) -> Option<Dataset> {
        let file = File::open(&self.path).ok()?;
        let length = file.metadata().ok()?.len();
        let mut reader = BufReader::with_capacity(1 << 17, file);
        let mut line = || {
            let mut line = Vec::new();
            (&mut reader).take(LONGEST_HEADER).read_until(b'\n', &mut line).ok()?;
            Some(line)
        };
        let (first, json) = (line()?, line()?);
        if first != self.first_line(&json).into_bytes() {
            return None;
        }
        let header: Header = serde_json::from_slice(&json).ok().filter(|header: &Header| header.key == self.key)?;
        let (images, side) = (header.images, self.size as usize);
        let bytes = images.checked_mul(side * side * 3)?;
        // Memory is taken only if what the header says can be true.
        if length != (first.len() + json.len() + images + bytes) as u64 {
            return None;
        }
        let (mut labels, mut pictures) = (vec![0; images], vec![0; bytes]);
        reader.read_exact(&mut labels).and_then(|()| reader.read_exact(&mut pictures)).ok()?;
        let classes: Vec<&str> = header.classes.iter().map(String::as_str).collect();
        let mut data = Dataset::new(name, pictures, labels, (side, side, 3), &classes).ok()?;
        data.skipped = header.skipped;
        (data.md5() == header.md5).then_some(data)
    }

    /// Keeps the pictures.
    ///
    /// # Errors
    /// [`Error::Io`] when the disk refuses; nothing is left then.
    pub fn write(&self, data: &Dataset) -> Result<()> {
        let header = Header {
            key: self.key.clone(),
            images: data.len(),
            classes: data.class_names().to_vec(),
            skipped: data.skipped.clone(),
            md5: data.md5().into(),
        };
        let refused = || Error::io(&self.path, "keep the prepared photos", DISK_HINT);
        let write = || {
            let mut json = serde_json::to_vec(&header)?;
            json.push(b'\n');
            if let Some(folder) = self.path.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut file = NewFile::create(&self.path)?;
            file.write_all(self.first_line(&json).as_bytes())?;
            file.write_all(&json)?;
            file.write_all(&data.labels)?;
            file.write_all(&data.images)?;
            file.finish()
        };
        write().map_err(refused())
    }

    fn first_line(&self, json: &[u8]) -> String {
        format!("{MAGIC} {:x}\n", md5::compute(json))
    }
}
