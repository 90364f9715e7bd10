//! How a notebook sees a run of a [`Gan`](super::Gan).

use super::{
    live_panel::{self as panel, Report, Table, WINDOW},
    screen::Screen,
    spanish::count,
};
use crate::display::Colour;
use crate::train::{History, Notice, Observer, Samples, Step, mean};
use crate::{Result, platform::stop_button as interrupt};

/// Under the kernel `evcxr_live` a panel that moves with the run, and each log line with its grids below it as it comes;
/// under plain evcxr_jupyter lines of progress, and all grids when the run ends.
///
/// The stop button ends the run after the iteration under way, where the kernel [lets it](crate::platform::stop_button).
#[derive(Debug)]
pub struct NotebookObserver {
    screen: Screen,
    /// Whether log lines and grids are shown, or the panel alone.
    samples: bool,
    /// Whether an iteration has been told of.
    begun: bool,
    /// On a slow machine an iteration may take longer than the kernel waits for an answer to its stop button.
    _listener: interrupt::Listener,
}

impl Default for NotebookObserver {
    fn default() -> Self {
        Self { screen: Screen::default(), samples: true, begun: false, _listener: interrupt::Listener::start() }
    }
}

impl NotebookObserver {
    /// Shows the panel alone: for where the pictures of several runs are compared afterwards.
    pub fn without_samples() -> Self {
        Self { samples: false, ..Self::default() }
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
        self.screen.iteration(history.len(), history.planned, || report(history));
    }

    fn sample(&mut self, log_line: &str, samples: &Samples) -> Result<()> {
        if !self.samples {
            return Ok(());
        }
        println!("{log_line}");
        // Where the grids come only at the end, they take their line with them.
        let caption = if matches!(self.screen, Screen::Live(_)) { "" } else { log_line };
        self.screen.show(samples.figures(caption)?.into());
        Ok(())
    }

    fn finished(&mut self, history: &History) -> Result<()> {
        self.screen.finish(report(history));
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

    fn notice(&mut self, notice: &Notice) {
        println!("{}", notice.in_spanish());
    }

    fn stop_requested(&self) -> bool {
        interrupt::requested()
    }
}

/// What the panel says of a GAN: the losses and accuracies of both players.
fn report(history: &History) -> Report {
    let window = &history.steps[history.len().saturating_sub(WINDOW)..];
    let mean = |value: fn(&Step) -> f32| mean(window, value);
    let losses = [mean(|s| s.d_loss_real), mean(|s| s.d_loss_fake), mean(|s| s.g_loss)];
    let [d_loss_real, d_loss_fake, g_loss] = losses.map(|loss| format!("{loss:.3}"));
    let accuracies = [mean(|s| s.d_acc_real), mean(|s| s.d_acc_fake)];
    let [d_acc_real, d_acc_fake] = accuracies.map(|fraction| format!("{:.0} %", 100.0 * fraction));
    let description = format!(
        "Media {}: pérdida de D con reales {d_loss_real} y con generadas {d_loss_fake}, aciertos {d_acc_real} y \
         {d_acc_fake}; pérdida de G {g_loss}.",
        panel::last(window.len())
    );
    let rows = vec![
        ("D, pérdida".into(), vec![d_loss_real, d_loss_fake]),
        ("D, aciertos".into(), vec![d_acc_real, d_acc_fake]),
        ("G, pérdida".into(), vec![String::new(), g_loss]),
    ];
    Report {
        title: String::new(),
        done: history.len(),
        planned: history.planned,
        seconds: history.seconds(),
        table: Table { columns: vec!["reales", "generadas"], rows, window: window.len() },
        description,
        curve: curve(&history.steps),
    }
}

/// The three losses over the iterations.
fn curve(steps: &[Step]) -> String {
    let points = |value: fn(&Step) -> f32| {
        steps.iter().enumerate().map(|(i, step)| (i as f64 + 0.5, f64::from(value(step)))).collect()
    };
    let series = vec![
        ("G", Colour::Blue, points(|s| s.g_loss)),
        ("D, reales", Colour::Vermillion, points(|s| s.d_loss_real)),
        ("D, generadas", Colour::Green, points(|s| s.d_loss_fake)),
    ];
    let alt = "Pérdidas de G y de D a lo largo de las iteraciones";
    panel::curve(series, steps.len(), Some((2f64.ln(), "ln 2")), alt)
}
