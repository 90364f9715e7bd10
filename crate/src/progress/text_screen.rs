//! The screen of a notebook whose kernel shows figures only when a cell ends.

use super::spanish::{duration, stopping};
use crate::display::{Figure, film};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Prints progress lines at once, and shows all figures when the run ends: evcxr passes text on while a cell runs, but
/// holds figures until its end and then keeps only the last.
#[derive(Debug)]
pub(super) struct PlainScreen {
    film: Vec<(String, Figure)>,
    started: Instant,
    /// How many iterations a run that goes on had already.
    before: Option<usize>,
    last_line: Option<Instant>,
    is_over: Arc<Mutex<bool>>,
}

/// Between two progress lines; the first comes after as long, so that the whole time is known early.
const PAUSE: Duration = Duration::from_secs(10);

impl Default for PlainScreen {
    fn default() -> Self {
        Self { film: Vec::new(), started: Instant::now(), before: None, last_line: None, is_over: Arc::default() }
    }
}

impl PlainScreen {
    pub(super) fn iteration(&mut self, done: usize, planned: usize) {
        let before = *self.before.get_or_insert(done.saturating_sub(1));
        if self.line_is_due(done, planned) {
            self.last_line = Some(Instant::now());
            let rate = (done - before) as f64 / self.started.elapsed().as_secs_f64();
            let left = (planned - done) as f64 / rate;
            println!("{done:>7} / {planned}  {rate:.1} it/s, quedan {}", duration(left));
        }
    }

    /// As [`Screen::stop_sign`](super::screen::Screen::stop_sign).
    pub(super) fn stop_sign(&self) -> Box<dyn FnOnce() + Send> {
        let is_over = Arc::clone(&self.is_over);
        Box::new(move || {
            // Held while it prints, so that the line can't come after the run's last.
            let is_over = is_over.lock().unwrap_or_else(PoisonError::into_inner);
            if !*is_over {
                println!("{}", stopping());
            }
        })
    }

    pub(super) fn show(&mut self, figures: Vec<(String, Figure)>) {
        self.film.extend(figures);
    }

    /// After the first line, one at each twentieth of the run: text in a notebook can't be taken back.
    fn line_is_due(&self, done: usize, planned: usize) -> bool {
        let twentieth = (planned / 20).max(1);
        let at_a_twentieth = self.last_line.is_none() || done.is_multiple_of(twentieth);
        at_a_twentieth && self.last_line.unwrap_or(self.started).elapsed() >= PAUSE && done < planned
    }
}

/// The run's end, be it whole, stopped or cut off by an error.
impl Drop for PlainScreen {
    fn drop(&mut self) {
        *self.is_over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        if !self.film.is_empty() {
            film(&self.film).evcxr_display();
        }
    }
}
