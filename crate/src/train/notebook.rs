//! How a notebook sees a run.

use super::{History, Observer, Samples};
use crate::Result;
use crate::display::{Figure, film};
use std::time::{Duration, Instant};

/// Prints log and progress lines at once, and shows the grids of all samples when the run ends: evcxr passes text on
/// while a cell runs, but holds figures until its end and then keeps only the last.
#[derive(Debug, Default)]
pub struct NotebookObserver {
    film: Vec<(String, Figure)>,
    started: Option<Instant>,
    lines: usize,
}

impl NotebookObserver {
    /// Progress lines come after 10 s, which tells the whole time early, and then at each twentieth of the run, but no
    /// more often than every 10 s.
    fn line_is_due(&self, elapsed: Duration, history: &History) -> bool {
        let twentieth = (history.planned / 20).max(1);
        let since_last = elapsed.as_secs_f64() - 10.0 * self.lines as f64;
        history.len() < history.planned
            && since_last >= 10.0
            && (self.lines == 0 || history.len().is_multiple_of(twentieth))
    }
}

impl Observer for NotebookObserver {
    fn iteration(&mut self, history: &History) {
        let elapsed = self.started.get_or_insert_with(Instant::now).elapsed();
        if self.line_is_due(elapsed, history) {
            self.lines += 1;
            let rate = history.len() as f64 / elapsed.as_secs_f64();
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
