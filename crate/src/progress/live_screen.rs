//! The live screen of a notebook: one panel that moves, and below it each figure as it comes.

use super::live_panel::{Report, State};
use crate::display::{Figure, film, notebook_output::Spot};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Between two updates of the panel, at the least.
const PAUSE: Duration = Duration::from_millis(250);
/// The rate is that of so long a time past: long enough to be calm, short enough to tell of a machine that slows down.
const RECENT: Duration = Duration::from_secs(20);

/// Where the kernel [is live](crate::display::notebook_output::is_live).
#[derive(Debug, Default)]
pub(super) struct LiveScreen {
    panel: Option<(Spot, Report)>,
    updated: Option<Instant>,
    /// When the panel was updated, and how many iterations were done then.
    recent: VecDeque<(Instant, usize)>,
}

impl LiveScreen {
    pub(super) fn iteration(&mut self, report: impl FnOnce() -> Report) {
        if self.updated.is_none_or(|then| then.elapsed() >= PAUSE) {
            self.update(report(), State::Running);
        }
    }

    pub(super) fn show(&self, figures: &[(String, Figure)]) {
        film(figures).show_now();
    }

    pub(super) fn finish(&mut self, report: Report, state: State) {
        self.update(report, state);
        self.panel = None; // What it shows now is its last word.
    }

    fn update(&mut self, report: Report, state: State) {
        let now = Instant::now();
        self.updated = Some(now);
        self.recent.push_back((now, report.done));
        while self.recent.front().is_some_and(|(then, _)| now - *then > RECENT) {
            self.recent.pop_front();
        }
        let (html, text) = (report.to_html(state, self.rate()), report.to_string(state, self.rate()));
        match &mut self.panel {
            Some((spot, last)) => {
                spot.update(&html, &text);
                *last = report;
            }
            None => self.panel = Some((Spot::open(&html, &text), report)),
        }
    }

    /// Iterations a second of late, if there are two moments to tell it from.
    fn rate(&self) -> Option<f64> {
        let ((then, before), (now, after)) = (self.recent.front()?, self.recent.back()?);
        (after > before).then(|| (after - before) as f64 / (*now - *then).as_secs_f64())
    }
}

/// A run that an error cuts off must not leave a panel that seems to go on.
impl Drop for LiveScreen {
    fn drop(&mut self) {
        if let Some((spot, last)) = &self.panel {
            spot.update(&last.to_html(State::Failed, None), &last.to_string(State::Failed, None));
        }
    }
}
