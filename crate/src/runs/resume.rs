//! A training that is kept in a folder, and goes on from there.

use super::checkpoint::Checkpoint;
use super::writer::{self as keeper, Keeper};
use super::{DataConfig, Run, RunConfig};
use crate::data::Dataset;
use crate::nn::Optimizer;
use crate::train::{Gan, History, Notice, Observer};
use crate::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};

impl Gan {
    /// Keeps all further training in the folder of `run`: every iteration, the samples, and checkpoints from which it can
    /// [go on](Self::resume).
    ///
    /// When the training begins and the folder has a run of the same settings, pictures and length that was cut off, it is
    /// gone on with: the outcome is the same, bit for bit, as from the beginning. Any other run that is there is set aside
    /// under another name. Two trainings can't share a folder.
    pub fn keep_in(mut self, run: Run) -> Self {
        self.run = Some(run);
        self
    }

    /// The tutorial's networks as a run left them, ready to go on with [`train_gan`](Self::train_gan) and the same numbers:
    /// bit for bit what the run would have become on the same processor with as many threads. It stays kept in its folder.
    ///
    /// `path` is a run's folder, whose newest whole checkpoint is taken, or one checkpoint's file.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::File`] when there is none, or it is one of other networks: for those there is
    /// [`restore`](Self::restore).
    pub fn resume(path: impl AsRef<Path>) -> Result<Self> {
        let (checkpoint, run) = open(path.as_ref())?;
        checkpoint.check_size()?;
        let mut gan = Self::new(checkpoint.header.config.gan.clone())?;
        gan.load(&checkpoint)?;
        gan.run = run;
        Ok(gan)
    }

    /// The same for networks of your own, which must be those that the checkpoint was written of, with the same settings.
    ///
    /// # Errors
    /// As [`resume`](Self::resume), and [`Error::Value`] for other settings.
    pub fn restore(mut self, path: impl AsRef<Path>) -> Result<Self> {
        let (checkpoint, run) = open(path.as_ref())?;
        self.load(&checkpoint)?;
        self.run = run;
        Ok(self)
    }

    /// Opens the run's folder for a training of these numbers, and goes on with what is there where that is the same run.
    pub(crate) fn open_run(
        &mut self,
        x_train: &Dataset,
        [iterations, batch_size, sample_interval]: [usize; 3],
        observer: &mut dyn Observer,
    ) -> Result<Option<Keeper>> {
        let Some(run) = self.run.clone() else { return Ok(None) };
        let mut lock = keeper::lock(&run)?;
        let config = RunConfig {
            gan: self.config.clone(),
            batch_size,
            iterations,
            sample_interval,
            mixed_precision: self.generator.is_in_mixed_precision(),
            data: Some(DataConfig::of(x_train)),
        };
        if self.g_optimizer.steps() == 0 && self.history.is_empty() {
            self.take_up(&run, &config, observer);
        }
        let goes_on = self.history.goes_on_with(iterations, sample_interval);
        // Of the same run but for its length, which a run that is gone on with may change.
        let is_the_same = run.config().is_ok_and(|found| RunConfig { iterations, ..found } == config);
        if !(goes_on && is_the_same) && run.has_checkpoints() {
            observer.notice(&Notice::SetAside { folder: run.folder().into(), to: set_aside(&run)? });
            lock = keeper::lock(&run)?;
        }
        let history = if goes_on { self.history.clone() } else { History::new(iterations, sample_interval)? };
        Keeper::begin(run, lock, config, x_train, &history).map(Some)
    }

    /// Loads the newest checkpoint of a run that was cut off, where its settings tell all about it. Anything else that is
    /// there is another run, or none.
    fn take_up(&mut self, run: &Run, config: &RunConfig, observer: &mut dyn Observer) {
        let Ok((checkpoint, damaged)) = run.newest() else { return };
        let header = &checkpoint.header;
        let was_cut_off = header.config == *config && header.is_from_scratch() && header.iteration < config.iterations;
        if was_cut_off && self.load(&checkpoint).is_ok() {
            damaged.iter().for_each(|error| observer.notice(&Notice::Damaged { reason: error.to_string() }));
        }
    }
}

/// The checkpoint that `path` means, and the run that it belongs to.
fn open(path: &Path) -> Result<(Checkpoint, Option<Run>)> {
    if path.is_file() {
        return Ok((Checkpoint::read(path)?, None));
    }
    let run = Run::open(path)?;
    let (checkpoint, damaged) = run.newest()?;
    for error in damaged {
        eprintln!("{}", Notice::Damaged { reason: error.to_string() });
    }
    Ok((checkpoint, Some(run)))
}

/// Gives the folder the first free name of `run_1`, `run_2`, … and makes a new one.
fn set_aside(run: &Run) -> Result<PathBuf> {
    let folder = run.folder();
    let refused = || Error::io(folder, "set the run in it aside", "Rename the folder, or name another.");
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let mut number = 1;
    let to = loop {
        let to = folder.with_file_name(format!("{name}_{number}"));
        if !to.exists() {
            break to;
        }
        number += 1;
    };
    fs::rename(folder, &to).map_err(refused())?;
    fs::create_dir_all(folder).map_err(refused())?;
    Ok(to)
}
