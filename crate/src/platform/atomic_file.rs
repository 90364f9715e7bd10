//! Files that exist either whole or not at all, whatever happens while they are written.

use crate::{Error, Result};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The end of the name of a file that is being written. An interrupted program leaves one behind.
pub(crate) const PART: &str = ".part";
pub(crate) const DISK_HINT: &str = "Check that the disk has room and that the folder is writable, then try again.";

/// Writes under another name, waits until everything is on the disk, and only then renames the file: if the computer is
/// switched off at any moment, either the old file or the new one is there.
///
/// # Errors
/// [`Error::Io`] when the disk refuses; nothing is left of the new file then.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut part = OsString::from(path);
    part.push(PART);
    let part = PathBuf::from(part);
    let write = || {
        let mut file = File::create(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&part, path)
    };
    write().map_err(|source| {
        // If it can't be removed now, the next training in this folder removes it.
        let _ = fs::remove_file(&part);
        Error::io(path, "write the file", DISK_HINT)(source)
    })?;
    // The new name is part of the folder, which is synced too. Not every file system supports that.
    if let Some(Ok(folder)) = path.parent().map(File::open) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Opens a file for reading and writing, for this process alone, and creates it if it is missing. None when another process
/// has it open.
///
/// # Errors
/// [`Error::Io`] when the disk refuses.
pub(crate) fn open_alone(path: &Path, hint: &str) -> Result<Option<File>> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let file = file.map_err(Error::io(path, "open the file", hint))?;
    // Some network disks don't support locks; there the file is opened without one.
    Ok(if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) { None } else { Some(file) })
}

/// Removes what interrupted programs left in this folder.
///
/// # Errors
/// [`Error::Io`] when the disk refuses.
pub(crate) fn remove_parts(folder: &Path) -> Result<()> {
    let refused = || Error::io(folder, "tidy the folder", DISK_HINT);
    for entry in fs::read_dir(folder).map_err(refused())? {
        let path = entry.map_err(refused())?.path();
        if path.as_os_str().as_encoded_bytes().ends_with(PART.as_bytes()) {
            fs::remove_file(&path).map_err(Error::io(&path, "remove the file", DISK_HINT))?;
        }
    }
    Ok(())
}
