//! Where CIFAR-10 lies at a path: under its official names, or under those that people and browsers give it.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Cifar10, TEST, TRAIN};

/// How deep a folder is looked into. An archive that was unpacked into a folder of its own is two levels down.
const LEVELS: usize = 2;
/// How many entries are looked at in all: a folder of everything is not read to its end.
const MOST_ENTRIES: usize = 10_000;

/// What there is of CIFAR-10 at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// A folder with files of the binary version.
    Folder(PathBuf),
    /// An archive that by its name holds them, or a file that was named itself.
    Archive(PathBuf),
    /// A folder or archive of the Python version, which is not read.
    Python(PathBuf),
}

/// The best that there is at this path: what is nearest, official names first, and the Python version last. A folder of
/// the official name counts even if it is empty: something went wrong with it.
pub(super) fn search(path: &Path) -> Option<Found> {
    if path.is_file() {
        return Some(named_file(path));
    }
    let (mut level, mut left) = (vec![path.to_path_buf()], MOST_ENTRIES);
    let mut found: Vec<Found> = folder(path).into_iter().collect();
    for _ in 0..LEVELS {
        if found.iter().any(|found| !matches!(found, Found::Python(_))) {
            break;
        }
        let entries: Vec<PathBuf> = level.iter().flat_map(|folder| entries(folder, &mut left)).collect();
        let (folders, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| entry.is_dir());
        found.extend(folders.iter().filter_map(|entry| folder(entry)));
        found.extend(files.into_iter().filter_map(archive));
        level = folders;
    }
    // The first of the best: the nearest, and of those the first by name.
    found.into_iter().min_by_key(Found::rank)
}

impl Found {
    fn rank(&self) -> u8 {
        match self {
            Self::Folder(path) if path.ends_with(Cifar10::FOLDER) => 0,
            Self::Archive(path) if path.ends_with(Cifar10::ARCHIVE) => 1,
            Self::Folder(_) => 2,
            Self::Archive(_) => 3,
            Self::Python(_) => 4,
        }
    }
}

/// A file that was named itself: one of the unpacked ones, else whatever it is called an archive.
fn named_file(path: &Path) -> Found {
    let beside = path.parent().filter(|_| path.file_name().is_some_and(|name| is_batch(&name.to_string_lossy())));
    beside.and_then(folder).unwrap_or_else(|| Found::Archive(path.into()))
}

fn is_batch(name: &str) -> bool {
    TRAIN.iter().chain(&TEST).any(|batch| name == *batch) || is_python_batch(name)
}

/// Whether a file of this name is one of the Python version's, which lack the binary ones' `.bin`.
pub(super) fn is_python_batch(name: &str) -> bool {
    TRAIN.iter().chain(&TEST).any(|batch| batch.strip_suffix(".bin") == Some(name))
}

/// What a folder itself holds.
fn folder(path: &Path) -> Option<Found> {
    let names = || TRAIN.iter().chain(&TEST);
    if path.ends_with(Cifar10::FOLDER) || names().any(|name| path.join(name).is_file()) {
        return path.is_dir().then(|| Found::Folder(path.into()));
    }
    let is_python = names().any(|name| path.join(name.trim_end_matches(".bin")).is_file());
    is_python.then(|| Found::Python(path.into()))
}

/// An archive by its name: `cifar-10-binary.tar.gz`, or what a browser makes of it, as `cifar-10-binary (1).tar.gz`.
fn archive(path: PathBuf) -> Option<Found> {
    let name = plain_name(&path);
    if !letters(&name).contains("cifar10")
        || letters(&name).contains("cifar100")
        || ![".gz", ".tgz", ".tar"].iter().any(|end| name.ends_with(end))
    {
        return None;
    }
    Some(if name.contains("python") { Found::Python(path) } else { Found::Archive(path) })
}

/// Whether an entry is called CIFAR-10, whatever it holds: `CIFAR10`, `cifar-10.zip`, but not `cifar-100`, nor a part of a
/// download.
fn is_called_cifar10(path: &Path) -> bool {
    let name = plain_name(path);
    let letters = letters(&name);
    letters.starts_with("cifar10") && !letters.starts_with("cifar100") && !name.ends_with(".part")
}

fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn plain_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().to_lowercase()
}

/// The entries of a folder by name, `left` of them at most, which is then less; none of one that can't be read.
fn entries(folder: &Path, left: &mut usize) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut entries: Vec<PathBuf> = entries.take(*left).collect();
    *left -= entries.len();
    entries.sort();
    entries
}

/// What a folder holds in place of CIFAR-10, in words: a few names, the most telling first.
pub(super) fn contents(folder: &Path) -> String {
    const SHOWN: usize = 4;
    let mut all = entries(folder, &mut { usize::MAX });
    all.sort_by_key(|entry| !is_called_cifar10(entry));
    let names = all.iter().take(SHOWN).filter_map(|entry| entry.file_name());
    let names: Vec<String> = names.map(|name| name.display().to_string()).collect();
    match (all.len(), all.len().saturating_sub(SHOWN)) {
        (0, _) => "it is empty".into(),
        (_, 0) => format!("it holds {}", names.join(", ")),
        (_, more) => format!("it holds {} and {more} more", names.join(", ")),
    }
}

/// Whether a folder holds something that is called CIFAR-10.
pub(super) fn holds_lookalike(folder: &Path) -> bool {
    entries(folder, &mut { usize::MAX }).iter().any(|entry| is_called_cifar10(entry))
}
