//! The checkpoints of a run's folder.

use super::checkpoint::{Checkpoint, Header};
use super::folder::REMAKE;
use super::{Run, checkpoint_file as arrays};
use crate::display::{Table, brief, notebook_output};
use crate::nn::Sequential;
use crate::platform::atomic_file::DISK_HINT;
use crate::progress::spanish::count;
use crate::{Error, Result};
use std::fs;
use std::path::PathBuf;

/// One of a run's checkpoints.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// Iterations done when it was written.
    pub iteration: usize,
    /// How far the generator's images were from photos, by [`sliced_wasserstein`](crate::metrics::sliced_wasserstein): lower
    /// is closer. None where there were no photos at hand.
    pub distance: Option<f64>,
    /// The file.
    pub path: PathBuf,
}

impl Run {
    /// The checkpoints that are there, in the order of their iterations. Of each no more than the header is read; damaged
    /// ones are passed over.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder can't be read.
    pub fn checkpoints(&self) -> Result<Vec<Saved>> {
        let files = self.checkpoint_files()?.into_iter();
        let saved = files.filter_map(|(_, path)| {
            let Header { iteration, distance, .. } = arrays::read_note(&path).ok()?;
            Some(Saved { iteration, distance, path })
        });
        Ok(saved.collect())
    }

    /// A row for each checkpoint; how far the run has come, and what it is of, in the caption. The words are Spanish: they
    /// belong to the lesson.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::File`] when the folder can't be read.
    pub fn table(&self) -> Result<Table> {
        let (config, done, checkpoints) = (self.config()?, self.history()?.len(), self.checkpoints()?);
        let data = config.data.map_or(String::new(), |data| format!(" de {}", data.name));
        let caption = format!(
            "{}: {} de {} iteraciones con lotes de {}{data}",
            self.folder().display(),
            count(done),
            count(config.iterations),
            config.batch_size
        );
        let mut table = Table::new(&["punto de control", "iteraciones", "distancia a las fotos", ""]).caption(caption);
        let (best, newest) = (best(&checkpoints), checkpoints.last());
        for saved in &checkpoints {
            let name = saved.path.file_name().unwrap_or_default().to_string_lossy();
            let marks = [(best, "el mejor"), (newest, "el último")];
            let marks = marks.iter().filter(|(other, _)| *other == Some(saved)).map(|(_, mark)| *mark);
            let distance = saved.distance.map_or("—".into(), brief);
            table = table.row(&[&*name, &count(saved.iteration), &distance, &marks.collect::<Vec<_>>().join(", ")]);
        }
        Ok(table)
    }

    /// Called by evcxr for a cell's last expression.
    pub fn evcxr_display(&self) {
        match self.table() {
            Ok(table) => table.evcxr_display(),
            Err(error) => notebook_output::show_text(&error.to_string()),
        }
    }

    /// Whether there is anything to lose.
    pub(crate) fn has_checkpoints(&self) -> bool {
        self.checkpoint_files().is_ok_and(|files| !files.is_empty())
    }

    /// The files by the iterations in their names, in that order.
    fn checkpoint_files(&self) -> Result<Vec<(usize, PathBuf)>> {
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

    /// The generator and the discriminator as they were last.
    ///
    /// # Errors
    /// [`Error::File`] when there is no checkpoint that is whole, or it is one of other networks.
    pub fn models(&self) -> Result<(Sequential, Sequential)> {
        self.newest()?.0.models()
    }

    /// Those of the checkpoint whose images came closest to photos.
    ///
    /// # Errors
    /// As [`models`](Self::models), and [`Error::File`] when no checkpoint was compared with photos.
    pub fn best_models(&self) -> Result<(Sequential, Sequential)> {
        let checkpoints = self.checkpoints()?;
        let Some(best) = best(&checkpoints) else {
            let hint = "Train with Gan::keep_in or `gan_nb train`, which compare.";
            return Err(Error::file(self.folder(), "no checkpoint with a distance", "one", hint));
        };
        Checkpoint::read(&best.path)?.models()
    }

    /// The newest checkpoint that is whole, and what is wrong with those after it.
    pub(crate) fn newest(&self) -> Result<(Checkpoint, Vec<Error>)> {
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

/// The one with the least distance.
pub(crate) fn best(checkpoints: &[Saved]) -> Option<&Saved> {
    let distance = |saved: &Saved| saved.distance.filter(|distance| distance.is_finite());
    let compared = checkpoints.iter().filter_map(|saved| Some((saved, distance(saved)?)));
    compared.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(saved, _)| saved)
}

impl Saved {
    pub(crate) fn remove(&self) -> Result<()> {
        fs::remove_file(&self.path).map_err(Error::io(&self.path, "remove the file", DISK_HINT))
    }
}
