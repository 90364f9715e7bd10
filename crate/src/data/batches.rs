//! CIFAR-10's binary format: files of 10,000 records, each a label byte and the planes R, G, B of 32 rows of 32.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::error::{Error, Result};

/// Pixels along one side of a picture.
pub(super) const SIDE: usize = 32;
const PLANE: usize = SIDE * SIDE;
const RECORD: usize = 1 + 3 * PLANE;
const RECORDS: usize = 10_000;
const FILE_BYTES: u64 = (RECORDS * RECORD) as u64;
const CLASSES: u8 = 10;
/// A read buffer for some thirty records: large enough for speed, and nothing beside the pictures themselves.
const BUFFER: usize = 1 << 17;

/// Pictures (N, 32, 32, 3) and labels (N) of the files, in the order of `names`.
type Pictures = (Vec<u8>, Vec<u8>);

/// Reads the files `names` of `folder`.
pub(super) fn from_folder(folder: &Path, names: &[&str]) -> Result<Pictures> {
    let missing: Vec<&str> = names.iter().copied().filter(|name| !folder.join(name).is_file()).collect();
    refuse_missing(folder, &missing, names, "Unpack the archive again, or delete this folder to have it downloaded.")?;
    let (mut images, mut labels) = room_for(names.len());
    for (i, name) in names.iter().enumerate() {
        let path = folder.join(name);
        let hint = "Unpack the archive again.";
        let size = fs::metadata(&path).map_err(Error::io(&path, "look at the file", hint))?.len();
        check_size(&path, size)?;
        let file = File::open(&path).map_err(Error::io(&path, "open the file", hint))?;
        let reader = &mut BufReader::with_capacity(BUFFER, file);
        let (images, labels) = slots(&mut images, &mut labels, i);
        decode(reader, &path, images, labels, |source| Error::io(&path, "read the file", hint)(source))?;
    }
    Ok((images, labels))
}

/// Reads the files `names` straight from a `.tar.gz`, whatever their order and folder in it. Nothing is unpacked, so
/// that no path in the archive is ever used.
pub(super) fn from_archive(archive: &Path, names: &[&str]) -> Result<Pictures> {
    let damaged = |source: io::Error| {
        let hint = "Delete it and download it again.";
        Error::file(archive, format!("a damaged or cut archive ({source})"), "a whole .tar.gz", hint)
    };
    let file = File::open(archive).map_err(Error::io(archive, "open the archive", "Is it yours to read?"))?;
    if file.metadata().is_ok_and(|data| data.len() == 0) {
        return Err(Error::file(archive, "an empty file", "a .tar.gz", "Delete it and download it again."));
    }
    let unzipped = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, file));
    let mut tar = tar::Archive::new(BufReader::with_capacity(BUFFER, unzipped));
    let (mut images, mut labels) = room_for(names.len());
    let mut missing = names.to_vec();
    for entry in tar.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        let path = entry.path_bytes().into_owned();
        let file_name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
        let Some(i) = names.iter().position(|name| name.as_bytes() == file_name) else { continue };
        let shown = archive.join(names[i]);
        check_size(&shown, entry.size())?;
        let (images, labels) = slots(&mut images, &mut labels, i);
        decode(&mut entry, &shown, images, labels, damaged)?;
        missing.retain(|name| *name != names[i]);
    }
    // gzip's own checksum stands at the very end, behind what tar has to read.
    io::copy(&mut tar.into_inner(), &mut io::sink()).map_err(damaged)?;
    refuse_missing(archive, &missing, names, "Delete it and download it again.")?;
    Ok((images, labels))
}

/// Zeroed room for `files` files, taken once: growing a vector would hold it twice for a moment.
fn room_for(files: usize) -> Pictures {
    (vec![0; files * RECORDS * 3 * PLANE], vec![0; files * RECORDS])
}

/// The part of the room that belongs to file `i`.
fn slots<'a>(images: &'a mut [u8], labels: &'a mut [u8], i: usize) -> (&'a mut [u8], &'a mut [u8]) {
    let bytes = RECORDS * 3 * PLANE;
    (&mut images[i * bytes..][..bytes], &mut labels[i * RECORDS..][..RECORDS])
}

/// Fills `images` (10,000, 32, 32, 3) and `labels` (10,000), record by record.
fn decode(
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

fn check_size(path: &Path, size: u64) -> Result<()> {
    let found = match size {
        FILE_BYTES => return Ok(()),
        0 => "an empty file".into(),
        _ if size < FILE_BYTES => format!("{size} bytes, {} too few", FILE_BYTES - size),
        _ => format!("{size} bytes, {} too many", size - FILE_BYTES),
    };
    let expected = format!("{FILE_BYTES} bytes: {RECORDS} records of {RECORD}");
    Err(Error::file(path, found, expected, "Get the file again."))
}

fn refuse_missing(path: &Path, missing: &[&str], names: &[&str], hint: &str) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    Err(Error::file(path, format!("no {}", missing.join(", no ")), names.join(", "), hint))
}
