//! Where a notebook's run shows how it goes: a panel that moves, or lines of text.

use super::{
    live_panel::{Report, State},
    live_screen::LiveScreen,
    text_screen::PlainScreen,
};
use crate::display::{Figure, notebook_output};

/// As the kernel allows it. Dropped before [`finish`](Self::finish), it says that the run was cut off.
#[derive(Debug)]
pub(super) enum Screen {
    Live(LiveScreen),
    Plain(PlainScreen),
}

impl Default for Screen {
    fn default() -> Self {
        if notebook_output::is_live() { Self::Live(LiveScreen::default()) } else { Self::Plain(PlainScreen::default()) }
    }
}

impl Screen {
    /// After each iteration; `report` is asked for only when it is to be seen.
    pub(super) fn iteration(&mut self, done: usize, planned: usize, report: impl FnOnce() -> Report) {
        match self {
            Self::Live(screen) => screen.iteration(report),
            Self::Plain(screen) => screen.iteration(done, planned),
        }
    }

    /// For the thread of the stop button: says that the run ends with the iteration under way. It says nothing when this run
    /// is over by then, though the screen may show another.
    pub(super) fn stop_sign(&self) -> Box<dyn FnOnce() + Send> {
        match self {
            Self::Live(screen) => screen.stop_sign(),
            Self::Plain(screen) => screen.stop_sign(),
        }
    }

    /// Figures with their captions, in the middle of the run.
    pub(super) fn show(&mut self, figures: Vec<(String, Figure)>) {
        match self {
            Self::Live(screen) => screen.show(&figures),
            Self::Plain(screen) => screen.show(figures),
        }
    }

    /// The last word: complete or stopped.
    pub(super) fn finish(&mut self, report: Report) {
        let state = if report.done >= report.planned { State::Done } else { State::Stopped };
        match self {
            Self::Live(screen) => screen.finish(report, state),
            Self::Plain(screen) => *screen = PlainScreen::default(), // What goes shows its film.
        }
    }

    /// The run was cut off; another may follow.
    pub(super) fn cut_off(&mut self) {
        match self {
            // What goes says so.
            Self::Live(screen) => *screen = LiveScreen::default(),
            Self::Plain(screen) => *screen = PlainScreen::default(),
        }
    }
}
