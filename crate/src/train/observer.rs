//! Who watches a run: a notebook, the command line, a test.

use super::{History, Notice, Samples};
use crate::{Error, Result};

/// Is told how a run goes, and can end it.
pub trait Observer {
    /// After each iteration, the newest at the end of `history`.
    fn iteration(&mut self, history: &History);

    /// At each sample interval and at the end.
    ///
    /// # Errors
    /// Its own; they end the run.
    fn sample(&mut self, log_line: &str, samples: &Samples) -> Result<()>;

    /// At the end, early or not.
    ///
    /// # Errors
    /// Its own.
    fn finished(&mut self, _history: &History) -> Result<()> {
        Ok(())
    }

    /// When there is something to say that should not be overlooked; on standard error by default.
    fn notice(&mut self, notice: &Notice) {
        eprintln!("{notice}");
    }

    /// Looked at after each iteration: true ends the run there, and all that was learned stays.
    fn stop_requested(&self) -> bool {
        false
    }
}

/// As many iterations as asked for, or as the variable GAN_NB_MAX_STEPS allows, saying so: so a whole notebook can be
/// tried in a minute.
///
/// # Errors
/// [`Error::Value`] when the variable is no number above 0.
pub fn cap_steps(iterations: usize) -> Result<usize> {
    let Ok(text) = std::env::var("GAN_NB_MAX_STEPS") else { return Ok(iterations) };
    let Some(cap) = text.trim().parse().ok().filter(|cap| *cap > 0) else {
        return Err(Error::value(
            "GAN_NB_MAX_STEPS",
            format!("{text:?}"),
            "a whole number above 0",
            "Set or unset it.",
        ));
    };
    if cap < iterations {
        println!("GAN_NB_MAX_STEPS is set: {cap} iterations instead of {iterations}.");
    }
    Ok(iterations.min(cap))
}
