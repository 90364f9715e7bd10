//! One training at a time in a folder.

use crate::platform::atomic_file::{DISK_HINT, open_alone};
use crate::{Error, Result};
use std::fs::{self, File};
use std::path::Path;

/// A folder's lock, until it is dropped.
#[derive(Debug)]
pub(super) struct Lock(File);

/// Locks the folder.
///
/// # Errors
/// [`Error::Busy`] when another training has it, [`Error::Io`] when the disk refuses.
pub(super) fn take(folder: &Path) -> Result<Lock> {
    fs::create_dir_all(folder).map_err(Error::io(folder, "make the folder", DISK_HINT))?;
    open_alone(&folder.join(".lock"), DISK_HINT)?.map(Lock).ok_or_else(|| Error::Busy {
        path: folder.into(),
        hint: "Wait until it has ended, or name another folder.".into(),
    })
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file isn't enough: a process that another thread is just starting has a copy of it for a moment.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_lock_is_free_even_if_a_starting_process_has_a_copy() {
        let folder = tempfile::tempdir().unwrap();
        let lock = take(folder.path()).unwrap();
        assert!(matches!(take(folder.path()), Err(Error::Busy { .. })));
        let copy = lock.0.try_clone().unwrap();
        drop(lock);
        assert!(take(folder.path()).is_ok());
        drop(copy);
    }
}
