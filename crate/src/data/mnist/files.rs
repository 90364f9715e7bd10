//! Where a data set in MNIST's format lies, and how it gets there.

use std::path::{Path, PathBuf};

use super::format;
#[cfg(feature = "download")]
use crate::data::download::fetch_from;
use crate::data::{Dataset, News, places};
use crate::error::{Error, Result};
use crate::platform::home;

/// The images and the labels of one half.
type Half = [usize; 2];

const TRAIN: Half = [0, 1];
const TEST: Half = [2, 3];

/// A data set in MNIST's format: four files of one byte a pixel, gzipped or not. [`Mnist::FILES`](super::Mnist::FILES) and
/// [`FashionMnist::FILES`](super::FashionMnist::FILES) are two; others, such as Kuzushiji-MNIST, are read in the same way.
///
/// The pictures become 32 × 32 pixels by a black frame of 2, and gray becomes red, green and blue of the same value, so that
/// all networks here can learn from them.
#[derive(Debug, Clone, Copy)]
pub struct MnistFiles<'a> {
    /// What the training pictures are called.
    pub name: &'a str,
    /// The folder's name in `GAN_NB_DATA` or the cache folder.
    pub folder: &'a str,
    /// The addresses that the [files'](Self::NAMES) names are added to, each ending in `/`. They are tried in this order.
    pub mirrors: &'a [&'a str],
    /// The checksum of each of [the files](Self::NAMES), gzipped. Only downloads are checked against it.
    pub md5: [&'a str; 4],
    /// The names of the classes.
    pub classes: &'a [&'a str],
}

impl MnistFiles<'_> {
    /// The four files: images and labels to train on, images and labels to test on.
    pub const NAMES: [&'static str; 4] = [
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ];

    /// The pictures to train on: (N, 32, 32, 3).
    ///
    /// Looks in `GAN_NB_DATA` and in the user's cache folder for a folder of this [name](Self::folder), or one as torchvision
    /// makes it (`MNIST/raw`). What is missing is downloaded, verified, and resumed if it was interrupted.
    ///
    /// # Errors
    /// [`Error::Download`] if it can't be found or downloaded, otherwise as [`load_from`](Self::load_from).
    pub fn load_with(&self, news: &mut dyn FnMut(News)) -> Result<Dataset> {
        self.read(&self.find_or_download(TRAIN, news)?, TRAIN, self.name)
    }

    /// The pictures to test on, found like the others.
    ///
    /// # Errors
    /// As [`load_with`](Self::load_with).
    pub fn load_test_with(&self, news: &mut dyn FnMut(News)) -> Result<Dataset> {
        self.read(&self.find_or_download(TEST, news)?, TEST, &format!("{} test", self.name))
    }

    /// The pictures to train on from the folder with the files, or from one that holds that folder.
    ///
    /// # Errors
    /// [`Error::File`] if files are missing, damaged, of another format, or not of as many labels as images.
    pub fn load_from(&self, path: impl AsRef<Path>) -> Result<Dataset> {
        self.read(&self.folder_in(path.as_ref(), TRAIN)?, TRAIN, self.name)
    }

    /// The pictures to test on from there.
    ///
    /// # Errors
    /// As [`load_from`](Self::load_from).
    pub fn load_test_from(&self, path: impl AsRef<Path>) -> Result<Dataset> {
        self.read(&self.folder_in(path.as_ref(), TEST)?, TEST, &format!("{} test", self.name))
    }

    /// Where the files may be within a folder: in one of its own name, in torchvision's, or in the folder itself.
    fn places_in(&self, path: &Path) -> [PathBuf; 4] {
        let torchvision = self.name.replace('-', "");
        [path.join(self.folder), path.join(torchvision).join("raw"), path.join("raw"), path.into()]
    }

    fn folder_in(&self, path: &Path, half: Half) -> Result<PathBuf> {
        let path = home::expand(path);
        let holds_it = |place: &PathBuf| half.iter().all(|&file| file_in(place, file).is_some());
        self.places_in(&path).into_iter().find(holds_it).ok_or_else(|| {
            let names = half.map(|file| Self::NAMES[file]).join(" and ");
            let hint = format!("Get them from {}.", self.mirrors.first().unwrap_or(&"the data set's page"));
            let found = if path.is_dir() { "no such files" } else { "no folder" };
            Error::file(&path, found, format!("a folder with {names}"), hint)
        })
    }

    fn find_or_download(&self, half: Half, news: &mut dyn FnMut(News)) -> Result<PathBuf> {
        // MNIST's files and Fashion-MNIST's have the same names, so a folder that bears no data set's name tells nothing.
        let letters = |name: &str| name.to_lowercase().replace(['-', '_', ' '], "");
        let is_named = |place: &Path| {
            place.file_name().is_some_and(|name| letters(&name.to_string_lossy()) == letters(self.folder))
        };
        for place in places::all() {
            let places = self.places_in(&place);
            let named = &places[..if is_named(&place) { 4 } else { 2 }];
            if let Some(found) = named.iter().find(|folder| half.iter().all(|&file| file_in(folder, file).is_some())) {
                return Ok(found.clone());
            }
        }
        let folder = places::folder()?.join(self.folder);
        for file in half {
            if file_in(&folder, file).is_none() {
                self.get(file, &folder, news)?;
            }
        }
        Ok(folder)
    }

    #[cfg(feature = "download")]
    fn get(&self, file: usize, folder: &Path, news: &mut dyn FnMut(News)) -> Result<()> {
        let name = Self::NAMES[file];
        let urls: Vec<String> = self.mirrors.iter().map(|mirror| format!("{mirror}{name}")).collect();
        fetch_from(&urls, self.md5[file], &folder.join(name), &mut |bytes, total| {
            news(News::Downloading { name: self.name, bytes, total });
        })
    }

    #[cfg(not(feature = "download"))]
    fn get(&self, file: usize, folder: &Path, _: &mut dyn FnMut(News)) -> Result<()> {
        Err(Error::Download {
            url: format!("{}{}", self.mirrors.first().unwrap_or(&""), Self::NAMES[file]),
            found: "gan_nb built without its feature `download`".into(),
            expected: format!("{} in {}", Self::NAMES[file], folder.display()),
            hint: "Put it there by hand.".into(),
        })
    }

    fn read(&self, folder: &Path, half: Half, name: &str) -> Result<Dataset> {
        let [images, labels] = half.map(|file| file_in(folder, file).unwrap_or_else(|| folder.join(Self::NAMES[file])));
        let pictures = format::images(&images)?;
        let labels = format::labels(&labels, pictures.len() / format::PICTURE, self.classes.len())?;
        Dataset::new(name, pictures, labels, (format::SIDE, format::SIDE, 3), self.classes)
    }
}

/// One of the files in a folder, as it comes or unpacked.
fn file_in(folder: &Path, file: usize) -> Option<PathBuf> {
    let name = MnistFiles::NAMES[file];
    [name, name.trim_end_matches(".gz")].map(|name| folder.join(name)).into_iter().find(|path| path.is_file())
}
