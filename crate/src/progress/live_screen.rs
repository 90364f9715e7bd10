//! The live screen of a notebook: one panel that moves, and below it each figure as it comes.

use super::live_panel::{Report, State};
use crate::display::{Figure, film, notebook_output::Spot};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Between two updates of the panel, at the least.
const PAUSE: Duration = Duration::from_millis(250);
/// The rate is that of so long a time past: long enough to be calm, short enough to tell of a machine that slows down.
const RECENT: Duration = Duration::from_secs(20);

/// Where the kernel [is live](crate::display::notebook_output::is_live). For one run: another gets its own.
#[derive(Debug, Default)]
pub(super) struct LiveScreen {
    panel: Arc<Mutex<Panel>>,
    updated: Option<Instant>,
    /// When the panel was updated, and how many iterations were done then.
    recent: VecDeque<(Instant, usize)>,
}

/// What the thread that trains and the stop button's both draw.
#[derive(Debug, Default)]
struct Panel {
    spot: Option<Spot>,
    /// The newest; none before the first iteration is done.
    report: Option<Report>,
    is_stopping: bool,
    /// What it shows is its last word.
    is_over: bool,
}

impl LiveScreen {
    pub(super) fn iteration(&mut self, report: impl FnOnce() -> Report) {
        if self.updated.is_none_or(|then| then.elapsed() >= PAUSE) {
            self.update(report(), State::Running);
        }
    }

    /// As [`Screen::stop_sign`](super::screen::Screen::stop_sign).
    pub(super) fn stop_sign(&self) -> Box<dyn FnOnce() + Send> {
        let panel = Arc::clone(&self.panel);
        Box::new(move || locked(&panel).stop())
    }

    pub(super) fn show(&self, figures: &[(String, Figure)]) {
        film(figures).show_now();
    }

    pub(super) fn finish(&mut self, report: Report, state: State) {
        self.update(report, state);
        *self = Self::default();
    }

    fn update(&mut self, report: Report, state: State) {
        let now = Instant::now();
        self.updated = Some(now);
        self.recent.push_back((now, report.done));
        while self.recent.front().is_some_and(|(then, _)| now - *then > RECENT) {
            self.recent.pop_front();
        }
        let mut panel = locked(&self.panel);
        panel.report = Some(report);
        panel.draw(state, self.rate());
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
        let mut panel = locked(&self.panel);
        if panel.spot.is_some() && !panel.is_over {
            panel.draw(State::Failed, None);
        }
        panel.is_over = true; // Also one that never showed: the stop button must not open it.
    }
}

/// A thread that panicked while it drew has spoilt nothing: the next picture is a whole one.
fn locked(panel: &Mutex<Panel>) -> MutexGuard<'_, Panel> {
    panel.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Panel {
    fn stop(&mut self) {
        if !self.is_over {
            self.is_stopping = true;
            self.draw(State::Running, None);
        }
    }

    fn draw(&mut self, state: State, rate: Option<f64>) {
        let state = if state == State::Running && self.is_stopping { State::Stopping } else { state };
        self.is_over = !matches!(state, State::Running | State::Stopping);
        let [html, text] = match &self.report {
            Some(report) => [report.to_html(state, rate), report.to_string(state, rate)],
            None => state.alone(),
        };
        match &self.spot {
            Some(spot) => spot.update(&html, &text),
            None => self.spot = Some(Spot::open(&html, &text)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The listener's thread may have seen the button just before the run ended.
    #[test]
    fn a_press_that_comes_too_late_changes_nothing() {
        let mut screen = LiveScreen::default();
        let (panel, late) = (Arc::clone(&screen.panel), screen.stop_sign());
        screen = LiveScreen::default();
        late();
        let [old, new] = [locked(&panel), locked(&screen.panel)];
        assert!(old.is_over && !old.is_stopping && old.spot.is_none(), "{old:?}");
        assert!(!new.is_over && !new.is_stopping && new.spot.is_none(), "the next run is not that which was stopped");
    }
}
