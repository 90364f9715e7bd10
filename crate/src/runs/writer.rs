//! Writes a run down while it goes: each iteration a line, each sample two pictures, a checkpoint now and then.

use super::checkpoint_list::best;
use super::folder::line;
use super::{Run, RunConfig, Saved};
use crate::data::Dataset;
use crate::display::ImageGrid;
use crate::metrics::sliced_wasserstein;
use crate::platform::atomic_file::{DISK_HINT, open_alone, remove_parts, write_whole};
use crate::train::{Gan, History, Samples, Step};
use crate::{Error, Result, random};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use tch::Tensor;

/// How many images are compared with as many photos at each checkpoint.
const COMPARED: usize = 256;

/// Holds the folder of a run, for this training alone.
#[derive(Debug)]
pub(crate) struct Keeper {
    run: Run,
    config: RunConfig,
    /// Unlocked when it is dropped.
    _lock: File,
    lines: File,
    saved: Vec<Saved>,
    /// Photos (N, H, W, C) that the generator's images are compared with.
    photos: Tensor,
}

/// Locks the folder against other trainings.
///
/// # Errors
/// [`Error::File`] when one is under way there, [`Error::Io`] when the disk refuses.
pub(crate) fn lock(run: &Run) -> Result<File> {
    fs::create_dir_all(run.folder()).map_err(Error::io(run.folder(), "make the folder", DISK_HINT))?;
    open_alone(&run.path(".lock"), DISK_HINT)?.ok_or_else(|| {
        let hint = "Wait until it has ended, or name another folder.";
        Error::file(run.folder(), "another training in this folder", "to be the only one", hint)
    })
}

impl Keeper {
    /// Begins to write, or goes on after the iterations of `history`; what the folder has beyond them is forgotten.
    ///
    /// # Errors
    /// [`Error::Io`] when the disk refuses.
    pub fn begin(run: Run, lock: File, config: RunConfig, x_train: &Dataset, history: &History) -> Result<Self> {
        for name in ["checkpoints", "samples"] {
            let folder = run.path(name);
            fs::create_dir_all(&folder).map_err(Error::io(&folder, "make the folder", DISK_HINT))?;
            remove_parts(&folder)?;
        }
        remove_parts(run.folder())?;
        let (saved, later) = run.checkpoints()?.into_iter().partition::<Vec<_>, _>(|s| s.iteration <= history.len());
        later.iter().try_for_each(Saved::remove)?;
        run.write_config(&config)?;
        run.write_history(history)?;
        let path = run.path("history.jsonl");
        let lines =
            OpenOptions::new().append(true).open(&path).map_err(Error::io(&path, "open the file", DISK_HINT))?;
        let count = x_train.len().min(COMPARED);
        let photos = x_train.random_batch(count, &mut random::stream(config.gan.seed, "photos to compare with"))?;
        Ok(Self { run, config, _lock: lock, lines, saved, photos })
    }

    /// Where the last good state is, for messages.
    pub fn last_good(&self) -> String {
        match self.saved.last() {
            Some(saved) => {
                format!("{} is the last good state, after {} iterations.", saved.path.display(), saved.iteration)
            }
            None => String::new(),
        }
    }

    /// Writes an iteration's line.
    pub fn iteration(&mut self, step: &Step) -> Result<()> {
        let path = self.run.path("history.jsonl");
        let line = line(step, &path)?;
        self.lines.write_all(line.as_bytes()).map_err(Error::io(&path, "write the file", DISK_HINT))
    }

    /// Writes a sample's grids.
    pub fn samples(&self, iteration: usize, samples: &Samples) -> Result<()> {
        for (noise, images) in [("fixed", &samples.fixed), ("fresh", &samples.fresh)] {
            let path = self.run.path("samples").join(format!("{noise}_{iteration:06}.png"));
            write_whole(&path, ImageGrid::new(5).draw(images)?.png())?;
        }
        Ok(())
    }

    /// Whether a checkpoint is due after so many iterations.
    pub fn is_due(&self, done: usize, ended: bool) -> bool {
        let kept = self.saved.last().is_some_and(|saved| saved.iteration == done);
        !kept && (ended || done.is_multiple_of(self.run.checkpoint_every))
    }

    /// Writes a checkpoint, and removes those that are neither among the newest nor the best.
    pub fn checkpoint(&mut self, gan: &Gan, history: &History) -> Result<()> {
        let distance = self.distance(gan)?;
        let saved = self.run.write_checkpoint(gan, &self.config, history, Some(distance))?;
        self.saved.retain(|other| other.path != saved.path);
        self.saved.push(saved);
        let newest = self.saved.len().saturating_sub(self.run.keep);
        let best = best(&self.saved).cloned();
        let outdated: Vec<_> =
            self.saved[..newest].iter().filter(|other| Some(*other) != best.as_ref()).cloned().collect();
        outdated.iter().try_for_each(Saved::remove)?;
        self.saved.retain(|other| !outdated.contains(other));
        Ok(())
    }

    /// From images of noise that stays the same through the run.
    fn distance(&self, gan: &Gan) -> Result<f64> {
        let seed = self.config.gan.seed;
        let count = self.photos.size()[0] as usize;
        let z = crate::train::latent_noise(&mut random::stream(seed, "images to compare"), &gan.generator, count)?;
        let fakes = gan.generator.predict(&z)?;
        sliced_wasserstein(&self.photos, &fakes.f_to_device(self.photos.device())?, seed)
    }
}
