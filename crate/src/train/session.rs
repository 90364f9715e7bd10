//! What a run does besides learning: it counts, records, tells an observer and ends.

use super::health::Health;
use super::{Game, History, Metrics, Notice, Observer, Plan, Samples, Trainer, batch_memory, max_steps};
use crate::data::Dataset;
use crate::{Error, Result};
use std::time::{Duration, Instant};

/// A GPU's numbers are read when the panel is due, and before they are too many.
pub(crate) const PAUSE: Duration = Duration::from_millis(250);
pub(crate) const MOST: usize = 256;

/// A run under way, from [`Trainer::begin`]: the loop around the algorithm asks it what comes next. The record is the
/// trainer's own, so that whatever ends the loop, an error included, loses none of it.
///
/// ```
/// use gan_nb::{data::Shapes, progress::NotebookObserver, train::{Gan, GanConfig}};
/// # fn main() -> gan_nb::Result<()> {
/// let x_train = Shapes::generate(64, 1)?;
/// let mut gan = Gan::new(GanConfig::tutorial())?;
/// let mut screen = NotebookObserver::default();
/// let mut run = gan.begin(&x_train, 1, 8, 1, &mut screen)?;
/// while run.goes_on() {
///     let metrics = run.gan.train_iteration(&x_train, 8)?;
///     run.record(metrics)?;
///     if run.sample_is_due() {
///         let samples = run.gan.sample_images()?;
///         run.show(&samples)?;
///     }
///     run.keep()?;
/// }
/// let history = run.finish()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Session<'a, G: Game> {
    /// What is trained. Its history holds the iterations whose numbers have been read,
    pub gan: &'a mut Trainer<G>,
    /// and these are those after them, each with the moment when it began.
    unread: Vec<(Metrics, Instant)>,
    read_at: Instant,
    /// When the iteration under way began.
    started: Instant,
    observer: &'a mut dyn Observer,
    health: Health,
    batch_size: usize,
    /// The iteration just recorded is the last: all are done, or the observer wants to stop.
    ended: bool,
    /// The observer knows that the run has ended.
    told: bool,
}

impl<'a, G: Game> Session<'a, G> {
    pub(super) fn begin(
        gan: &'a mut Trainer<G>,
        x_train: &Dataset,
        mut plan: Plan,
        observer: &'a mut dyn Observer,
    ) -> Result<Self> {
        // Checks all numbers before anything is opened.
        History::new(plan.iterations, plan.sample_interval, gan.metrics())?;
        x_train.check_batch_size(plan.batch_size)?;
        gan.game.check_data(x_train)?;
        batch_memory::check_batch(&gan.game.parts().networks, plan.batch_size)?;
        if let Some(cap) = max_steps()?.filter(|cap| *cap < plan.iterations) {
            observer.notice(&Notice::Capped { planned: plan.iterations, cap });
            plan.iterations = cap;
        }
        let notices = gan.open_history(&plan, x_train)?;
        notices.iter().for_each(|notice| observer.notice(notice));
        gan.choose_products(&plan)?;
        let batch_size = plan.batch_size;
        let health = Health::new(x_train, gan.makes_photos())?;
        let now = Instant::now();
        let ended = gan.history.is_complete();
        let mut session = Self {
            gan,
            unread: Vec::new(),
            read_at: now,
            started: now,
            observer,
            health,
            batch_size,
            ended,
            told: false,
        };
        session.observer.begin(&session.gan.history);
        session.tell_saved();
        if ended {
            session.show_what_is_there()?;
        }
        Ok(session)
    }

    /// Of a run that was complete before: its last line and its pictures.
    fn show_what_is_there(&mut self) -> Result<()> {
        let done = self.gan.history.len();
        self.observer.notice(&Notice::AlreadyTrained { done });
        let samples = self.gan.sample_images()?;
        let line = self.gan.log_line(&self.gan.history, done.saturating_sub(1));
        self.observer.sample(&line, &samples)
    }

    /// Whether there is another iteration to be done, which then begins: its time is measured from here.
    pub fn goes_on(&mut self) -> bool {
        self.started = Instant::now();
        !self.ended
    }

    /// Records what an iteration gave and tells the observer: at once on the CPU, a few times a second on a GPU, which
    /// would otherwise stand idle meanwhile.
    ///
    /// # Errors
    /// [`Error::Diverged`] when one of the numbers is NaN or infinite, [`Error::Value`] when they are not the game's
    /// metrics, [`Error::Io`] when the disk refuses.
    pub fn record(&mut self, metrics: Metrics) -> Result<()> {
        metrics.check_names(self.gan.history.metrics())?;
        if let Some(notice) = self.gan.recordings.take_notice() {
            self.observer.notice(&notice);
        }
        let at_once = !metrics.are_on_a_gpu();
        self.take(metrics, at_once)?;
        // Asked once, so that a run that is stopped just after this still gets its last sample.
        self.ended = self.done() >= self.gan.history.planned || self.observer.stop_requested();
        Ok(())
    }

