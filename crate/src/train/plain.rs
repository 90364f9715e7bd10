//! The screen of a notebook whose kernel shows figures only when a cell ends.

use super::{History, Observer, Samples, words::duration};
use crate::Result;
use crate::display::{Figure, film};
use std::time::{Duration, Instant};

/// Prints log and progress lines at once, and shows the grids of all samples when the run ends: evcxr passes text on
/// while a cell runs, but holds figures until its end and then keeps only the last.
#[derive(Debug)]
pub(super) struct PlainScreen {
    film: Vec<(String, Figure)>,
    started: Instant,
    /// How many iterations a run that goes on had already.
    before: Option<usize>,
    last_line: Option<Instant>,
}

/// Between two progress lines; the first comes after as long, so that the whole time is known early.
const PAUSE: Duration = Duration::from_secs(10);

impl Default for PlainScreen {
    fn default() -> Self {
        Self { film: Vec::new(), started: Instant::now(), before: None, last_line: None }
    }
}

impl PlainScreen {
    /// After the first line, one at each twentieth of the run: text in a notebook can't be taken back.
    fn line_is_due(&self, history: &History) -> bool {
        let twentieth = (history.planned / 20).max(1);
        let at_a_twentieth = self.last_line.is_none() || history.len().is_multiple_of(twentieth);
        at_a_twentieth && self.last_line.unwrap_or(self.started).elapsed() >= PAUSE && !history.is_complete()
    }
}

impl Observer for PlainScreen {
    fn iteration(&mut self, history: &History) {
        let before = *self.before.get_or_insert(history.len().saturating_sub(1));
        if self.line_is_due(history) {
            self.last_line = Some(Instant::now());
            let rate = (history.len() - before) as f64 / self.started.elapsed().as_secs_f64();
            let left = (history.planned - history.len()) as f64 / rate;
            println!("{:>7} / {}  {rate:.1} it/s, {} left", history.len(), history.planned, duration(left));
        }
    }

    fn sample(&mut self, log_line: &str, samples: &Samples) -> Result<()> {
        println!("{log_line}");
        self.film.extend(samples.figures(log_line)?);
        Ok(())
    }

    fn finished(&mut self, _history: &History) -> Result<()> {
        film(&self.film).evcxr_display();
        Ok(())
    }
}
