//! How a notebook sees a run.

use super::{History, Observer, Samples, live::LiveScreen, plain::PlainScreen, words::count};
use crate::display::rich;
use crate::{Result, interrupt};

/// Under the kernel `evcxr_live` a panel that moves with the run, and each log line with its grids below it as it comes;
/// under plain evcxr_jupyter lines of progress, and all grids when the run ends.
///
/// The stop button ends the run after the iteration under way, where the kernel [lets it](crate::interrupt).
#[derive(Debug)]
pub struct NotebookObserver {
    screen: Screen,
    /// Whether an iteration has been told of.
    begun: bool,
    /// On a slow machine an iteration may take longer than the kernel waits for an answer to its stop button.
    _listener: interrupt::Listener,
}

#[derive(Debug)]
enum Screen {
    Live(LiveScreen),
    Plain(PlainScreen),
}

impl Default for NotebookObserver {
    fn default() -> Self {
        let live = rich::is_live();
        let screen = if live { Screen::Live(LiveScreen::default()) } else { Screen::Plain(PlainScreen::default()) };
        Self { screen, begun: false, _listener: interrupt::Listener::start() }
    }
}

impl NotebookObserver {
    fn screen(&mut self) -> &mut dyn Observer {
        match &mut self.screen {
            Screen::Live(screen) => screen,
            Screen::Plain(screen) => screen,
        }
    }
}

/// The words are Spanish: they belong to the lesson.
impl Observer for NotebookObserver {
    fn iteration(&mut self, history: &History) {
        if !std::mem::replace(&mut self.begun, true) && history.len() > 1 {
            println!(
                "Sigue donde se detuvo: ya hay {} de {} iteraciones.",
                count(history.len() - 1),
                count(history.planned)
            );
        }
        self.screen().iteration(history);
    }

    fn sample(&mut self, log_line: &str, samples: &Samples) -> Result<()> {
        self.screen().sample(log_line, samples)
    }

    fn finished(&mut self, history: &History) -> Result<()> {
        self.screen().finished(history)?;
        if !history.is_complete() {
            println!(
                "Detenido tras {} de {} iteraciones. Los pesos, los optimizadores y la historia se conservan: vuelve a \
                 ejecutar la celda y seguirá desde aquí.",
                count(history.len()),
                count(history.planned)
            );
        }
        Ok(())
    }

    fn stop_requested(&self) -> bool {
        interrupt::requested()
    }
}
