//! How a notebook sees a run of a [`Trainer`].

use super::{
    live_panel::{self, Report, Table, WINDOW},
    screen::Screen,
    spanish::{self, count},
};
use crate::Result;
use crate::display::notebook_output;
use crate::platform::stop_button;
use crate::train::{Fit, Game, History, MetricList, Notice, Observer, Quantity, Samples, Trainer};
use std::path::Path;

/// Under the kernel `evcxr_live` a panel that moves with the run, and each log line with its grids below it as it comes;
/// under plain evcxr_jupyter lines of progress, and all grids when the run ends.
///
/// The stop button ends the run after the iteration under way, where the kernel [lets it](crate::platform::stop_button).
#[derive(Debug)]
pub struct NotebookObserver {
    screen: Screen,
    /// Whether log lines and grids are shown, or the panel alone.
    samples: bool,
    /// From the run's beginning to its end. On a slow machine an iteration may take longer than the kernel waits for an
    /// answer to its stop button.
    listener: Option<stop_button::Listener>,
}

impl Default for NotebookObserver {
    fn default() -> Self {
        Self { screen: Screen::default(), samples: true, listener: None }
    }
}

impl NotebookObserver {
    /// Shows the panel alone: for where the pictures of several runs are compared afterwards.
    pub fn without_samples() -> Self {
        Self { samples: false, ..Self::default() }
    }
}

impl<G: Game> Trainer<G> {
    /// Trains, printing a log line and showing a 5 × 5 grid every `sample_interval` iterations.
    ///
    /// Called again, the networks go on from where they were: with what was left of an interrupted run, else with as many
    /// iterations more (a run that is [kept](Self::keep_in) is then complete, and is shown).
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) for a count of 0 or a `batch_size` larger than the data,
    /// [`Error::Memory`](crate::Error::Memory) for one without room.
    pub fn train_gan(
        &mut self,
        x_train: &crate::data::Dataset,
        iterations: usize,
        batch_size: usize,
        sample_interval: usize,
    ) -> Result<History> {
        self.train_observed(x_train, iterations, batch_size, sample_interval, &mut NotebookObserver::default())
    }
}

impl<G: Game> Fit<'_, G> {
    /// Trains as [`Trainer::train_gan`] does.
    ///
    /// # Errors
    /// As there.
    pub fn run(self) -> Result<History> {
        self.observed_by(&mut NotebookObserver::default())
    }
}

/// The words are Spanish: they belong to the lesson.
impl Observer for NotebookObserver {
    fn begin(&mut self, history: &History) {
        self.listener = Some(stop_button::Listener::start(self.screen.stop_sign()));
        if !history.is_empty() && !history.is_complete() {
            let (done, planned) = (count(history.len()), count(history.planned));
            println!("Sigue donde se detuvo: ya hay {done} de {planned} iteraciones.");
        }
    }

    fn iteration(&mut self, history: &History) {
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

    fn saved(&mut self, folder: &Path, iteration: usize) {
        notebook_output::show_if_lost(&spanish::if_lost(folder, iteration));
    }

    fn finished(&mut self, history: &History) -> Result<()> {
        self.listener = None;
        self.screen.finish(report(history));
        if !history.is_complete() {
            println!(
                "Detenido tras {} de {} iteraciones. Los pesos, los optimizadores y el historial se conservan: vuelve a \
                 ejecutar la celda y seguirá desde aquí.",
                count(history.len()),
                count(history.planned)
            );
        }
        Ok(())
    }

    fn cut_off(&mut self) {
        self.listener = None;
        self.screen.cut_off();
    }

    fn notice(&mut self, notice: &Notice) {
        println!("{}", spanish::notice(notice));
    }

    fn stop_requested(&self) -> bool {
        stop_button::requested()
    }
}

/// What the panel says of a run: means of its metrics over the last iterations.
fn report(history: &History) -> Report {
    let window = history.len().min(WINDOW);
    let rows = rows(history.metrics(), |place, quantity| {
        let mean = history.mean_of_last(place, window);
        if quantity == Quantity::Accuracy { format!("{:.0} %", 100.0 * mean) } else { format!("{mean:.3}") }
    });
    let words = rows.iter().map(|([_, name], cells)| match &cells[..] {
        [real, fake] if !real.is_empty() => format!("{name} con reales {real} y con generadas {fake}"),
        cells => format!("{name} {}", cells.last().map_or("", String::as_str)),
    });
    let words = words.collect::<Vec<_>>().join("; ");
    let rows: Vec<_> = rows.into_iter().map(|([name, _], cells)| (name.to_string(), cells)).collect();
    let has_pairs = rows.iter().any(|(_, cells)| cells.len() == 2);
    Report {
        title: String::new(),
        done: history.len(),
        planned: history.planned,
        seconds: history.seconds(),
        description: format!("Media {}: {words}.", live_panel::last(window)),
        table: Table { columns: if has_pairs { vec!["reales", "generadas"] } else { Vec::new() }, rows, window },
        curve: curve(history),
    }
}

/// A row for each metric, with its two names; those of real and generated images share one.
fn rows(metrics: &MetricList, number: impl Fn(usize, Quantity) -> String) -> Vec<([&str; 2], Vec<String>)> {
    let all = metrics.iter().enumerate().map(|(place, metric)| (place, metric.name.as_str(), metric.quantity));
    let all: Vec<(usize, &str, Quantity)> = all.collect();
    let partner = |name: &str| {
        let stem = name.strip_suffix("_real")?;
        all.iter().find(|(_, other, _)| other.strip_suffix("_fake") == Some(stem)).map(|(place, ..)| *place)
    };
    let has_pairs = all.iter().any(|(_, name, _)| partner(name).is_some());
    let is_partner = |place: usize| all.iter().any(|(_, name, _)| partner(name) == Some(place));
    let mut rows = Vec::new();
    for (place, name, quantity) in all.iter().filter(|(place, ..)| !is_partner(*place)) {
        let own = number(*place, *quantity);
        rows.push(match partner(name) {
            Some(fake) => (spanish::row(name), vec![own, number(fake, *quantity)]),
            None if has_pairs => (spanish::row(name), vec![String::new(), own]),
            None => (spanish::row(name), vec![own]),
        });
    }
    rows
}

/// The losses over the iterations.
fn curve(history: &History) -> String {
    let metrics = history.metrics();
    let names = spanish::names(metrics, Quantity::Loss);
    let points = |place: usize| {
        let series = history.series_at(place).iter().enumerate();
        series.map(|(i, value)| (i as f64 + 0.5, f64::from(*value))).collect()
    };
    let series = names.iter().map(|name| (name.in_panel, name.colour, points(name.place))).collect();
    let reference = metrics.references(Quantity::Loss).next();
    let reference = reference.map(|line| (line.value, spanish::word(&line.name)));
    live_panel::curve(series, history.len(), reference, "Pérdidas a lo largo de las iteraciones")
}
