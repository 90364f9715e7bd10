//! CIFAR-10: 60,000 colour photographs of 32x32 in ten classes.
//!
//! Source: Alex Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009,
//! <https://www.cs.toronto.edu/~kriz/cifar.html> (the "binary version").

use std::env;
use std::path::{Path, PathBuf};

use super::Dataset;
use crate::error::{Error, Result};
use format::{Batches, SIDE};

#[cfg(feature = "download")]
mod download;
mod format;

#[cfg(feature = "download")]
pub use download::{fetch, print_progress};

const CLASSES: [&str; 10] = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
const TRAIN: [&str; 5] =
    ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"];
const TEST: [&str; 1] = ["test_batch.bin"];

/// Finds, downloads and reads CIFAR-10.
pub struct Cifar10;

impl Cifar10 {
    /// The official archive.
    pub const URL: &str = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz";
    /// Its checksum, as its page gives it. Only a download is held to it: a copy of your own may be packed anew.
    pub const MD5: &str = "c32a1d4ab5d03f1284b67883e8d87530";
    /// The archive's file name, as it is looked for.
    pub const ARCHIVE: &str = "cifar-10-binary.tar.gz";
    /// The name of the folder inside the archive, looked for before the archive.
    pub const FOLDER: &str = "cifar-10-batches-bin";

    /// The 50,000 training pictures.
    ///
    /// Looks in `GAN_NB_DATA`, then in the user's cache folder, for [`FOLDER`](Self::FOLDER), then
    /// [`ARCHIVE`](Self::ARCHIVE); where there is neither, downloads the archive into [`folder`](Self::folder) and
    /// prints a line each tenth.
    ///
    /// # Errors
    /// [`Error::Download`] if it is nowhere and can't be downloaded; else as [`load_from`](Self::load_from).
    pub fn load() -> Result<Dataset> {
        Self::load_from(find_or_download()?)
    }

    /// The 10,000 test pictures, found as those of [`load`](Self::load).
    ///
    /// # Errors
    /// As for [`load`](Self::load).
    pub fn load_test() -> Result<Dataset> {
        Self::load_test_from(find_or_download()?)
    }

    /// The 50,000 training pictures from a folder that holds [`FOLDER`](Self::FOLDER) or [`ARCHIVE`](Self::ARCHIVE).
    ///
    /// # Errors
    /// If neither is there, or a file of it is missing, damaged, too short, too long or has a label above 9.
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

    /// The same with files of so few records that crate/fuzz can try thousands of them a second.
    #[cfg(fuzzing)]
    pub fn load_small_from(dir: &Path, records: usize, files: &[&str]) -> Result<Dataset> {
        read("CIFAR-10", dir, &Batches::of(records, files))
    }

    /// The folder that holds CIFAR-10, if one does: `GAN_NB_DATA` or the cache folder.
    pub fn find() -> Option<PathBuf> {
        [named_folder(), cache_folder()].into_iter().flatten().find(|dir| holds_cifar10(dir))
    }

    /// The folder that a download goes to: `GAN_NB_DATA` if set, else `gan_nb` in the user's cache folder.
    ///
    /// # Errors
    /// If there is no `GAN_NB_DATA` and the system names no cache folder.
    pub fn folder() -> Result<PathBuf> {
        named_folder().or_else(cache_folder).ok_or_else(|| {
            let hint = "There is no cache folder on this system: set it to a folder for the pictures.";
            Error::value("GAN_NB_DATA", "not set", "the path of a folder", hint)
        })
    }

    /// Downloads the official archive into `dir` and returns its path; goes on where an earlier try was cut.
    ///
    /// `progress` gets the bytes so far and, where the server says, of how many;
    /// [`print_progress`] makes one that prints lines.
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

/// `GAN_NB_DATA`; set to nothing counts as not set.
fn named_folder() -> Option<PathBuf> {
    env::var_os("GAN_NB_DATA").filter(|dir| !dir.is_empty()).map(PathBuf::from)
}

fn cache_folder() -> Option<PathBuf> {
    dirs::cache_dir().map(|dir| dir.join("gan_nb"))
}

/// Where the unpacked files would lie; `dir` may be that folder itself.
fn unpacked(dir: &Path) -> PathBuf {
    if dir.ends_with(Cifar10::FOLDER) { dir.into() } else { dir.join(Cifar10::FOLDER) }
}

fn holds_cifar10(dir: &Path) -> bool {
    unpacked(dir).exists() || dir.join(Cifar10::ARCHIVE).exists()
}

#[cfg(feature = "download")]
fn find_or_download() -> Result<PathBuf> {
    if let Some(dir) = Cifar10::find() {
        return Ok(dir);
    }
    let dir = Cifar10::folder()?;
    Cifar10::download(&dir, &mut print_progress("CIFAR-10"))?;
    Ok(dir)
}

#[cfg(not(feature = "download"))]
fn find_or_download() -> Result<PathBuf> {
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
