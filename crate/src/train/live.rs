//! The live screen of a notebook: one panel that moves, and below it each sample as it comes.

use super::{
    History, Observer, Samples,
    panel::{Snapshot, State},
};
use crate::Result;
use crate::display::{film, rich::Spot};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Between two updates of the panel, at the least.
const PAUSE: Duration = Duration::from_millis(250);
/// The rate is that of so long a time past: long enough to be calm, short enough to tell of a machine that slows down.
const RECENT: Duration = Duration::from_secs(20);

/// Where the kernel [is live](crate::display::rich::is_live).
#[derive(Debug, Default)]
pub(super) struct LiveScreen {
    panel: Option<(Spot, Snapshot)>,
    updated: Option<Instant>,
    /// When the panel was updated, and how many iterations were done then.
    recent: VecDeque<(Instant, usize)>,
}

impl LiveScreen {
    fn update(&mut self, history: &History, state: State) {
        let now = Instant::now();
        self.updated = Some(now);
        self.recent.push_back((now, history.len()));
        while self.recent.front().is_some_and(|(then, _)| now - *then > RECENT) {
            self.recent.pop_front();
        }
        let snapshot = Snapshot::new(history, self.rate());
        match &mut self.panel {
            Some((spot, last)) => {
                spot.update(&snapshot.to_html(state), &snapshot.to_string(state));
                *last = snapshot;
            }
            None => {
                let spot = Spot::open(&snapshot.to_html(state), &snapshot.to_string(state));
                self.panel = Some((spot, snapshot));
            }
        }
    }

    /// Iterations a second of late, if there are two moments to tell it from.
    fn rate(&self) -> Option<f64> {
        let ((then, before), (now, after)) = (self.recent.front()?, self.recent.back()?);
        (after > before).then(|| (after - before) as f64 / (*now - *then).as_secs_f64())
    }
}

impl Observer for LiveScreen {
    fn iteration(&mut self, history: &History) {
        if self.updated.is_none_or(|then| then.elapsed() >= PAUSE) {
            self.update(history, State::Running);
        }
    }

    fn sample(&mut self, log_line: &str, samples: &Samples) -> Result<()> {
        println!("{log_line}");
        film(&samples.figures("")?).show_now();
        Ok(())
    }

    fn finished(&mut self, history: &History) -> Result<()> {
        self.update(history, if history.is_complete() { State::Done } else { State::Stopped });
        self.panel = None; // What it shows now is its last word.
        Ok(())
    }
}

/// A run that an error cuts off must not leave a panel that seems to go on.
impl Drop for LiveScreen {
    fn drop(&mut self) {
        if let Some((spot, last)) = &self.panel {
            spot.update(&last.to_html(State::Failed), &last.to_string(State::Failed));
        }
    }
}
