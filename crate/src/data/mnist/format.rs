//! The IDX format: a magic number that holds the number of axes, the length of each, all in big-endian, and then the bytes.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::error::{Error, Result};

/// Pixels along one side of a picture as it comes, and as it leaves.
const OWN_SIDE: usize = 28;
pub(super) const SIDE: usize = 32;
const FRAME: usize = (SIDE - OWN_SIDE) / 2;
/// The bytes of one picture.
pub(super) const PICTURE: usize = SIDE * SIDE * 3;
/// Unsigned bytes, in one axis or three.
const LABELS: u32 = 0x0801;
const IMAGES: u32 = 0x0803;
/// More than any data set of this format has; what a file claims must not fill the memory.
const MOST: u32 = 1_000_000;
const AGAIN: &str = "Delete it and download it again.";

/// The pictures (N, 32, 32, 3), framed and in three channels.
pub(super) fn images(path: &Path) -> Result<Vec<u8>> {
    let mut file = IdxFile::open(path, IMAGES, "images")?;
    let count = file.count()?;
    let size = [file.number()?, file.number()?];
    if size != [OWN_SIDE as u32; 2] {
        let found = format!("images of {}x{}", size[0], size[1]);
        return Err(Error::file(path, found, "28x28", "It is a file of another data set."));
    }
    // Zeroed memory costs nothing before it is written to, so a false count does no harm.
    let mut images = vec![0; count * PICTURE];
    let mut gray = [0; OWN_SIDE * OWN_SIDE];
    for image in images.chunks_exact_mut(PICTURE) {
        file.fill(&mut gray)?;
        let rows = image.chunks_exact_mut(3 * SIDE).skip(FRAME);
        for (row, gray) in rows.zip(gray.chunks_exact(OWN_SIDE)) {
            for (pixel, &value) in row.chunks_exact_mut(3).skip(FRAME).zip(gray) {
                pixel.fill(value);
            }
        }
    }
    file.end()?;
    Ok(images)
}

/// The labels of so many pictures, each below `classes`.
pub(super) fn labels(path: &Path, pictures: usize, classes: usize) -> Result<Vec<u8>> {
    let mut file = IdxFile::open(path, LABELS, "labels")?;
    let count = file.count()?;
    if count != pictures {
        let wanted = format!("{pictures}, one for each image");
        return Err(Error::file(path, format!("{count} labels"), wanted, "The two files do not belong together."));
    }
    let mut labels = vec![0; count];
    file.fill(&mut labels)?;
    file.end()?;
    match labels.iter().position(|&label| usize::from(label) >= classes) {
        None => Ok(labels),
        Some(i) => {
            let wanted = format!("a label below {classes}");
            Err(Error::file(path, format!("label {} at place {i}", labels[i]), wanted, AGAIN))
        }
    }
}

struct IdxFile<'a> {
    path: &'a Path,
    reader: Box<dyn Read>,
}

impl<'a> IdxFile<'a> {
    /// What the file begins with says whether it is gzipped: some browsers unpack it on the way and leave its name.
    fn open(path: &'a Path, magic: u32, what: &str) -> Result<Self> {
        let unreadable = || Error::io(path, "read the file", "Check that you may read it.");
        let mut file = File::open(path).map_err(unreadable())?;
        let mut head = Vec::new();
        (&mut file).take(2).read_to_end(&mut head).and_then(|_| file.rewind()).map_err(unreadable())?;
        let file = BufReader::with_capacity(1 << 17, file);
        let is_gzip = head == [0x1f, 0x8b];
        let reader: Box<dyn Read> = if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
        let mut file = Self { path, reader };
        match file.number()? {
            found if found == magic => Ok(file),
            found => {
                let wanted = format!("{magic:#06x}, a file of {what}");
                Err(Error::file(path, format!("the magic number {found:#06x}"), wanted, AGAIN))
            }
        }
    }

    fn number(&mut self) -> Result<u32> {
        let mut bytes = [0; 4];
        self.fill(&mut bytes)?;
        Ok(u32::from_be_bytes(bytes))
    }

    /// How many images or labels.
    fn count(&mut self) -> Result<usize> {
        match self.number()? {
            count if (1..=MOST).contains(&count) => Ok(count as usize),
            count => Err(Error::file(self.path, format!("{count} entries"), format!("1 to {MOST}"), AGAIN)),
        }
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<()> {
        self.reader.read_exact(bytes).map_err(|error| self.damaged(&error))
    }

    /// Makes sure that nothing follows, and that gzip's checksum, which does, is right.
    fn end(mut self) -> Result<()> {
        match self.reader.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(Error::file(self.path, "more bytes than its head says", "just those", AGAIN)),
            Err(error) => Err(self.damaged(&error)),
        }
    }

    fn damaged(&self, error: &io::Error) -> Error {
        Error::file(self.path, format!("a damaged or truncated file ({error})"), "a complete one", AGAIN)
    }
}
