//! CIFAR-10's binary format: files of 10,000 records, each a label byte and the planes R, G, B of 32 rows of 32.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use tar::EntryType;

use crate::error::{Error, Result};

/// Pixels along one side of a picture.
pub(super) const SIDE: usize = 32;
const PLANE: usize = SIDE * SIDE;
const RECORD: usize = 1 + 3 * PLANE;
const RECORDS: usize = 10_000;
const CLASSES: u8 = 10;
/// A read buffer of some forty records: large enough for speed, and negligible beside the pictures.
const BUFFER: usize = 1 << 17;

/// The official archive holds six data files and a page of text; twice that is more than any copy needs.
const MOST_FILES: usize = 12;
/// The best that Deflate can do: 258 bytes from two bits.
const BEST_RATIO: u64 = 1032;
const AGAIN: &str = "Delete it and download it again.";

/// The files' pictures (N, 32, 32, 3) and labels (N), in the order of `names`.
type Pictures = (Vec<u8>, Vec<u8>);

/// The files to read. Whatever size a file or archive claims, memory is allocated only if that can be true.
pub(super) struct Batches<'a> {
    names: &'a [&'a str],
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

    fn file_bytes(&self) -> u64 {
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

    /// Reads the files straight from a `.tar.gz`, in whatever order and folder they are. Nothing is unpacked, so no
    /// path in the archive is ever used.
    pub(super) fn read_archive(&self, archive: &Path) -> Result<Pictures> {
        let damaged = |source: io::Error| {
            Error::file(archive, format!("a damaged or truncated archive ({source})"), "a complete .tar.gz", AGAIN)
        };
        let file =
            File::open(archive).map_err(Error::io(archive, "open the archive", "Check that you may read it."))?;
        let size =
            file.metadata().map_err(Error::io(archive, "inspect the archive", "Check that you may read it."))?.len();
        if size == 0 {
            return Err(Error::file(archive, "an empty file", "a .tar.gz", AGAIN));
        }
        let unzipped = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, file));
        let bounded = Bounded { inner: unzipped, left: MOST_FILES as u64 * self.file_bytes() };
        let mut tar = tar::Archive::new(BufReader::with_capacity(BUFFER, bounded));
        let (mut images, mut labels) = (Vec::new(), Vec::new());
        let mut missing = self.names.to_vec();
        // Raw: otherwise a long name, which is an entry of its own, would be read into memory whatever its length.
        for entry in tar.entries().map_err(damaged)?.raw(true) {
            let mut entry = entry.map_err(damaged)?;
            let path = entry.path_bytes().into_owned();
            let file_name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
            let Some(i) = self.names.iter().position(|name| name.as_bytes() == file_name) else { continue };
            let shown = archive.join(self.names[i]);
            match entry.header().entry_type() {
                EntryType::Regular => {}
                // Some programs put metadata such as times before a file, under the same name.
                EntryType::XHeader | EntryType::XGlobalHeader => continue,
                other => return Err(Error::file(&shown, kind(other), "a regular file", AGAIN)),
            }
            self.check_size(&shown, entry.size())?;
            if images.is_empty() {
                self.check_ratio(archive, size)?;
                (images, labels) = self.room();
            }
            let (images, labels) = self.slots(&mut images, &mut labels, i);
            decode(&mut entry, &shown, images, labels, damaged)?;
            missing.retain(|name| *name != self.names[i]);
        }
        // gzip's checksum is at the very end, beyond what tar needs to read.
        io::copy(&mut tar.into_inner(), &mut io::sink()).map_err(damaged)?;
        self.refuse_missing(archive, &missing, AGAIN)?;
        Ok((images, labels))
    }

    /// Zeroed buffers for all files, allocated once: growing a vector would hold it twice for a moment.
    fn room(&self) -> Pictures {
        let pictures = self.names.len() * self.records;
        (vec![0; pictures * 3 * PLANE], vec![0; pictures])
    }

    /// The part of the buffers that belongs to file `i`.
    fn slots<'r>(&self, images: &'r mut [u8], labels: &'r mut [u8], i: usize) -> (&'r mut [u8], &'r mut [u8]) {
        let bytes = self.records * 3 * PLANE;
        (&mut images[i * bytes..][..bytes], &mut labels[i * self.records..][..self.records])
    }

    fn check_size(&self, path: &Path, size: u64) -> Result<()> {
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

    /// Refuses an archive that is too small to hold the files at any compression.
    fn check_ratio(&self, archive: &Path, size: u64) -> Result<()> {
        let least = self.names.len() as u64 * self.file_bytes() / BEST_RATIO;
        if size >= least {
            return Ok(());
        }
        let expected = format!("{least} or more: gzip compresses {BEST_RATIO} to 1 at best");
        Err(Error::file(archive, format!("{size} bytes"), expected, AGAIN))
    }

    fn refuse_missing(&self, path: &Path, missing: &[&str], hint: &str) -> Result<()> {
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::file(path, format!("no {}", missing.join(", no ")), self.names.join(", "), hint))
    }
}

/// Reads up to `left` bytes: a small archive can unpack to terabytes, which would take hours to skip.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(bytes)?;
        let Some(left) = self.left.checked_sub(read as u64) else {
            return Err(io::Error::other("it unpacks to more than twice what CIFAR-10 holds"));
        };
        self.left = left;
        Ok(read)
    }
}

fn kind(of: EntryType) -> &'static str {
    match of {
        EntryType::Link | EntryType::Symlink => "a link",
        EntryType::Directory => "a folder",
        _ => "a special file",
    }
}

/// Fills `images` (records, 32, 32, 3) and `labels` (records), record by record.
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
