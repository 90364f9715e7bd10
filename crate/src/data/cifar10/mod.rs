//! CIFAR-10: 60,000 colour photographs of 32x32 in ten classes.
//!
//! Source: Alex Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009,
//! <https://www.cs.toronto.edu/~kriz/cifar.html> (the "binary version").

use std::path::{Path, PathBuf};

#[cfg(feature = "download")]
use super::fetch;
use super::{Dataset, News, places};
use crate::error::{Error, Result};
use crate::platform::home;
use format::{Batches, SIDE};
use search::Found;

mod archive;
mod format;
mod search;

const TRAIN: [&str; 5] =
    ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"];
const TEST: [&str; 1] = ["test_batch.bin"];

/// Finds, downloads and reads CIFAR-10.
pub struct Cifar10;

impl Cifar10 {
    /// What the training pictures are called.
    pub const NAME: &str = "CIFAR-10";
    /// The names of its classes.
    pub const CLASSES: [&str; 10] =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
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

    /// The 50,000 training pictures from where CIFAR-10's binary version lies: its archive, a folder with its files, or a
    /// folder that holds one of these up to two levels down. [`FOLDER`](Self::FOLDER) and [`ARCHIVE`](Self::ARCHIVE) are the
    /// official names; others are found too, such as `cifar-10-binary (1).tar.gz` or an unpacked `.tar`. `~` at the
    /// beginning is the user's home.
    ///
    /// # Errors
    /// [`Error::File`] if it is not there, which says what is (the Python version, say), or if a file is missing, damaged, of
    /// the wrong length or has a label above 9.
    pub fn load_from(path: impl AsRef<Path>) -> Result<Dataset> {
        read(Self::NAME, path.as_ref(), &Batches::new(&TRAIN))
    }

    /// The 10,000 test pictures from there.
    ///
    /// # Errors
    /// As for [`load_from`](Self::load_from).
    pub fn load_test_from(path: impl AsRef<Path>) -> Result<Dataset> {
        read("CIFAR-10 test", path.as_ref(), &Batches::new(&TEST))
    }

    /// The same with files of few records, so that crate/fuzz can try thousands of them a second.
    #[cfg(fuzzing)]
    pub fn load_small_from(dir: &Path, records: usize, files: &[&str]) -> Result<Dataset> {
        read(Self::NAME, dir, &Batches::of(records, files))
    }

    /// Where CIFAR-10 is, if anywhere: `GAN_NB_DATA` or the cache folder, for [`load_from`](Self::load_from). A place that
    /// has only the Python version, which can't be read, comes last.
    pub fn find() -> Option<PathBuf> {
        let place = |wanted: fn(&Found) -> bool| {
            places::all().find(|place| search::search(place).is_some_and(|it| wanted(&it)))
        };
        place(|it| !matches!(it, Found::Python(_))).or_else(|| place(|_| true))
    }

    /// Whether there is something at `path` for [`load_from`](Self::load_from) to read, or to say why it can't.
    pub fn is_at(path: impl AsRef<Path>) -> bool {
        search::search(&home::expand(path)).is_some()
    }

    /// The folder for downloads: `GAN_NB_DATA` if set, otherwise `gan_nb` in the user's cache folder.
    ///
    /// # Errors
    /// [`Error::Value`] if `GAN_NB_DATA` is not set and the system has no cache folder.
    pub fn folder() -> Result<PathBuf> {
        places::folder()
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

fn find_or_download(news: &mut dyn FnMut(News)) -> Result<PathBuf> {
    if let Some(place) = Cifar10::find() {
        return Ok(place);
    }
    let dir = Cifar10::folder()?;
    get(&dir, news).map_err(|error| match (error, places::all().find(|place| search::holds_lookalike(place))) {
        // Something is there: that it can't be read must be said, and drawn shapes would hide it.
        (Error::Download { found, .. }, Some(place)) => {
            none_in(&place, &format!("It can't be downloaded either: {found}."))
        }
        (error, _) => error,
    })?;
    Ok(dir)
}

#[cfg(feature = "download")]
fn get(dir: &Path, news: &mut dyn FnMut(News)) -> Result<()> {
    Cifar10::download(dir, &mut |bytes, total| news(News::Downloading { name: Cifar10::NAME, bytes, total }))
        .map(|_| ())
}

#[cfg(not(feature = "download"))]
fn get(dir: &Path, _: &mut dyn FnMut(News)) -> Result<()> {
    Err(Error::Download {
        url: Cifar10::URL.into(),
        found: "gan_nb built without its feature `download`".into(),
        expected: format!("{} in {}", Cifar10::ARCHIVE, dir.display()),
        hint: "Put it there by hand.".into(),
    })
}

fn read(name: &str, path: &Path, files: &Batches) -> Result<Dataset> {
    let path = home::expand(path);
    let (images, labels) = match search::search(&path) {
        Some(Found::Folder(folder)) => files.read_folder(&folder)?,
        Some(Found::Archive(archive)) => files.read_archive(&archive)?,
        Some(Found::Python(place)) => return Err(python_version(&place)),
        None => return Err(none_in(&path, "")),
    };
    Dataset::new(name, images, labels, (SIDE, SIDE, 3), &Cifar10::CLASSES)
}

/// Pickled by Python, which only Python reads well.
fn python_version(place: &Path) -> Error {
    let expected = format!("the binary version, {}", Cifar10::ARCHIVE);
    let hint = format!("Get that one from {}: it holds the same pictures.", Cifar10::URL);
    Error::file(place, "the Python version of CIFAR-10", expected, hint)
}

fn none_in(place: &Path, hint: &str) -> Error {
    let found = match place.is_dir() {
        true => format!("no CIFAR-10 in it: {}", search::contents(place)),
        false => "no folder or file".into(),
    };
    let expected = format!("a folder with {}/ or {} in it, or that archive", Cifar10::FOLDER, Cifar10::ARCHIVE);
    Error::file(place, found, expected, format!("Get it from {}. {hint}", Cifar10::URL).trim_end())
}
