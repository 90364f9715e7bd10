//! What a run keeps on disk: config.json, history.jsonl, checkpoints/ and samples/ in one folder.

use super::{RunConfig, Saved};
use crate::platform::atomic_file::{DISK_HINT, write_whole};
use crate::train::{Gan, History, Step};
use crate::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of a run. In a notebook it shows its [checkpoints](Self::table).
///
/// ```text
/// config.json                       settings, written when the run begins
/// history.jsonl                     one iteration a line, written as they come
/// samples/fixed_001000.png          grids; the run's fixed noise and fresh noise
/// checkpoints/001000.safetensors    all that the run needs to go on, and config and history once more
/// ```
///
/// ```no_run
/// use gan_nb::{data::Dataset, runs::Run, train::{Gan, GanConfig}};
/// # fn main() -> gan_nb::Result<()> {
/// let x_train = Dataset::load()?;
/// let mut gan = Gan::new(GanConfig::dcgan())?.keep_in(Run::create("runs/dcgan")?);
/// gan.train_gan(&x_train, 5_000, 32, 1_000)?; // cut off somewhere …
///
/// let mut gan = Gan::resume("runs/dcgan")?; // … and another day:
/// gan.train_gan(&x_train, 5_000, 32, 1_000)?; // bit for bit as if nothing had happened
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Run {
    folder: PathBuf,
    pub(crate) checkpoint_every: usize,
    pub(crate) keep: usize,
}

pub(crate) const REMAKE: &str = "Train again with another --out, or restore the file.";

impl Run {
    /// Makes the folder when it is missing, and makes sure that it can be written: better before training than after.
    ///
    /// # Errors
    /// [`Error::Io`] when it can't.
    pub fn create(folder: impl AsRef<Path>) -> Result<Self> {
        let folder = folder.as_ref();
        let hint = "Name a folder that you may write to.";
        fs::create_dir_all(folder).map_err(Error::io(folder, "make the folder", hint))?;
        let probe = folder.join(".writable");
        fs::write(&probe, []).map_err(Error::io(folder, "write into the folder", hint))?;
        fs::remove_file(&probe).map_err(Error::io(&probe, "remove the file", hint))?;
        Ok(Self::at(folder))
    }

    /// A folder that a run was kept or [saved](Self::save) in.
    ///
    /// # Errors
    /// [`Error::File`] when there is no run in it.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self> {
        let run = Self::at(folder.as_ref());
        if run.path("config.json").is_file() {
            return Ok(run);
        }
        let hint = "Name a folder that `gan_nb train --out` or Gan::keep_in made.";
        Err(Error::file(folder.as_ref(), "no config.json", "the folder of a run", hint))
    }

    fn at(folder: &Path) -> Self {
        Self { folder: folder.into(), checkpoint_every: 500, keep: 3 }
    }

    /// Iterations from one checkpoint to the next: what is lost at most when the power fails. 500 by default.
    pub fn checkpoint_every(mut self, iterations: usize) -> Self {
        self.checkpoint_every = iterations.max(1);
        self
    }

    /// How many of the newest checkpoints stay, besides the best: 3 by default.
    pub fn keep(mut self, checkpoints: usize) -> Self {
        self.keep = checkpoints.max(1);
        self
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes a training that was not [kept](Gan::keep_in) while it went, as it is now, over what is in the folder.
    ///
    /// # Errors
    /// [`Error::Io`] when the disk refuses.
    pub fn save(&self, gan: &Gan, history: &History, batch_size: usize) -> Result<()> {
        let config = RunConfig {
            gan: gan.config.clone(),
            batch_size,
            iterations: history.planned,
            sample_interval: history.sample_interval,
            mixed_precision: gan.generator.is_in_mixed_precision(),
            data: None,
        };
        let old = self.checkpoints()?;
        self.write_config(&config)?;
        self.write_history(history)?;
        let saved = self.write_checkpoint(gan, &config, history, None)?;
        old.iter().filter(|other| other.path != saved.path).try_for_each(Saved::remove)
    }

    pub(crate) fn write_config(&self, config: &RunConfig) -> Result<()> {
        let path = self.path("config.json");
        // For people to read, unlike the history's thousands of numbers.
        let json = serde_json::to_vec_pretty(config)
            .map_err(|error| Error::file(&path, error.to_string(), "a value for JSON", REMAKE))?;
        write_whole(&path, &json)
    }

    pub(crate) fn write_history(&self, history: &History) -> Result<()> {
        let path = self.path("history.jsonl");
        let lines = history.steps.iter().map(|step| line(step, &path)).collect::<Result<Vec<_>>>()?;
        write_whole(&path, lines.concat().as_bytes())
    }

    pub(crate) fn write_checkpoint(
        &self,
        gan: &Gan,
        config: &RunConfig,
        history: &History,
        distance: Option<f64>,
    ) -> Result<Saved> {
        let folder = self.path("checkpoints");
        fs::create_dir_all(&folder).map_err(Error::io(&folder, "make the folder", DISK_HINT))?;
        let iteration = history.len();
        let path = folder.join(format!("{iteration:06}.safetensors"));
        write_whole(&path, &gan.checkpoint(&path, config, history, distance)?)?;
        Ok(Saved { iteration, distance, path })
    }

    /// The settings.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::File`] when config.json can't be read or does not hold them.
    pub fn config(&self) -> Result<RunConfig> {
        let path = self.path("config.json");
        let bytes = fs::read(&path).map_err(Error::io(&path, "read the file", REMAKE))?;
        let config: RunConfig = serde_json::from_slice(&bytes)
            .map_err(|error| Error::file(&path, error.to_string(), "what `gan_nb train` writes", REMAKE))?;
        Ok(config)
    }

    /// The record of the training, up to its last whole line.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::File`] when history.jsonl or config.json can't be read or do not hold one.
    pub fn history(&self) -> Result<History> {
        let path = self.path("history.jsonl");
        let RunConfig { iterations, sample_interval, .. } = self.config()?;
        let mut history = History::new(iterations, sample_interval)?;
        let text = fs::read_to_string(&path).map_err(Error::io(&path, "read the file", REMAKE))?;
        // A program that is cut off leaves half a line at the end.
        for (i, line) in text.split_inclusive('\n').filter(|line| line.ends_with('\n')).enumerate() {
            history.push(serde_json::from_str(line).map_err(|error| {
                Error::file(&path, format!("{error} (line {})", i + 1), "what `gan_nb train` writes", REMAKE)
            })?);
        }
        Ok(history)
    }
}

/// A line of history.jsonl.
pub(crate) fn line(step: &Step, path: &Path) -> Result<String> {
    let json = serde_json::to_string(step);
    Ok(json.map_err(|error| Error::file(path, error.to_string(), "a value for JSON", REMAKE))? + "\n")
}
