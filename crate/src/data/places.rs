//! Where data lies, and where downloads and prepared photos go.

use std::env;
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::platform::home;

/// `GAN_NB_DATA`, unless it is empty: a folder, or CIFAR-10's archive itself.
fn named() -> Option<PathBuf> {
    env::var_os("GAN_NB_DATA").filter(|place| !place.is_empty()).map(home::expand)
}

/// Where to look, in this order.
pub(super) fn all() -> impl Iterator<Item = PathBuf> {
    [named(), home::cache_folder()].into_iter().flatten()
}

/// The folder for whatever is written: `GAN_NB_DATA` if set, otherwise `gan_nb` in the user's cache folder.
///
/// # Errors
/// [`Error::Value`] if `GAN_NB_DATA` is not set and the system has no cache folder.
pub(super) fn folder() -> Result<PathBuf> {
    // It may name the archive that is there, or is to be there.
    let folder = |place: PathBuf| {
        let is_archive = place.extension().is_some_and(|end| ["gz", "tgz", "tar"].iter().any(|known| end == *known));
        let parent = place.parent().filter(|_| is_archive || place.is_file());
        parent.map_or_else(|| place.clone(), PathBuf::from)
    };
    named().map(folder).or_else(home::cache_folder).ok_or_else(|| {
        let hint = "This system has no cache folder: set it to a folder for the pictures.";
        Error::value("GAN_NB_DATA", "not set", "the path of a folder", hint)
    })
}
