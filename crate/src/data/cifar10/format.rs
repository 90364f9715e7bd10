//! CIFAR-10's binary format: files of 10,000 records, each a label byte and the planes R, G, B of 32 rows of 32.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use crate::error::{Error, Result};

/// Pixels along one side of a picture.
pub(super) const SIDE: usize = 32;
const PLANE: usize = SIDE * SIDE;
const RECORD: usize = 1 + 3 * PLANE;
const RECORDS: usize = 10_000;
const CLASSES: u8 = 10;
/// A read buffer of some forty records: large enough for speed, and negligible beside the pictures.
pub(super) const BUFFER: usize = 1 << 17;

/// The files' pictures (N, 32, 32, 3) and labels (N), in the order of `names`.
pub(super) type Pictures = (Vec<u8>, Vec<u8>);

/// The files to read. Whatever size a file or archive claims, memory is allocated only if that can be true.
pub(super) struct Batches<'a> {
    pub(super) names: &'a [&'a str],
    /// Records per file: 10,000, or few when crate/fuzz tries many files.
    records: usize,
}

impl<'a> Batches<'a> {
    pub(super) fn new(names: &'a [&'a str]) -> Self {
        Self::of(RECORDS, names)
    }

    pub(super) fn of(records: usize, names: &'a [&'a str]) -> Self {
        Self { names, records }
    }

    pub(super) fn file_bytes(&self) -> u64 {
        (self.records * RECORD) as u64
    }

    /// Reads the files from a folder.
    pub(super) fn read_folder(&self, folder: &Path) -> Result<Pictures> {
        let missing: Vec<&str> = self.names.iter().copied().filter(|name| !folder.join(name).is_file()).collect();
        self.refuse_missing(
            folder,
            &missing,
            "Unpack the archive again, or delete this folder to have it downloaded.",
        )?;
        let hint = "Unpack the archive again.";
        let mut files = Vec::new();
        for name in self.names {
            let path = folder.join(name);
            let file = File::open(&path).map_err(Error::io(&path, "open the file", hint))?;
            let size = file.metadata().map_err(Error::io(&path, "inspect the file", hint))?.len();
            self.check_size(&path, size)?;
            files.push((path, file));
        }
        let (mut images, mut labels) = self.room();
        for (i, (path, file)) in files.into_iter().enumerate() {
            let reader = &mut BufReader::with_capacity(BUFFER, file);
            let (images, labels) = self.slots(&mut images, &mut labels, i);
            decode(reader, &path, images, labels, |source| Error::io(&path, "read the file", hint)(source))?;
        }
        Ok((images, labels))
    }

    /// Zeroed buffers for all files, allocated once: growing a vector would hold it twice for a moment.
    pub(super) fn room(&self) -> Pictures {
        let pictures = self.names.len() * self.records;
        (vec![0; pictures * 3 * PLANE], vec![0; pictures])
    }

    /// The part of the buffers that belongs to file `i`.
    pub(super) fn slots<'r>(
        &self,
        images: &'r mut [u8],
        labels: &'r mut [u8],
        i: usize,
    ) -> (&'r mut [u8], &'r mut [u8]) {
        let bytes = self.records * 3 * PLANE;
        (&mut images[i * bytes..][..bytes], &mut labels[i * self.records..][..self.records])
    }

    pub(super) fn check_size(&self, path: &Path, size: u64) -> Result<()> {
        let wanted = self.file_bytes();
        let found = match size {
            _ if size == wanted => return Ok(()),
            0 => "an empty file".into(),
            _ if size < wanted => format!("{size} bytes, {} too few", wanted - size),
            _ => format!("{size} bytes, {} too many", size - wanted),
        };
        let expected = format!("{wanted} bytes: {} records of {RECORD}", self.records);
        Err(Error::file(path, found, expected, "Get the file again."))
    }

    pub(super) fn refuse_missing(&self, path: &Path, missing: &[&str], hint: &str) -> Result<()> {
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::file(path, format!("no {}", missing.join(", no ")), self.names.join(", "), hint))
    }
}

/// Fills `images` (records, 32, 32, 3) and `labels` (records), record by record.
pub(super) fn decode(
    reader: &mut impl Read,
    path: &Path,
    images: &mut [u8],
    labels: &mut [u8],
    unreadable: impl Fn(io::Error) -> Error,
) -> Result<()> {
    let mut record = [0; RECORD];
    for (i, (image, label)) in images.chunks_exact_mut(3 * PLANE).zip(labels).enumerate() {
        reader.read_exact(&mut record).map_err(&unreadable)?;
        *label = record[0];
        if *label >= CLASSES {
            let found = format!("label {label} in record {i} (byte {})", i * RECORD);
            return Err(Error::file(path, found, "a label of 0 to 9", "The file is damaged: get it again."));
        }
        // Planes to pixels: (3, 32, 32) to (32, 32, 3).
        let (red, rest) = record[1..].split_at(PLANE);
        let (green, blue) = rest.split_at(PLANE);
        for (pixel, ((&r, &g), &b)) in image.chunks_exact_mut(3).zip(red.iter().zip(green).zip(blue)) {
            pixel.copy_from_slice(&[r, g, b]);
        }
    }
    Ok(())
}
