//! Files that exist either whole or not at all, whatever happens while they are written.

use crate::{Error, Result};
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The end of the name of a file that is being written. An interrupted program leaves one behind.
pub(crate) const PART: &str = ".part";
pub(crate) const DISK_HINT: &str = "Check that the disk has room and that the folder is writable, then try again.";

/// A file that is written under another name and gets its own only when everything is on the disk: if the computer is switched
/// off at any moment, either the old file or the new one is there. Dropped before that, it leaves nothing.
#[derive(Debug)]
pub(crate) struct NewFile {
    path: PathBuf,
    part: PathBuf,
    /// None once it has its name.
    file: Option<BufWriter<File>>,
}

impl NewFile {
    /// Begins the file.
    ///
    /// # Errors
    /// The system's; `refused` makes the library's of it.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let mut part = OsString::from(path);
        part.push(PART);
        let part = PathBuf::from(part);
        let file = BufWriter::with_capacity(1 << 17, File::create(&part)?);
        Ok(Self { path: path.into(), part, file: Some(file) })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// The system's; nothing is left of the new file then.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        if let Some(file) = &mut self.file {
            file.flush()?;
            file.get_ref().sync_all()?;
            fs::rename(&self.part, &self.path)?;
        }
        self.file = None;
        // The new name is part of the folder, which is synced too. Not every file system supports that.
        if let Some(Ok(folder)) = self.path.parent().map(File::open) {
            let _ = folder.sync_all();
        }
        Ok(())
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.as_mut().map_or(Ok(0), |file| file.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), BufWriter::flush)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if let Some(file) = self.file.take() {
            // What it still holds need not be written.
            let _ = file.into_parts();
            // If it can't be removed now, the next training in this folder removes it.
            let _ = fs::remove_file(&self.part);
        }
    }
}

/// Writes a [`NewFile`] in one piece.
///
/// # Errors
/// [`Error::Io`] when the disk refuses; nothing is left of the new file then.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || {
        let mut file = NewFile::create(path)?;
        file.write_all(bytes)?;
        file.finish()
    };
    write().map_err(Error::io(path, "write the file", DISK_HINT))
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
