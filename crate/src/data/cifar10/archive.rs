//! The binary version's files out of their archive, gzipped or not.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use tar::EntryType;

use super::format::{BUFFER, Batches, Pictures, decode};
use super::search::is_python_batch;
use super::{Cifar10, python_version};
use crate::error::{Error, Result};

/// The official archive holds six data files and a page of text; twice that is more than any copy needs.
const MOST_FILES: usize = 12;
/// The best that Deflate can do: 258 bytes from two bits.
const BEST_RATIO: u64 = 1032;
/// Where a tar says what it is.
const TAR_MAGIC: std::ops::Range<usize> = 257..262;
const AGAIN: &str = "Delete it and download it again.";

impl Batches<'_> {
    /// Reads the files straight from a `.tar.gz` or `.tar`, in whatever order and folder they are. Nothing is unpacked, so
    /// no path in the archive is ever used.
    pub(super) fn read_archive(&self, archive: &Path) -> Result<Pictures> {
        let damaged = |source: io::Error| {
            Error::file(archive, format!("a damaged or truncated archive ({source})"), "a complete .tar.gz", AGAIN)
        };
        let (reader, size, best_ratio) = open(archive)?;
        let bounded = Bounded { inner: reader, left: MOST_FILES as u64 * self.file_bytes() };
        let mut tar = tar::Archive::new(BufReader::with_capacity(BUFFER, bounded));
        let (mut images, mut labels) = (Vec::new(), Vec::new());
        let mut missing = self.names.to_vec();
        // Raw: otherwise a long name, which is an entry of its own, would be read into memory whatever its length.
        for entry in tar.entries().map_err(damaged)?.raw(true) {
            let mut entry = entry.map_err(damaged)?;
            let path = entry.path_bytes().into_owned();
            let file_name = path.rsplit(|&byte| byte == b'/').next().unwrap_or_default();
            if is_python_batch(&String::from_utf8_lossy(file_name)) {
                return Err(python_version(archive));
            }
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
                self.check_ratio(archive, size, best_ratio)?;
                (images, labels) = self.room();
            }
            let (images, labels) = self.slots(&mut images, &mut labels, i);
            decode(&mut entry, &shown, images, labels, damaged)?;
            missing.retain(|name| *name != self.names[i]);
        }
        // gzip's checksum is at the very end, beyond what tar needs to read.
        io::copy(&mut tar.into_inner(), &mut io::sink()).map_err(damaged)?;
        let other = format!("It is damaged or another archive: get {} from {} again.", Cifar10::ARCHIVE, Cifar10::URL);
        self.refuse_missing(archive, &missing, &other)?;
        Ok((images, labels))
    }

    /// Refuses an archive that is too small to hold the files at any compression.
    fn check_ratio(&self, archive: &Path, size: u64, best_ratio: u64) -> Result<()> {
        let least = self.names.len() as u64 * self.file_bytes() / best_ratio;
        if size >= least {
            return Ok(());
        }
        let expected = format!("{least} or more: gzip compresses {BEST_RATIO} to 1 at best");
        Err(Error::file(archive, format!("{size} bytes"), expected, AGAIN))
    }
}

/// The tar in a file, the file's size, and how far it may be compressed.
///
/// What the file begins with says what it is, and its name only where that says nothing: some programs unpack a `.tar.gz` on
/// the way and leave its name.
fn open(archive: &Path) -> Result<(Box<dyn Read>, u64, u64)> {
    let unreadable = |action| Error::io(archive, action, "Check that you may read it.");
    let mut file = File::open(archive).map_err(unreadable("open the archive"))?;
    let size = file.metadata().map_err(unreadable("inspect the archive"))?.len();
    if size == 0 {
        return Err(Error::file(archive, "an empty file", "a .tar.gz", AGAIN));
    }
    let mut head = Vec::new();
    let read = (&mut file).take(TAR_MAGIC.end as u64).read_to_end(&mut head).and_then(|_| file.rewind());
    read.map_err(unreadable("read the archive"))?;
    let file = BufReader::with_capacity(BUFFER, file);
    let name = archive.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let is_gzip = head.starts_with(&[0x1f, 0x8b]);
    if !is_gzip && (head.get(TAR_MAGIC) == Some(b"ustar") || name.ends_with(".tar")) {
        Ok((Box::new(file), size, 1))
    } else if is_gzip || name.ends_with(".gz") || name.ends_with(".tgz") {
        Ok((Box::new(MultiGzDecoder::new(file)), size, BEST_RATIO))
    } else {
        let hint = format!("Get it from {}.", Cifar10::URL);
        Err(Error::file(archive, "a file that is not a tar archive", Cifar10::ARCHIVE, hint))
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
