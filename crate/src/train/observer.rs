//! Who watches a run: a notebook, the command line, a test.

use super::{History, Notice, Samples};
use crate::Result;
use std::path::Path;

/// Is told how a run goes, and can end it.
pub trait Observer {
    /// Before the first iteration; `history` holds those of a run that is resumed.
    fn begin(&mut self, _history: &History) {}

    /// After each iteration, the newest at the end of `history`.
    fn iteration(&mut self, history: &History);

    /// At each sample interval and at the end.
    ///
    /// # Errors
    /// Its own; they end the run.
    fn sample(&mut self, log_line: &str, samples: &Samples) -> Result<()>;

    /// Where the newest checkpoint is, and of which iteration, for a training that is [kept](super::Trainer::keep_in): after
    /// each that is written, and when the run begins if there is one already.
    fn saved(&mut self, _folder: &Path, _iteration: usize) {}

    /// At the end, early or not.
    ///
    /// # Errors
    /// Its own.
    fn finished(&mut self, _history: &History) -> Result<()> {
        Ok(())
    }

    /// When the run has ended without [`finished`](Self::finished), most often by an error.
    fn cut_off(&mut self) {}

    /// When there is something to say that must not be overlooked.
    fn notice(&mut self, notice: &Notice);

    /// Asked after each iteration: true ends the run there, and all that was learned stays.
    fn stop_requested(&self) -> bool {
        false
    }
}

// `dyn Observer` knows no Debug.
impl std::fmt::Debug for dyn Observer + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Observer")
    }
}
