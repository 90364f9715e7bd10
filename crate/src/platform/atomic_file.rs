//! Files that are there whole or not at all, whatever happens while they are written.

use crate::{Error, Result};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Ends the name of a file that is being written: a program that was cut off leaves one behind.
pub(crate) const PART: &str = ".part";
pub(crate) const DISK_HINT: &str = "See that the disk has room and that the folder can be written, then try again.";

/// Writes under another name, waits until the disk has it all, and only then gives it its name: a computer that is switched
/// off at any moment has the old file or the new one.
///
/// # Errors
/// [`Error::Io`] when the disk refuses; nothing of the new file is left then.
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
        // What can't be removed now is removed when the folder is next trained in.
        let _ = fs::remove_file(&part);
        Error::io(path, "write the file", DISK_HINT)(source)
    })?;
    // The new name is the folder's content. Not every file system can be asked for that.
    if let Some(Ok(folder)) = path.parent().map(File::open) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// Opens a file to read and write it, making it when it is missing, for this process alone. None when another has it.
///
/// # Errors
/// [`Error::Io`] when the disk refuses.
pub(crate) fn open_alone(path: &Path, hint: &str) -> Result<Option<File>> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    let file = file.map_err(Error::io(path, "open the file", hint))?;
    // Some network disks know no locks; they go without.
    Ok(if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) { None } else { Some(file) })
}

/// Removes what programs that were cut off left in this folder.
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
