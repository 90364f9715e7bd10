//! Photos of your own: a folder of image files becomes a dataset.

mod cache;
mod reading;
mod scan;

use std::path::{Path, PathBuf};

use super::{Dataset, News, Skipped, places};
use crate::error::{Error, Result};
use crate::platform::home;
use scan::Found;

/// A label is a byte.
const MOST_CLASSES: usize = 256;
const FORMATS: &str = "photos: files named .jpg, .jpeg, .png, .webp, .bmp or .gif";

/// A folder of photos, and the size they are to have as pictures of a [`Dataset`].
///
/// Sub-folders are classes, as in torchvision's `ImageFolder`, and may have sub-folders of their own; without sub-folders all
/// photos are of one class. JPEG, PNG, WebP, BMP and GIF files (of an animation the first frame) are read as
/// [`open_square`](crate::imaging::open_square) does it: upright, over white, cut to their central square and scaled by
/// Lanczos's filter. Other files and hidden ones are ignored. Symbolic links are followed.
///
/// Files that can't be read end nothing: they are left out, and the dataset [names](Dataset::skipped) them. The order of the
/// pictures is that of the names, whatever the disk's is. What was read is kept as one file in the cache folder
/// (`GAN_NB_DATA`, or the user's), and is read from there as long as no photo changes.
///
/// ```
/// use gan_nb::{data::{Photos, Shapes}, display::image_grid};
///
/// // Two classes with a drawing each; yours would be photos.
/// let folder = std::env::temp_dir().join("gan_nb_photos");
/// for (i, class) in ["cats", "dogs"].iter().enumerate() {
///     std::fs::create_dir_all(folder.join(class)).ok();
///     image_grid(&Shapes::generate(2, 7)?.images(&[i])?, 1)?.save(folder.join(class).join("1.png"))?;
/// }
/// let photos = Photos::in_folder(&folder).size(64).kept_in(std::env::temp_dir()).load()?;
/// assert_eq!(photos.to_string(), "gan_nb_photos: 2 images of 64x64x3, 2 classes");
/// assert_eq!(photos.class_names(), ["cats", "dogs"]);
/// assert!(photos.skipped().is_empty());
/// # Ok::<(), gan_nb::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Photos {
    folder: PathBuf,
    size: u32,
    kept_in: Option<PathBuf>,
}

impl Photos {
    /// The photos of this folder, to become 32 × 32 pixels. `~` at the beginning is the user's home.
    pub fn in_folder(path: impl AsRef<Path>) -> Self {
        Self { folder: home::expand(path), size: 32, kept_in: None }
    }

    /// Height and width that they are to have, in pixels: a multiple of 8, since the networks halve it three times.
    #[must_use]
    pub fn size(mut self, size: u32) -> Self {
        self.size = size;
        self
    }

    /// The folder that keeps the prepared pictures, in place of `GAN_NB_DATA` or the cache folder.
    #[must_use]
    pub fn kept_in(mut self, folder: impl AsRef<Path>) -> Self {
        self.kept_in = Some(home::expand(folder));
        self
    }

    /// Whether a folder has photos in it, readable or not, itself or in its sub-folders.
    pub fn are_in(path: impl AsRef<Path>) -> bool {
        scan::has_photos(&home::expand(path))
    }

    /// [`load`](Self::load) for a program with a screen of its own: it prints nothing and hands its [`News`] to `news`.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_with(&self, news: &mut dyn FnMut(News)) -> Result<Dataset> {
        if !(8..=1024).contains(&self.size) || !self.size.is_multiple_of(8) {
            let hint = "32, 64 and 96 are such sizes.";
            return Err(Error::value("the photos' size", self.size, "a multiple of 8, 8 to 1024", hint));
        }
        let found = scan::scan(&self.folder)?;
        if found.classes.len() > MOST_CLASSES {
            let hint = "Put several of them into one.";
            let count = format!("{} sub-folders with photos", found.classes.len());
            return Err(Error::file(&self.folder, count, format!("at most {MOST_CLASSES} classes"), hint));
        }
        if found.photos.is_empty() {
            return Err(self.nothing_in(&found.skipped));
        }
        let kept = self.kept_in.clone().map_or_else(places::folder, Ok);
        let kept = kept.map(|folder| cache::Place::of(&folder, &self.folder, self.size, &found.photos));
        let from_cache = kept.as_ref().ok().and_then(|place| place.read(&self.name()));
        let mut data = match from_cache {
            Some(data) => data,
            None => self.read(&found, kept, news)?,
        };
        // What the folder's list shows is looked up each time, what the photos show is in the cache.
        data.skipped.splice(0..0, found.skipped);
        if !data.skipped.is_empty() {
            news(News::Skipped { files: &data.skipped, taken: data.len() });
        }
        Ok(data)
    }

    fn read(&self, found: &Found, kept: Result<cache::Place>, news: &mut dyn FnMut(News)) -> Result<Dataset> {
        let pictures = reading::read(&found.photos, self.size, news)?;
        if pictures.labels.is_empty() {
            let skipped: Vec<Skipped> = found.skipped.iter().chain(&pictures.skipped).cloned().collect();
            return Err(self.nothing_in(&skipped));
        }
        // A class whose photos are all damaged is none.
        let (classes, labels) = without_empty(&found.classes, &pictures.labels);
        let side = self.size as usize;
        let mut data = Dataset::new(&self.name(), pictures.images, labels, (side, side, 3), &classes)?;
        data.skipped = pictures.skipped;
        // A file that could not be read for now, for want of permission say, may be readable the next time.
        if pictures.is_final
            && let Err(reason) = kept.and_then(|place| place.write(&data))
        {
            news(News::NotKept { reason: &reason });
        }
        Ok(data)
    }

    /// The folder's own name.
    fn name(&self) -> String {
        let folder = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        folder.file_name().map_or_else(|| "photos".into(), |name| name.to_string_lossy().into_owned())
    }

    fn nothing_in(&self, skipped: &[Skipped]) -> Error {
        const SHOWN: usize = 3;
        let shown: Vec<String> = skipped.iter().take(SHOWN).map(ToString::to_string).collect();
        let more = skipped.len().saturating_sub(SHOWN);
        let found = match (skipped.len(), more) {
            (0, _) => "no photos".into(),
            (_, 0) => format!("no photo that can be read ({})", shown.join("; ")),
            _ => format!("no photo that can be read ({}; and {more} more)", shown.join("; ")),
        };
        Error::file(&self.folder, found, FORMATS, "Name the folder that holds them, or convert them first.")
    }
}

/// The classes that any label names, and the labels as places among these.
fn without_empty<'c>(classes: &'c [String], labels: &[usize]) -> (Vec<&'c str>, Vec<u8>) {
    let is_used: Vec<bool> = (0..classes.len()).map(|class| labels.contains(&class)).collect();
    let place = |class: usize| is_used[..class].iter().filter(|used| **used).count() as u8;
    let places: Vec<u8> = (0..classes.len()).map(place).collect();
    let used = classes.iter().zip(&is_used).filter(|(_, used)| **used).map(|(name, _)| name.as_str());
    (used.collect(), labels.iter().map(|&class| places[class]).collect())
}
