//! The checkpoints of a run's folder.

use super::Run;
use super::checkpoint::{Checkpoint, KIND};
use super::checkpoint_header::Header;
use super::config_file::REMAKE;
use super::saved::{Saved, best};
use crate::nn::Sequential;
use crate::platform::array_file;
use crate::{Error, Result};
use std::fs;
use std::path::PathBuf;

impl Run {
    /// The checkpoints that are there, in the order of their iterations. Only the header of each is read; damaged ones are
    /// passed over.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder can't be read, and as [`quality`](Self::quality).
    pub fn checkpoints(&self) -> Result<Vec<Saved>> {
        let measured = self.quality()?;
        let files = self.checkpoint_files()?.into_iter();
        let saved = files.filter_map(|(_, path)| {
            let note = array_file::read_note(KIND, &path).ok()?;
            let Header { iteration, distance, .. } = Header::from_json(&path, note).ok()?;
            let quality = measured.iter().find(|measured| measured.iteration == iteration);
            Some(Saved { iteration, distance, quality: quality.map(|it| it.quality.clone()), path })
        });
        Ok(saved.collect())
    }

    /// The checkpoint whose images came closest to photos, if any was compared.
    ///
    /// # Errors
    /// As [`checkpoints`](Self::checkpoints).
    pub fn best_checkpoint(&self) -> Result<Option<Saved>> {
        Ok(best(&self.checkpoints()?).cloned())
    }

    /// Whether there is anything to lose.
    pub(super) fn has_checkpoints(&self) -> bool {
        self.checkpoint_files().is_ok_and(|files| !files.is_empty())
    }

    /// The files by the iterations in their names, in that order.
    pub(super) fn checkpoint_files(&self) -> Result<Vec<(usize, PathBuf)>> {
        let folder = self.path("checkpoints");
        if !folder.exists() {
            return Ok(Vec::new());
        }
        let unreadable = || Error::io(&folder, "list the folder", REMAKE);
        let mut files = Vec::new();
        for entry in fs::read_dir(&folder).map_err(unreadable())? {
            let path = entry.map_err(unreadable())?.path();
            let iteration = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".safetensors")?.parse().ok());
            files.extend(iteration.map(|iteration| (iteration, path)));
        }
        files.sort();
        Ok(files)
    }

    /// The tutorial's generator and discriminator as they were last.
    ///
    /// # Errors
    /// [`Error::File`] when there is no checkpoint that is whole or it is one of other networks, [`Error::Value`] for a run
    /// of another game.
    pub fn models(&self) -> Result<(Sequential, Sequential)> {
        self.newest()?.0.models()
    }

    /// Those of the checkpoint whose images came closest to photos.
    ///
    /// # Errors
    /// As [`models`](Self::models), and [`Error::File`] when no checkpoint was compared with photos.
    pub fn best_models(&self) -> Result<(Sequential, Sequential)> {
        let Some(best) = self.best_checkpoint()? else {
            let hint = "Train with keep_in or `gan_nb train`, which compare.";
            return Err(Error::file(self.folder(), "no checkpoint with a distance", "one", hint));
        };
        Checkpoint::read(&best.path)?.models()
    }

    /// Those of the checkpoint that was written after so many iterations.
    ///
    /// # Errors
    /// [`Error::File`] when there is no such checkpoint; else as [`models`](Self::models).
    pub fn models_at(&self, iteration: usize) -> Result<(Sequential, Sequential)> {
        let files = self.checkpoint_files()?;
        let Some((_, path)) = files.iter().find(|(of, _)| *of == iteration) else {
            let kept: Vec<String> = files.iter().map(|(of, _)| of.to_string()).collect();
            let found = format!("no checkpoint of iteration {iteration}");
            let hint = "Only the newest and the best are kept: see --keep.";
            return Err(Error::file(&self.path("checkpoints"), found, format!("one of {}", kept.join(", ")), hint));
        };
        Checkpoint::read(path)?.models()
    }

    /// Copies the weights that the run last had into a network of the same name and shape, whose convolutions are then
    /// [computed](crate::nn::Sequential::set_products) as in the run: for any game.
    ///
    /// # Errors
    /// [`Error::File`] when there is no whole checkpoint, or it is one of other networks.
    pub fn load_weights(&self, network: &mut Sequential) -> Result<()> {
        self.newest()?.0.load_network(network)
    }

    /// The newest checkpoint that is whole, and what is wrong with those after it.
    pub(super) fn newest(&self) -> Result<(Checkpoint, Vec<Error>)> {
        let mut damaged = Vec::new();
        for (_, path) in self.checkpoint_files()?.iter().rev() {
            match Checkpoint::read(path) {
                Ok(checkpoint) => return Ok((checkpoint, damaged)),
                Err(error) => damaged.push(error),
            }
        }
        let folder = self.path("checkpoints");
        let none = || Error::file(&folder, "no checkpoint", "at least one", REMAKE);
        Err(damaged.into_iter().next().unwrap_or_else(none))
    }
}
