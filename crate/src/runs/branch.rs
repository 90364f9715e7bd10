//! What becomes of files that a training would otherwise write over: they move to a folder of their own beside it.

use super::Run;
use super::checkpoint::Checkpoint;
use crate::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};

const HINT: &str = "Rename the folder, or name another.";

/// Gives the run's folder the first free name of `run_1`, `run_2`, … and makes an empty one in its place.
///
/// # Errors
/// [`Error::Io`] when the disk refuses.
pub(super) fn set_aside(run: &Run) -> Result<PathBuf> {
    let (folder, to) = (run.folder(), free_name(run.folder()));
    let refused = || Error::io(folder, "move the run that is in it", HINT);
    fs::rename(folder, &to).map_err(refused())?;
    fs::create_dir_all(folder).map_err(refused())?;
    Ok(to)
}

/// Moves checkpoints and samples of later iterations into a folder of their own, with the settings and the whole history:
/// a run that can be resumed as well. None where there are no later checkpoints, or only damaged ones.
///
/// # Errors
/// [`Error::Io`] when the disk refuses.
pub(super) fn split_off_after(run: &Run, iteration: usize) -> Result<Option<PathBuf>> {
    let later = run.checkpoint_files()?.into_iter().filter(|(other, _)| *other > iteration);
    let later: Vec<PathBuf> = later.map(|(_, path)| path).collect();
    if !later.iter().any(|path| Checkpoint::read(path).is_ok()) {
        return Ok(None);
    }
    let to = free_name(run.folder());
    let refused = || Error::io(&to, "keep the later checkpoints in the folder", HINT);
    for folder in ["checkpoints", "samples"] {
        fs::create_dir_all(to.join(folder)).map_err(refused())?;
    }
    for name in ["config.json", "history.jsonl", "quality.jsonl"].into_iter().filter(|name| run.path(name).exists()) {
        fs::copy(run.path(name), to.join(name)).map_err(refused())?;
    }
    let samples = fs::read_dir(run.path("samples")).into_iter().flatten().flatten().map(|entry| entry.path());
    let samples = samples.filter(|path| sampled_at(path).is_some_and(|other| other >= iteration));
    for path in later.into_iter().chain(samples.collect::<Vec<_>>()) {
        let relative = path.strip_prefix(run.folder()).unwrap_or(&path);
        fs::rename(&path, to.join(relative)).map_err(refused())?;
    }
    Ok(Some(to))
}

/// 1000 of `fixed_001000.png`.
fn sampled_at(path: &Path) -> Option<usize> {
    path.file_stem()?.to_str()?.rsplit_once('_')?.1.parse().ok()
}

fn free_name(folder: &Path) -> PathBuf {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let mut number = 1;
    loop {
        let to = folder.with_file_name(format!("{name}_{number}"));
        if !to.exists() {
            return to;
        }
        number += 1;
    }
}
