//! One training at a time in a folder.

use super::Run;
use crate::platform::atomic_file::{DISK_HINT, open_alone};
use crate::{Error, Result};
use std::fs::{self, File};

/// Locks the folder until the file is dropped.
///
/// # Errors
/// [`Error::Busy`] when another training has it, [`Error::Io`] when the disk refuses.
pub(super) fn take(run: &Run) -> Result<File> {
    fs::create_dir_all(run.folder()).map_err(Error::io(run.folder(), "make the folder", DISK_HINT))?;
    open_alone(&run.path(".lock"), DISK_HINT)?.ok_or_else(|| Error::Busy {
        path: run.folder().into(),
        hint: "Wait until it has ended, or name another folder.".into(),
    })
}
