//! How a notebook sees a run.

use super::{History, Observer, Samples};
use crate::Result;
use crate::display::{Figure, film};
use std::time::{Duration, Instant};

/// Prints log and progress lines at once, and shows the grids of all samples when the run ends: evcxr passes text on
/// while a cell runs, but holds figures until its end and then keeps only the last.
#[derive(Debug)]
pub struct NotebookObserver {
    film: Vec<(String, Figure)>,
    started: Instant,
    last_line: Option<Instant>,
}

/// Between two progress lines; the first comes after as long, so that the whole time is known early.
const PAUSE: Duration = Duration::from_secs(10);

impl Default for NotebookObserver {
    fn default() -> Self {
        Self { film: Vec::new(), started: Instant::now(), last_line: None }
    }
}

impl NotebookObserver {
    /// After the first line, one at each twentieth of the run: text in a notebook can't be taken back.
    fn line_is_due(&self, history: &History) -> bool {
        let twentieth = (history.planned / 20).max(1);
        let at_a_twentieth = self.last_line.is_none() || history.len().is_multiple_of(twentieth);
        at_a_twentieth && self.last_line.unwrap_or(self.started).elapsed() >= PAUSE && history.len() < history.planned
    }
}

impl Observer for NotebookObserver {
    fn iteration(&mut self, history: &History) {
        if self.line_is_due(history) {
            self.last_line = Some(Instant::now());
            let rate = history.len() as f64 / self.started.elapsed().as_secs_f64();
            let left = (history.planned - history.len()) as f64 / rate;
            println!("{:>7} / {}  {rate:.1} it/s, {} left", history.len(), history.planned, minutes(left));
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

/// 754 s → `12 min 34 s`
fn minutes(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min {:02} s", seconds / 60, seconds % 60) }
}