    fn take(&mut self, metrics: Metrics, at_once: bool) -> Result<()> {
        self.unread.push((metrics, self.started));
        if at_once || self.unread.len() >= MOST || self.read_at.elapsed() >= PAUSE { self.read() } else { Ok(()) }
    }

    fn done(&self) -> usize {
        self.gan.history.len() + self.unread.len()
    }

    /// Reads what is unread. What can't be read stays unread; what was read is in the history whatever comes after.
    fn read(&mut self) -> Result<()> {
        self.read_at = Instant::now();
        let Some((_, first_started)) = self.unread.first() else { return Ok(()) };
        let metrics: Vec<&Metrics> = self.unread.iter().map(|(metrics, _)| metrics).collect();
        // What a GPU could not do is found out here.
        let rows = Metrics::read_all(&metrics).map_err(|error| Error::of_batch(self.batch_size, error))?;
        // How long each took is not known: each gets its share of the whole.
        let seconds = first_started.elapsed().as_secs_f32() / rows.len() as f32;
        self.unread.clear();
        let mut outcome = Ok(());
        for row in rows {
            self.gan.history.push(&row, seconds)?;
            if outcome.is_ok() {
                outcome = self.tell();
            }
        }
        outcome
    }

    /// Tells of the newest iteration.
    fn tell(&mut self) -> Result<()> {
        let gan = &mut *self.gan;
        if let Some(keeper) = &mut gan.keeper {
            keeper.iteration(&gan.history)?;
        }
        self.observer.iteration(&gan.history);
        let last_good = || gan.keeper.as_ref().map(|keeper| keeper.last_good()).unwrap_or_default();
        if let Some(notice) = self.health.iteration(&gan.history, |history| gan.game.warning(history), last_good)? {
            self.observer.notice(&notice);
        }
        Ok(())
    }

    /// Whether a sample is due of the iteration just recorded: at each sample interval, and at the end.
    pub fn sample_is_due(&self) -> bool {
        let iteration = self.done().saturating_sub(1);
        iteration.is_multiple_of(self.gan.history.sample_interval) || self.ended
    }

    /// Shows the log line of the iteration just recorded, and the samples below it.
    ///
    /// # Errors
    /// The observer's.
    pub fn show(&mut self, samples: &Samples) -> Result<()> {
        self.read()?;
        let iteration = self.gan.history.len().saturating_sub(1);
        if let Some(notice) = self.health.samples(&samples.fixed, &self.gan.history)? {
            self.observer.notice(&notice);
        }
        if let Some(keeper) = &mut self.gan.keeper {
            keeper.samples(iteration, samples)?;
        }
        let line = self.gan.log_line(&self.gan.history, iteration);
        self.observer.sample(&line, samples)
    }

    /// Writes a checkpoint where one is due, for a training that is [kept](Trainer::keep_in) in a folder. At the end of any,
    /// makes sure that the networks are sound.
    ///
    /// # Errors
    /// [`Error::Diverged`] when a weight is NaN or infinite, [`Error::Io`] when the disk refuses.
    pub fn keep(&mut self) -> Result<()> {
        let (done, ended) = (self.done(), self.ended);
        let is_due = self.gan.keeper.as_ref().is_some_and(|keeper| keeper.is_due(done, ended));
        if !is_due && !ended {
            return Ok(());
        }
        self.read()?;
        let last_good = self.gan.keeper.as_ref().map(|keeper| keeper.last_good()).unwrap_or_default();
        let Trainer { game, history, random, keeper, .. } = &mut *self.gan;
        let mut state = super::State { game, history, random };
        state.check_finite(&last_good)?;
        if let Some(keeper) = keeper.as_mut().filter(|_| is_due) {
            keeper.checkpoint(&mut state)?;
            self.tell_saved();
        }
        Ok(())
    }

    fn tell_saved(&mut self) {
        if let Some((folder, iteration)) = self.gan.keeper.as_ref().and_then(|keeper| keeper.newest()) {
            self.observer.saved(folder, iteration);
        }
    }

    /// The record so far.
    pub fn history(&self) -> &History {
        &self.gan.history
    }

    /// Ends the run and gives its record.
    ///
    /// # Errors
    /// The observer's.
    pub fn finish(mut self) -> Result<History> {
        self.read()?;
        self.told = true;
        self.observer.finished(&self.gan.history)?;
        Ok(self.gan.history.clone())
    }
}

/// A loop that an error left may have numbers that only the device has.
impl<G: Game> Drop for Session<'_, G> {
    fn drop(&mut self) {
        let _ = self.read(); // An error has been told already, or the device is gone.
        if let Some(keeper) = &mut self.gan.keeper {
            keeper.close();
        }
        if !self.told {
            self.observer.cut_off();
        }
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
