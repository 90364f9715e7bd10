//! CIFAR-10: 60,000 colour photographs of 32x32 in ten classes.
//!
//! Source: Alex Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009,
//! <https://www.cs.toronto.edu/~kriz/cifar.html> (the "binary version").

use std::env;
use std::path::{Path, PathBuf};

use super::{Dataset, News};
use crate::error::{Error, Result};
use format::{Batches, SIDE};

#[cfg(feature = "download")]
mod download;
mod format;

#[cfg(feature = "download")]
pub use download::fetch;

const CLASSES: [&str; 10] = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
const TRAIN: [&str; 5] =
    ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"];
const TEST: [&str; 1] = ["test_batch.bin"];

/// Finds, downloads and reads CIFAR-10.
pub struct Cifar10;

impl Cifar10 {
    /// The official archive.
    pub const URL: &str = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz";
    /// Its checksum, from its page. Only downloads are checked against it: your own copy may have been repacked.
    pub const MD5: &str = "c32a1d4ab5d03f1284b67883e8d87530";
    /// The archive's file name.
    pub const ARCHIVE: &str = "cifar-10-binary.tar.gz";
    /// The folder inside the archive. A folder of this name is preferred to the archive.
    pub const FOLDER: &str = "cifar-10-batches-bin";

    /// [`load`](Self::load) for a program with a screen of its own: it prints nothing and hands its [`News`] to `news`.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_with(news: &mut dyn FnMut(News)) -> Result<Dataset> {
        Self::load_from(find_or_download(news)?)
    }

    /// [`load_test`](Self::load_test), with its [`News`] handed to `news`.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_test_with(news: &mut dyn FnMut(News)) -> Result<Dataset> {
        Self::load_test_from(find_or_download(news)?)
    }

    /// The 50,000 training pictures from a folder that holds [`FOLDER`](Self::FOLDER) or [`ARCHIVE`](Self::ARCHIVE).
    ///
    /// # Errors
    /// [`Error::File`] if neither is there, or a file is missing, damaged, of the wrong length or has a label above 9.
    pub fn load_from(dir: impl AsRef<Path>) -> Result<Dataset> {
        read("CIFAR-10", dir.as_ref(), &Batches::new(&TRAIN))
    }

    /// The 10,000 test pictures from such a folder.
    ///
    /// # Errors
    /// As for [`load_from`](Self::load_from).
    pub fn load_test_from(dir: impl AsRef<Path>) -> Result<Dataset> {
        read("CIFAR-10 test", dir.as_ref(), &Batches::new(&TEST))
    }

    /// The same with files of few records, so that crate/fuzz can try thousands of them a second.
    #[cfg(fuzzing)]
    pub fn load_small_from(dir: &Path, records: usize, files: &[&str]) -> Result<Dataset> {
        read("CIFAR-10", dir, &Batches::of(records, files))
    }

    /// The folder that holds CIFAR-10, `GAN_NB_DATA` or the cache folder, if either does.
    pub fn find() -> Option<PathBuf> {
        [named_folder(), cache_folder()].into_iter().flatten().find(|dir| holds_cifar10(dir))
    }

    /// The folder for downloads: `GAN_NB_DATA` if set, otherwise `gan_nb` in the user's cache folder.
    ///
    /// # Errors
    /// [`Error::Value`] if `GAN_NB_DATA` is not set and the system has no cache folder.
    pub fn folder() -> Result<PathBuf> {
        named_folder().or_else(cache_folder).ok_or_else(|| {
            let hint = "This system has no cache folder: set it to a folder for the pictures.";
            Error::value("GAN_NB_DATA", "not set", "the path of a folder", hint)
        })
    }

    /// Downloads the official archive into `dir` and returns its path, resuming an interrupted download.
    ///
    /// `progress` gets the bytes so far and, if the server says, of how many.
    ///
    /// # Errors
    /// As for [`fetch`].
    #[cfg(feature = "download")]
    pub fn download(dir: impl AsRef<Path>, progress: &mut dyn FnMut(u64, Option<u64>)) -> Result<PathBuf> {
        let target = dir.as_ref().join(Self::ARCHIVE);
        fetch(Self::URL, Self::MD5, &target, progress)?;
        Ok(target)
    }
}

/// `GAN_NB_DATA`, unless it is empty.
fn named_folder() -> Option<PathBuf> {
    env::var_os("GAN_NB_DATA").filter(|dir| !dir.is_empty()).map(PathBuf::from)
}

fn cache_folder() -> Option<PathBuf> {
    dirs::cache_dir().map(|dir| dir.join("gan_nb"))
}

/// Where the unpacked files would be; `dir` may be that folder itself.
fn unpacked(dir: &Path) -> PathBuf {
    if dir.ends_with(Cifar10::FOLDER) { dir.into() } else { dir.join(Cifar10::FOLDER) }
}

fn holds_cifar10(dir: &Path) -> bool {
    unpacked(dir).exists() || dir.join(Cifar10::ARCHIVE).exists()
}

#[cfg(feature = "download")]
fn find_or_download(news: &mut dyn FnMut(News)) -> Result<PathBuf> {
    if let Some(dir) = Cifar10::find() {
        return Ok(dir);
    }
    let dir = Cifar10::folder()?;
    Cifar10::download(&dir, &mut |bytes, total| news(News::Downloading { bytes, total }))?;
    Ok(dir)
}

#[cfg(not(feature = "download"))]
fn find_or_download(_: &mut dyn FnMut(News)) -> Result<PathBuf> {
    let dir = Cifar10::folder()?;
    Cifar10::find().ok_or_else(|| Error::Download {
        url: Cifar10::URL.into(),
        found: "gan_nb built without its feature `download`".into(),
        expected: format!("{} in {}", Cifar10::ARCHIVE, dir.display()),
        hint: "Put it there by hand.".into(),
    })
}

fn read(name: &str, dir: &Path, files: &Batches) -> Result<Dataset> {
    let (folder, archive) = (unpacked(dir), dir.join(Cifar10::ARCHIVE));
    let (images, labels) = if folder.exists() {
        files.read_folder(&folder)?
    } else if archive.exists() {
        files.read_archive(&archive)?
    } else {
        let found = if dir.is_dir() { "no CIFAR-10" } else { "no folder" };
        let expected = format!("a folder with {}/ or {} in it", Cifar10::FOLDER, Cifar10::ARCHIVE);
        return Err(Error::file(dir, found, expected, format!("Get it from {}.", Cifar10::URL)));
    };
    Dataset::new(name, images, labels, (SIDE, SIDE, 3), &CLASSES)
}
