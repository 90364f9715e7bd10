//! One training at a time in a folder.

use crate::platform::atomic_file::{DISK_HINT, open_alone};
use crate::{Error, Result};
use std::fs::{self, File};
use std::path::Path;

/// Locks the folder until the file is dropped.
///
/// # Errors
/// [`Error::Busy`] when another training has it, [`Error::Io`] when the disk refuses.
pub(super) fn take(folder: &Path) -> Result<File> {
    fs::create_dir_all(folder).map_err(Error::io(folder, "make the folder", DISK_HINT))?;
    open_alone(&folder.join(".lock"), DISK_HINT)?.ok_or_else(|| Error::Busy {
        path: folder.into(),
        hint: "Wait until it has ended, or name another folder.".into(),
    })
}
