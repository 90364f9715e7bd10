//! Saves a run as it trains: each iteration a line, each sample two pictures, a checkpoint now and then.

use super::lock::{self, Lock};
use super::measuring::Judge;
use super::opening::Opening;
use super::quality_file::Measured;
use super::saved::{Saved, best};
use super::{Run, RunConfig, history_file};
use crate::data::Dataset;
use crate::display::ImageGrid;
use crate::metrics::{Quality, sliced_wasserstein};
use crate::platform::atomic_file::{DISK_HINT, remove_parts, write_whole};
use crate::train::{History, Keeper, Notice, Plan, Samples, State, game_noise};
use crate::{Error, Result, random};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use tch::Tensor;

/// How many images are compared with as many photos at each checkpoint.
const COMPARED: usize = 256;

/// Keeps trainings in the folder of a run.
#[derive(Debug)]
pub(super) struct Writer {
    pub run: Run,
    /// Whether the run began with networks that had learned nothing, where that is known.
    pub from_scratch: Option<bool>,
    /// To be told when the training begins.
    pub pending: Vec<Notice>,
    /// While a training is under way; none for one that is not saved.
    pub(super) open: Option<Open>,
}

/// A folder that this training has to itself.
#[derive(Debug)]
pub(super) struct Open {
    config: RunConfig,
    from_scratch: bool,
    /// Unlocked when it is dropped.
    _lock: Lock,
    lines: File,
    saved: Vec<Saved>,
    /// Photos (N, H, W, C) that the generator's images are compared with.
    photos: Option<Tensor>,
    evaluator: Option<Judge>,
}

impl Writer {
    pub fn new(run: Run) -> Self {
        Self { run, from_scratch: None, pending: Vec::new(), open: None }
    }

    /// Prepares the folder for the iterations after those of `history`.
    fn begin(
        &self,
        state: &State<'_>,
        config: RunConfig,
        from_scratch: bool,
        lock: Lock,
        x_train: &Dataset,
    ) -> Result<Open> {
        let run = &self.run;
        for name in ["checkpoints", "samples"] {
            let folder = run.path(name);
            fs::create_dir_all(&folder).map_err(Error::io(&folder, "make the folder", DISK_HINT))?;
            remove_parts(&folder)?;
        }
        remove_parts(run.folder())?;
        run.write_config(&config)?;
        run.write_history(state.history)?;
        let path = run.path("history.jsonl");
        let lines = OpenOptions::new().append(true).open(&path);
        let lines = lines.map_err(Error::io(&path, "open the file", DISK_HINT))?;
        let mut saved = run.checkpoints()?;
        saved.retain(|saved| saved.iteration <= state.history.len());
        run.forget_quality_after(state.history.len())?;
        let photos = if state.game.makes_photos() {
            let count = x_train.len().min(COMPARED);
            Some(x_train.random_batch(count, &mut random::stream(config.seed, "photos to compare with"))?)
        } else {
            None
        };
        let evaluator = photos.as_ref().and_then(|_| run.evaluator.clone().or_else(|| Judge::kept_for(x_train)));
        Ok(Open { config, from_scratch, _lock: lock, lines, saved, photos, evaluator })
    }
}

impl Keeper for Writer {
    fn open(&mut self, state: &mut State<'_>, plan: &Plan, x_train: &Dataset) -> Result<Vec<Notice>> {
        self.open = None;
        let mut notices = std::mem::take(&mut self.pending);
        let lock = lock::take(self.run.folder())?;
        let Opening { config, is_saved, from_scratch, new } =
            Opening::of(&self.run, state, plan, x_train, self.from_scratch)?;
        self.from_scratch = Some(from_scratch);
        notices.extend(new);
        if is_saved {
            // The folder may be a new one by now.
            drop(lock);
            self.open = Some(self.begin(state, config, from_scratch, lock::take(self.run.folder())?, x_train)?);
        }
        Ok(notices)
    }

    fn iteration(&mut self, history: &History) -> Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let line = history_file::line(history, history.len().saturating_sub(1));
        let path = self.run.path("history.jsonl");
        open.lines.write_all(line.as_bytes()).map_err(Error::io(&path, "write the file", DISK_HINT))
    }

    fn samples(&mut self, iteration: usize, samples: &Samples) -> Result<()> {
        if self.open.is_none() {
            return Ok(());
        }
        for (noise, images) in [("fixed", &samples.fixed), ("fresh", &samples.fresh)] {
            let path = self.run.path("samples").join(format!("{noise}_{iteration:06}.png"));
            write_whole(&path, ImageGrid::square(images).draw(images)?.png())?;
        }
        Ok(())
    }

    fn is_due(&self, done: usize, ended: bool) -> bool {
        let Some(open) = &self.open else { return false };
        let is_saved = open.saved.last().is_some_and(|saved| saved.iteration == done);
        !is_saved && (ended || done.is_multiple_of(self.run.checkpoint_every))
    }

    /// Writes a checkpoint, and removes those that are neither among the newest nor the best.
    fn checkpoint(&mut self, state: &mut State<'_>) -> Result<()> {
        let Some(open) = &mut self.open else { return Ok(()) };
        let distance = open.distance(state)?;
        let mut saved = self.run.write_checkpoint(state, &open.config, open.from_scratch, distance)?;
        // After it, so that nothing is lost by waiting for the figures.
        if distance.is_some()
            && let Some(quality) = open.quality(state)?
        {
            self.run.add_quality(Measured { iteration: saved.iteration, quality: quality.clone() })?;
            saved.quality = Some(quality);
        }
        open.saved.retain(|other| other.path != saved.path);
        open.saved.push(saved);
        let newest = open.saved.len().saturating_sub(self.run.keep);
        let best = best(&open.saved).cloned();
        let outdated = open.saved[..newest].iter().filter(|other| Some(*other) != best.as_ref());
        let outdated: Vec<Saved> = outdated.cloned().collect();
        outdated.iter().try_for_each(Saved::remove)?;
        open.saved.retain(|other| !outdated.contains(other));
        Ok(())
    }

    fn newest(&self) -> Option<(&Path, usize)> {
        let newest = self.open.as_ref()?.saved.last()?;
        Some((self.run.folder(), newest.iteration))
    }

    fn last_good(&self) -> String {
        let newest = self.open.as_ref().and_then(|open| open.saved.last());
        let words = |saved: &Saved| {
            format!("{} is the last good state, after {} iterations.", saved.path.display(), saved.iteration)
        };
        newest.map_or(String::new(), words)
    }

    fn close(&mut self) {
        self.open = None;
    }
}

impl Open {
    /// From images of noise that stays the same through the run. None where they can't be compared.
    fn distance(&self, state: &mut State<'_>) -> Result<Option<f64>> {
        let Some(photos) = &self.photos else { return Ok(None) };
        let seed = self.config.seed;
        let z = game_noise(state.game, seed, "images to compare", photos.size()[0] as usize)?;
        let fakes = state.game.sample(&z)?.f_to_device(photos.device())?;
        if fakes.size() != photos.size() {
            return Ok(None);
        }
        sliced_wasserstein(photos, &fakes, seed).map(Some)
    }

    /// Of images that can be compared with photos.
    fn quality(&self, state: &mut State<'_>) -> Result<Option<Quality>> {
        let Some(evaluator) = &self.evaluator else { return Ok(None) };
        evaluator.measure_game(state.game, &self.config)
    }
}
