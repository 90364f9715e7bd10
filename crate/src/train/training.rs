//! What a run does besides learning: it counts, records, tells an observer and ends.

use super::{History, Observer, Samples, Step, cap_steps};
use crate::Result;

/// A run under way, from [`Gan::begin`](super::Gan::begin): the loop around the algorithm asks it what comes next.
///
/// ```
/// use gan_nb::{data::Shapes, train::{Gan, GanConfig, NotebookObserver}};
/// # fn main() -> gan_nb::Result<()> {
/// let x_train = Shapes::generate(64, 1)?;
/// let mut gan = Gan::new(GanConfig::tutorial())?;
/// let mut screen = NotebookObserver::default();
/// let mut run = gan.begin(1, 1, &mut screen)?;
/// while run.goes_on() {
///     run.record(gan.train_iteration(&x_train, 8)?);
///     if run.sample_is_due() {
///         run.show(&gan.sample_images()?)?;
///     }
/// }
/// gan.history = run.finish()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Training<'a> {
    history: History,
    observer: &'a mut dyn Observer,
    /// The iteration just recorded is the last: all are done, or the observer wants to stop.
    ended: bool,
}

impl<'a> Training<'a> {
    /// Opens a record for so many iterations, or goes on with `before` where that has the same numbers and was stopped
    /// early.
    pub(super) fn begin(
        before: &History,
        iterations: usize,
        sample_interval: usize,
        observer: &'a mut dyn Observer,
    ) -> Result<Self> {
        let new = History::new(cap_steps(iterations)?, sample_interval)?;
        let same = (before.planned, before.sample_interval) == (new.planned, new.sample_interval);
        let history = if same && !before.is_complete() { before.clone() } else { new };
        Ok(Self { history, observer, ended: false })
    }

    /// Whether there is another iteration to be done.
    pub fn goes_on(&self) -> bool {
        !self.ended
    }

    /// Takes down what an iteration gave and tells the observer.
    pub fn record(&mut self, step: Step) {
        self.history.push(step);
        self.observer.iteration(&self.history);
        // Asked once, so that a run that is stopped just after this still gets its last sample.
        self.ended = self.history.is_complete() || self.observer.stop_requested();
    }

    /// Whether a sample is due of the iteration just recorded: at each sample interval, and at the end.
    pub fn sample_is_due(&self) -> bool {
        let iteration = self.history.len().saturating_sub(1);
        iteration.is_multiple_of(self.history.sample_interval) || self.ended
    }

    /// Shows the log line of the iteration just recorded, and the samples below it.
    ///
    /// # Errors
    /// The observer's.
    pub fn show(&mut self, samples: &Samples) -> Result<()> {
        let iteration = self.history.len().saturating_sub(1);
        self.observer.sample(&self.history.log_line(iteration), samples)
    }

    /// Ends the run and gives its record.
    ///
    /// # Errors
    /// The observer's.
    pub fn finish(self) -> Result<History> {
        self.observer.finished(&self.history)?;
        Ok(self.history)
    }
}

// `dyn Observer` knows no Debug.
impl std::fmt::Debug for dyn Observer + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Observer")
    }
}
