//! What a run does besides learning: it counts, records, tells an observer and ends.

use super::{Gan, History, Losses, Observer, Samples, health::Watch};
use crate::Result;
use crate::runs::Keeper;
use std::time::{Duration, Instant};

/// A GPU's numbers are read when the panel is due, and before they are too many.
pub(crate) const PAUSE: Duration = Duration::from_millis(250);
pub(crate) const MOST: usize = 256;

/// A run under way, from [`Gan::begin`](super::Gan::begin): the loop around the algorithm asks it what comes next.
///
/// ```
/// use gan_nb::{data::Shapes, progress::NotebookObserver, train::{Gan, GanConfig}};
/// # fn main() -> gan_nb::Result<()> {
/// let x_train = Shapes::generate(64, 1)?;
/// let mut gan = Gan::new(GanConfig::tutorial())?;
/// let mut screen = NotebookObserver::default();
/// let mut run = gan.begin(&x_train, 1, 8, 1, &mut screen)?;
/// while run.goes_on() {
///     run.record(gan.train_iteration(&x_train, 8)?)?;
///     if run.sample_is_due() {
///         run.show(&gan.sample_images()?)?;
///     }
///     run.keep(&gan)?;
/// }
/// gan.history = run.finish()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Training<'a> {
    /// The iterations whose numbers have been read,
    history: History,
    /// and those after them, whose numbers have not.
    unread: Vec<Losses>,
    read_at: Instant,
    observer: &'a mut dyn Observer,
    watch: Watch,
    /// Of a training that is [kept](Gan::keep_in) in a folder.
    keeper: Option<Keeper>,
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
        watch: Watch,
        keeper: Option<Keeper>,
    ) -> Result<Self> {
        let new = History::new(iterations, sample_interval)?;
        let history = if before.goes_on_with(iterations, sample_interval) { before.clone() } else { new };
        Ok(Self { history, unread: Vec::new(), read_at: Instant::now(), observer, watch, keeper, ended: false })
    }

    /// Whether there is another iteration to be done.
    pub fn goes_on(&self) -> bool {
        !self.ended
    }

    /// Takes down what an iteration gave and tells the observer: at once on the CPU, a few times a second on a GPU, which
    /// would otherwise stand still meanwhile.
    ///
    /// # Errors
    /// [`Error::Diverged`](crate::Error::Diverged) when a loss is NaN or infinite, [`Error::Io`](crate::Error::Io) when the
    /// disk refuses.
    pub fn record(&mut self, losses: Losses) -> Result<()> {
        let at_once = !losses.are_on_a_gpu();
        self.unread.push(losses);
        if at_once || self.unread.len() == MOST || self.read_at.elapsed() >= PAUSE {
            self.read()?;
        }
        // Asked once, so that a run that is stopped just after this still gets its last sample.
        self.ended = self.done() >= self.history.planned || self.observer.stop_requested();
        Ok(())
    }

    fn done(&self) -> usize {
        self.history.len() + self.unread.len()
    }

    fn read(&mut self) -> Result<()> {
        let unread = std::mem::take(&mut self.unread);
        self.read_at = Instant::now();
        for step in Losses::read_all(&unread)? {
            self.history.push(step);
            if let Some(keeper) = &mut self.keeper {
                keeper.iteration(&step)?;
            }
            self.observer.iteration(&self.history);
            if let Some(notice) = self.watch.iteration(&self.history, || last_good(self.keeper.as_ref()))? {
                self.observer.notice(&notice);
            }
        }
        Ok(())
    }

    /// Whether a sample is due of the iteration just recorded: at each sample interval, and at the end.
    pub fn sample_is_due(&self) -> bool {
        let iteration = self.done().saturating_sub(1);
        iteration.is_multiple_of(self.history.sample_interval) || self.ended
    }

    /// Shows the log line of the iteration just recorded, and the samples below it.
    ///
    /// # Errors
    /// The observer's.
    pub fn show(&mut self, samples: &Samples) -> Result<()> {
        self.read()?;
        let iteration = self.history.len().saturating_sub(1);
        if let Some(notice) = self.watch.fakes(&samples.fixed, iteration + 1)? {
            self.observer.notice(&notice);
        }
        if let Some(keeper) = &self.keeper {
            keeper.samples(iteration, samples)?;
        }
        self.observer.sample(&self.history.log_line(iteration), samples)
    }

    /// Writes a checkpoint where one is due, for a training that is [kept](Gan::keep_in) in a folder. At the end of any, makes
    /// sure that the networks are sound.
    ///
    /// # Errors
    /// [`Error::Diverged`](crate::Error::Diverged) when a weight is NaN or infinite, [`Error::Io`](crate::Error::Io) when
    /// the disk refuses.
    pub fn keep(&mut self, gan: &Gan) -> Result<()> {
        let (done, ended) = (self.done(), self.ended);
        let is_due = self.keeper.as_ref().is_some_and(|keeper| keeper.is_due(done, ended));
        if !is_due && !ended {
            return Ok(());
        }
        self.read()?;
        gan.check_finite(done.saturating_sub(1), &last_good(self.keeper.as_ref()))?;
        match &mut self.keeper {
            Some(keeper) if is_due => keeper.checkpoint(gan, &self.history),
            _ => Ok(()),
        }
    }

    /// The record so far.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Ends the run and gives its record.
    ///
    /// # Errors
    /// The observer's.
    pub fn finish(mut self) -> Result<History> {
        self.close()?;
        Ok(self.history)
    }

    pub(super) fn close(&mut self) -> Result<()> {
        self.read()?;
        self.observer.finished(&self.history)
    }
}

/// For messages: where the last good state is, if one is kept.
fn last_good(keeper: Option<&Keeper>) -> String {
    keeper.map(Keeper::last_good).unwrap_or_default()
}

// `dyn Observer` knows no Debug.
impl std::fmt::Debug for dyn Observer + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Observer")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Shapes;
    use crate::train::{Gan, GanConfig, Step};

    #[derive(Default)]
    struct Counter(Vec<usize>);

    impl Observer for Counter {
        fn iteration(&mut self, history: &History) {
            self.0.push(history.len());
        }
        fn sample(&mut self, line: &str, _: &Samples) -> Result<()> {
            assert!(!line.contains("not trained"), "{line}");
            Ok(())
        }
    }

    /// A run whose numbers are left on the device, as on a GPU, has the history of one that reads each at once.
    #[test]
    fn numbers_read_together_are_those_read_one_by_one() {
        let x_train = Shapes::generate(16, 1).unwrap();
        let histories = [false, true].map(|left_on_the_device| {
            let mut gan = Gan::new(GanConfig::dcgan()).unwrap();
            let mut counter = Counter::default();
            let mut run = gan.begin(&x_train, 5, 4, 3, &mut counter).unwrap();
            while run.goes_on() {
                let losses = gan.train_iteration(&x_train, 4).unwrap();
                if left_on_the_device {
                    run.unread.push(losses);
                    run.ended = run.done() == 5;
                } else {
                    run.record(losses).unwrap();
                }
                if run.sample_is_due() {
                    run.show(&gan.sample_images().unwrap()).unwrap();
                }
            }
            let history = run.finish().unwrap();
            assert_eq!(counter.0, [1, 2, 3, 4, 5]);
            assert!(history.steps.iter().all(|step| step.seconds > 0.0));
            history.steps.into_iter().map(|step| Step { seconds: 0.0, ..step }).collect::<Vec<_>>()
        });
        assert_eq!(histories[0], histories[1]);
        assert_eq!(histories[0].len(), 5);
    }
}
