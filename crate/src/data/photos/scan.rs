//! Which photos a folder holds.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::data::Skipped;
use crate::error::{Error, Result};

/// Read, whatever the file then holds.
const READ: [&str; 6] = ["jpg", "jpeg", "png", "webp", "bmp", "gif"];
/// Photos all the same: that they are left out must be said.
const OTHERS: [&str; 14] =
    ["heic", "heif", "avif", "tif", "tiff", "jxl", "jp2", "psd", "svg", "dng", "cr2", "nef", "arw", "raw"];

/// How many files and folders are looked at to see whether a folder is one of photos.
const MOST_ENTRIES: usize = 100_000;

/// A file by its looks.
#[derive(Debug)]
pub(super) struct Photo {
    pub path: PathBuf,
    /// Its path within the folder.
    pub within: PathBuf,
    /// An index into the classes.
    pub class: usize,
    /// In bytes, and in nanoseconds since 1970: by these a change shows.
    pub length: u64,
    pub modified: u128,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// In the order of their names.
    pub photos: Vec<Photo>,
    pub classes: Vec<String>,
    pub skipped: Vec<Skipped>,
}

/// Looks through a folder and its sub-folders.
///
/// # Errors
/// [`Error::File`] if it is not a folder, [`Error::Io`] if it can't be listed.
pub(super) fn scan(folder: &Path) -> Result<Found> {
    if !folder.is_dir() {
        let found = if folder.exists() { "a file" } else { "no folder" };
        return Err(Error::file(folder, found, "a folder of photos", "Check the path."));
    }
    let mut found = Found::default();
    let mut walk = Walk::new(folder, &mut found);
    let listed = walk.list(folder).map_err(Error::io(folder, "list the folder", "Check that you may read it."))?;
    walk.files(listed.files, 0);
    let at_root = walk.found.photos.len();
    for sub_folder in listed.folders {
        // Each class by itself: a link from one to another gives both the same photos.
        let mut walk = Walk::new(folder, walk.found);
        let (before, class) = (walk.found.photos.len(), walk.found.classes.len());
        walk.folder(&sub_folder, class);
        if walk.found.photos.len() > before {
            let name = sub_folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            walk.found.classes.push(name);
        }
    }
    if found.classes.is_empty() {
        found.classes.push("photos".into());
    } else {
        // As ImageFolder does it.
        let reason = "it lies beside the sub-folders, which are the classes";
        let beside = found.photos.drain(..at_root);
        let beside: Vec<_> = beside.map(|photo| skipped(&photo.within, reason)).collect();
        found.skipped.splice(0..0, beside);
    }
    found.photos.sort_by(|a, b| a.within.cmp(&b.within));
    Ok(found)
}

/// Whether there is any photo, be it readable or not, among the first of many entries: a whole disk is not searched.
pub(super) fn has_photos(folder: &Path) -> bool {
    let mut none = Found::default();
    let mut walk = Walk::new(folder, &mut none);
    let (mut waiting, mut left) = (vec![folder.to_path_buf()], MOST_ENTRIES);
    while let Some(folder) = waiting.pop() {
        let Ok(listed) = walk.list(&folder) else { continue };
        if listed.files.iter().any(|path| has_extension(path, &READ) || has_extension(path, &OTHERS)) {
            return true;
        }
        left = left.saturating_sub(listed.files.len() + listed.folders.len());
        if left == 0 {
            return false;
        }
        let is_new = |path: &PathBuf| path.canonicalize().is_ok_and(|true_path| walk.seen.insert(true_path));
        waiting.extend(listed.folders.into_iter().filter(is_new));
    }
    false
}

fn has_extension(path: &Path, known: &[&str]) -> bool {
    path.extension().map(OsStr::to_ascii_lowercase).is_some_and(|end| known.iter().any(|it| end == *it))
}

fn skipped(within: &Path, reason: impl Into<String>) -> Skipped {
    Skipped { file: within.display().to_string(), reason: reason.into() }
}

/// The paths in a folder, by name.
#[derive(Default)]
struct Listed {
    folders: Vec<PathBuf>,
    files: Vec<PathBuf>,
}

struct Walk<'a> {
    root: &'a Path,
    /// Folders that were looked through, by their true paths: a link to one of them would never end.
    seen: HashSet<PathBuf>,
    found: &'a mut Found,
}

impl<'a> Walk<'a> {
    fn new(root: &'a Path, found: &'a mut Found) -> Self {
        Self { root, seen: root.canonicalize().into_iter().collect(), found }
    }

    /// What a folder holds, without what is hidden.
    fn list(&self, folder: &Path) -> io::Result<Listed> {
        let mut listed = Listed::default();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let (path, kind) = (entry.path(), entry.file_type()?);
            // What the folder says of it holds even where it can't be opened.
            let is_folder = kind.is_dir() || kind.is_symlink() && path.is_dir();
            if is_folder { listed.folders.push(path) } else { listed.files.push(path) }
        }
        listed.folders.sort();
        listed.files.sort();
        Ok(listed)
    }

    fn within(&self, path: &Path) -> PathBuf {
        path.strip_prefix(self.root).unwrap_or(path).into()
    }

    fn skip(&mut self, path: &Path, reason: String) {
        self.found.skipped.push(skipped(&self.within(path), reason));
    }

    /// A list in place of a recursion: folders can be nested deeper than the stack allows.
    fn folder(&mut self, folder: &Path, class: usize) {
        let mut waiting = vec![folder.to_path_buf()];
        while let Some(folder) = waiting.pop() {
            let is_new = folder.canonicalize().map(|true_path| self.seen.insert(true_path));
            match is_new.and_then(|is_new| if is_new { self.list(&folder) } else { Ok(Listed::default()) }) {
                Ok(listed) => {
                    waiting.extend(listed.folders);
                    self.files(listed.files, class);
                }
                Err(error) => self.skip(&folder, format!("the folder can't be read ({error})")),
            }
        }
    }

    fn files(&mut self, paths: Vec<PathBuf>, class: usize) {
        for path in paths {
            if has_extension(&path, &OTHERS) {
                self.skip(&path, "a format that is not read here: convert it to JPEG or PNG".into());
            } else if has_extension(&path, &READ) {
                self.photo(path, class);
            }
        }
    }

    fn photo(&mut self, path: PathBuf, class: usize) {
        match fs::metadata(&path) {
            Ok(data) if data.is_file() => {
                let (within, length, modified) = (self.within(&path), data.len(), modified(&data));
                self.found.photos.push(Photo { path, within, class, length, modified });
            }
            Ok(_) => self.skip(&path, "not a regular file".into()),
            Err(error) => self.skip(&path, format!("it can't be read ({error})")),
        }
    }
}

fn modified(data: &Metadata) -> u128 {
    let since = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| since.as_nanos())
}
