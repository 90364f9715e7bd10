//! A training that is kept in a folder, and resumed from there.

use super::Run;
use super::checkpoint::Checkpoint;
use super::writer::Writer;
use crate::Result;
use crate::train::{Game, GanGame, Notice, Trainer};
use std::path::Path;

impl<G: Game> Trainer<G> {
    /// Keeps all further training in the folder of `run`: every iteration, the samples, and checkpoints from which it can
    /// be [resumed](Self::restore).
    ///
    /// When the training begins and the folder holds the same run (game, settings, seed, batch size and pictures), it is
    /// resumed: an interrupted one goes on, a longer one is wanted and it goes on from its end, a complete one is shown. The
    /// result is that of an uninterrupted run, [bit for bit](crate::platform) on a CPU, and on a GPU with
    /// `GAN_NB_DETERMINISTIC=1`. Any other run that is there moves to a folder of another name. Two
    /// trainings can't share a folder.
    #[must_use]
    pub fn keep_in(mut self, run: Run) -> Self {
        self.keeper = Some(Box::new(Writer::new(run)));
        self
    }

    /// A game as a run left it, ready to go on with the same numbers. It becomes what the run would have become, [bit for bit](crate::platform)
    /// on the same kind of processor with as many threads, and on a GPU with `GAN_NB_DETERMINISTIC=1`. It stays kept in its folder.
    ///
    /// `path` is a run's folder, whose newest whole checkpoint is taken, or one checkpoint's file. The game must be the one
    /// that the checkpoint was written of, with the same settings; its optimizers become what they were, whatever they are now.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) or [`Error::File`](crate::Error::File) when there is no checkpoint or it is one of
    /// other networks, [`Error::Value`](crate::Error::Value) for another game or other settings.
    pub fn restore(self, path: impl AsRef<Path>) -> Result<Self> {
        self.restore_from(Found::at(path.as_ref())?)
    }

    fn restore_from(mut self, found: Found) -> Result<Self> {
        let Found { checkpoint, run, pending } = found;
        checkpoint.load(&mut self.state())?;
        self.forget_samples();
        let from_scratch = Some(checkpoint.header.from_scratch);
        if let Some(run) = run {
            self.keeper = Some(Box::new(Writer { from_scratch, pending, ..Writer::new(run) }));
        }
        Ok(self)
    }
}

impl Trainer<GanGame> {
    /// The tutorial's networks as a run left them: [`restore`](Self::restore) with nothing but the path.
    ///
    /// # Errors
    /// As [`restore`](Self::restore); for networks of your own there is that one.
    pub fn resume(path: impl AsRef<Path>) -> Result<Self> {
        let found = Found::at(path.as_ref())?;
        Self::new(found.checkpoint.gan_config()?)?.restore_from(found)
    }
}

/// What a path leads to.
struct Found {
    checkpoint: Checkpoint,
    /// The run that it belongs to; none for one checkpoint's file.
    run: Option<Run>,
    /// What is to be told of it.
    pending: Vec<Notice>,
}

impl Found {
    fn at(path: &Path) -> Result<Self> {
        if path.is_file() {
            return Ok(Self { checkpoint: Checkpoint::read(path)?, run: None, pending: Vec::new() });
        }
        let run = Run::open(path)?;
        let (checkpoint, damaged) = run.newest()?;
        let damaged = damaged.iter().map(|error| Notice::Damaged { reason: error.to_string() });
        Ok(Self { checkpoint, run: Some(run), pending: damaged.collect() })
    }
}
