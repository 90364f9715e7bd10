//! What a run keeps on disk: config.json, history.jsonl, checkpoints/ and samples/ in one folder.

use super::config_file::REMAKE;
use super::measuring::Judge;
use super::{RunConfig, Saved, checkpoint, history_file, lock};
use crate::metrics::Evaluator;
use crate::platform::atomic_file::{DISK_HINT, write_whole};
use crate::train::{Game, History, Plan, State, Trainer};
use crate::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of a run. In a notebook it shows its [checkpoints](Self::table).
///
/// ```text
/// config.json                       game and settings, written when the run begins
/// history.jsonl                     one iteration a line, written as they come
/// quality.jsonl                     how good the images were, a line for each checkpoint that was measured
/// samples/fixed_001000.png          grids; the run's fixed noise and fresh noise
/// checkpoints/001000.safetensors    all that the run needs to go on, and config and history once more
/// ```
///
/// ```no_run
/// use gan_nb::{data::Dataset, runs::Run, train::{Gan, GanConfig}};
/// # fn main() -> gan_nb::Result<()> {
/// let x_train = Dataset::load()?;
/// let mut gan = Gan::new(GanConfig::dcgan())?.keep_in(Run::create("runs/dcgan")?);
/// gan.train_gan(&x_train, 5_000, 32, 1_000)?; // interrupted somewhere …
///
/// let mut gan = Gan::resume("runs/dcgan")?; // … and another day:
/// gan.train_gan(&x_train, 5_000, 32, 1_000)?; // as if nothing had happened
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Run {
    folder: PathBuf,
    pub(super) checkpoint_every: usize,
    pub(super) keep: usize,
    pub(super) evaluator: Option<Judge>,
}

impl Run {
    /// Makes the folder when it is missing, and makes sure that it can be written to: better before training than after.
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
        let hint = "Name a folder that `gan_nb train --out` or keep_in made.";
        Err(Error::file(folder.as_ref(), "no config.json", "the folder of a run", hint))
    }

    pub(super) fn at(folder: &Path) -> Self {
        Self { folder: folder.into(), checkpoint_every: 500, keep: 3, evaluator: None }
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

    /// Measures so many images at each checkpoint with this evaluator: see [`quality`](Self::quality). Without one, 2,000 are
    /// measured by the evaluator that the user's cache folder has [for the data](Evaluator::kept_for), if there is one. That takes
    /// seconds.
    pub fn evaluator(mut self, evaluator: Evaluator, images: usize) -> Self {
        self.evaluator = Some(Judge::new(evaluator, images));
        self
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Saves a training that was not [kept](Trainer::keep_in) as it went, as it is now. The settings and the history that
    /// are in the folder are replaced; its other checkpoints stay.
    ///
    /// # Errors
    /// [`Error::Busy`] while another training has the folder, [`Error::Io`] when the disk refuses.
    pub fn save<G: Game>(&self, gan: &mut Trainer<G>, batch_size: usize) -> Result<()> {
        let _lock = lock::take(&self.folder)?;
        if gan.history.metrics().is_empty() {
            gan.history = History::new(1, 1, gan.metrics())?; // nothing was trained yet
        }
        let History { planned: iterations, sample_interval, .. } = gan.history;
        let mut state = gan.state();
        let config = RunConfig::of(&mut state, &Plan { iterations, batch_size, sample_interval }, None)?;
        let from_scratch = state.game.parts().steps() <= state.history.len() as u64;
        self.write_config(&config)?;
        self.write_history(state.history)?;
        self.write_checkpoint(&mut state, &config, from_scratch, None).map(drop)
    }

    pub(super) fn write_config(&self, config: &RunConfig) -> Result<()> {
        let path = self.path("config.json");
        // For people to read, unlike the history's thousands of numbers.
        let json = serde_json::to_vec_pretty(config)
            .map_err(|error| Error::file(&path, error.to_string(), "a value for JSON", REMAKE))?;
        write_whole(&path, &json)
    }

    pub(super) fn write_history(&self, history: &History) -> Result<()> {
        write_whole(&self.path("history.jsonl"), history_file::lines(history).as_bytes())
    }

    pub(super) fn write_checkpoint(
        &self,
        state: &mut State<'_>,
        config: &RunConfig,
        from_scratch: bool,
        distance: Option<f64>,
    ) -> Result<Saved> {
        let folder = self.path("checkpoints");
        fs::create_dir_all(&folder).map_err(Error::io(&folder, "make the folder", DISK_HINT))?;
        let iteration = state.history.len();
        let path = folder.join(format!("{iteration:06}.safetensors"));
        write_whole(&path, &checkpoint::to_bytes(&path, state, config, from_scratch, distance)?)?;
        Ok(Saved { iteration, distance, quality: None, path })
    }

    /// The settings.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::File`] when config.json can't be read or does not hold them.
    pub fn config(&self) -> Result<RunConfig> {
        let path = self.path("config.json");
        let bytes = fs::read(&path).map_err(Error::io(&path, "read the file", REMAKE))?;
        let json = serde_json::from_slice(&bytes);
        RunConfig::from_json(&path, json.map_err(|e| Error::file(&path, e.to_string(), "JSON", REMAKE))?)
    }

    /// The record of the training, up to its last whole line.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::File`] when history.jsonl or config.json can't be read or do not hold one.
    pub fn history(&self) -> Result<History> {
        let path = self.path("history.jsonl");
        let RunConfig { iterations, sample_interval, metrics, .. } = self.config()?;
        let mut history = History::new(iterations, sample_interval, metrics)?;
        let text = fs::read_to_string(&path).map_err(Error::io(&path, "read the file", REMAKE))?;
        history_file::read(&text, &path, &mut history)?;
        Ok(history)
    }
}
