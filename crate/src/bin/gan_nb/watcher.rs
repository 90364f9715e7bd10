//! Who watches a training in a terminal.

use crate::output::{NoOutput, say, warn};
use anyhow::Result;
use gan_nb::platform::exit;
use gan_nb::runs::Run;
use gan_nb::train::{History, Notice, Observer, Quantity, Samples};
use indicatif::{ProgressBar, ProgressStyle};
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// What a shell reports of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Shows a bar with rate and time left. Ends the run at Ctrl-C, and when nobody reads what it says.
pub struct Watcher {
    folder: PathBuf,
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
    /// Why nothing is said any more.
    lost: Option<NoOutput>,
}

impl Watcher {
    /// Of a run that is saved in this folder.
    pub fn new(folder: &Path) -> Result<Self> {
        let template = "{bar:40} {pos}/{len}  {per_sec}, {eta} left  {msg}";
        let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(template)?);
        let stop = Arc::new(AtomicBool::new(false));
        let (flag, run) = (Arc::clone(&stop), folder.to_path_buf());
        ctrlc::set_handler(move || {
            // The second press is for those who can't wait for the iteration's end. The training's threads are still inside
            // libtorch then.
            if flag.swap(true, Relaxed) {
                warn(saved(&run));
                exit::at_once(INTERRUPTED);
            }
            warn("Stopping when this iteration is done and saved. Press Ctrl-C again to stop at once.");
        })?;
        Ok(Self { folder: folder.into(), bar, stop, lost: None })
    }

    /// Nothing, or why the output was lost.
    pub fn output(self) -> Result<(), NoOutput> {
        self.lost.map_or(Ok(()), Err)
    }

    /// Prints a line above the bar. If that can't be done, the run ends after the iteration under way.
    pub fn say(&mut self, words: impl Display) {
        if self.lost.is_none() {
            self.lost = self.bar.suspend(|| say(words)).err();
        }
    }
}

/// What of a run is on disk.
fn saved(folder: &Path) -> String {
    let checkpoints = Run::open(folder).and_then(|run| run.checkpoints()).unwrap_or_default();
    let folder = folder.display();
    match checkpoints.last() {
        None => format!("What was learned is not saved: {folder} has no checkpoint yet."),
        Some(newest) => format!(
            "The last checkpoint is that of iteration {}; what came after it is not saved. Resume from there with: gan_nb \
             train --resume --out {folder}",
            newest.iteration
        ),
    }
}

impl Observer for Watcher {
    fn iteration(&mut self, history: &History) {
        self.bar.set_length(history.planned as u64);
        self.bar.set_position(history.len() as u64);
        let newest = history.len().saturating_sub(1);
        let names = history.metrics().of(Quantity::Loss);
        let losses = names.map(|(place, name)| format!("{name} {:.3}", history.row(newest)[place]));
        self.bar.set_message(losses.collect::<Vec<_>>().join(" "));
    }

    fn sample(&mut self, log_line: &str, _samples: &Samples) -> gan_nb::Result<()> {
        self.say(log_line);
        Ok(())
    }

    fn notice(&mut self, notice: &Notice) {
        self.bar.suspend(|| warn(notice));
    }

    fn finished(&mut self, history: &History) -> gan_nb::Result<()> {
        self.bar.finish_and_clear();
        if history.len() < history.planned {
            let stopped = format!("Stopped after {} of {} iterations", history.len(), history.planned);
            if self.lost.is_some() {
                warn(format_args!("{stopped}: nobody reads the output. Saved in {}.", self.folder.display()));
            }
            self.say(format_args!("{stopped}."));
        }
        Ok(())
    }

    fn stop_requested(&self) -> bool {
        self.stop.load(Relaxed) || self.lost.is_some()
    }
}
