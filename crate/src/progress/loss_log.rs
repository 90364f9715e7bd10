//! What a training loop of one's own records. The words in its figures are Spanish: they belong to the lesson.

use super::live_panel::{self as panel, Report, Series, Table, WINDOW};
use crate::display::{Colour, Figure, Panel, brief, curves, notebook_output, number};
use crate::{Error, Result};
use std::fmt;

/// Losses by name, one number for each recorded step. In a notebook it shows itself as curves.
///
/// [`Progress`](super::Progress) writes it.
#[derive(Debug, Clone)]
pub struct Log {
    pub(super) title: String,
    pub(super) planned: usize,
    pub(super) done: usize,
    pub(super) names: Vec<String>,
    /// The recorded steps, counted from 0.
    pub(super) steps: Vec<usize>,
    /// For each name one number for each recorded step.
    pub(super) values: Vec<Vec<f32>>,
    pub(super) reference: Option<(f64, String)>,
    pub(super) seconds: f64,
}

impl Log {
    /// What was trained.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The losses' names, in their order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many steps were recorded.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether none was recorded.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// How long the run took from its first step to its end, in seconds, pictures included.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// The values of one loss, one for each recorded step.
    ///
    /// # Errors
    /// [`Error::Value`] for a name that was not recorded.
    pub fn series(&self, name: &str) -> Result<&[f32]> {
        match self.names.iter().position(|other| other == name) {
            Some(index) => Ok(&self.values[index]),
            None => {
                let (found, expected) = (format!("{name:?}"), format!("one of {:?}", self.names));
                Err(Error::value(
                    "the name of a series",
                    found,
                    expected,
                    "The names are those given to Progress::new.",
                ))
            }
        }
    }

    /// The last recorded value of each loss, in the order of the names; empty before the first.
    pub fn last(&self) -> Vec<f32> {
        self.values.iter().filter_map(|values| values.last().copied()).collect()
    }

    /// The mean of each loss over so many of its last values, in the order of the names: a single one tells little of a
    /// run that jumps.
    pub fn last_means(&self, window: usize) -> Vec<f64> {
        let mean = |values: &Vec<f32>| {
            let tail = &values[values.len().saturating_sub(window)..];
            tail.iter().map(|value| f64::from(*value)).sum::<f64>() / tail.len() as f64
        };
        self.values.iter().map(mean).collect()
    }

    /// The losses over the iterations, with a running mean where there are many.
    ///
    /// # Errors
    /// [`Error::Figure`](crate::Error::Figure) when it can't be drawn.
    pub fn plot(&self, title: &str) -> Result<Figure> {
        let mut panel = Panel::new("Pérdidas", "pérdida");
        for (name, colour, points) in self.lines(0.0) {
            panel = panel.line(name, points, colour);
        }
        if let Some((value, name)) = &self.reference {
            panel = panel.reference(*value, name);
        }
        let means = self.means((self.len() / 10).max(1));
        let alt = format!("Curvas de {} iteraciones. En la última décima parte, de media: {means}.", self.done);
        curves(title, "iteración", &[panel], &alt)
    }

    /// Called by evcxr for a cell's last expression.
    pub fn evcxr_display(&self) {
        match self.plot(&self.title) {
            Ok(figure) => figure.evcxr_display(),
            Err(error) => notebook_output::show_text(&format!("{self}\n{error}")),
        }
    }

    pub(super) fn push(&mut self, step: usize, numbers: &[f32]) {
        self.steps.push(step);
        for (values, number) in self.values.iter_mut().zip(numbers) {
            values.push(*number);
        }
    }

    /// What the panel says of it.
    pub(super) fn report(&self) -> Report {
        let window = self.len().min(WINDOW);
        // Below one another, so with the points of their decimals in one line.
        let aligned = |mean: f64| if mean.abs() < 1000.0 { number(mean, 3) } else { brief(mean) };
        let row = |(name, mean): (&String, f64)| (name.clone(), vec![aligned(mean)]);
        let reference = self.reference.as_ref().map(|(value, name)| (*value, name.as_str()));
        Report {
            title: self.title.clone(),
            done: self.done,
            planned: self.planned,
            seconds: self.seconds,
            table: Table {
                columns: Vec::new(),
                rows: self.names.iter().zip(self.last_means(window)).map(row).collect(),
                window,
            },
            description: format!("Media {}: {}.", panel::last(window), self.means(window)),
            curve: panel::curve(self.lines(0.5), self.done, reference, "Pérdidas a lo largo de las iteraciones"),
        }
    }

    /// With each step so far right of where it began.
    fn lines(&self, shift: f64) -> Vec<Series<'_>> {
        let points = |values: &[f32]| {
            self.steps.iter().zip(values).map(|(step, value)| (*step as f64 + shift, f64::from(*value))).collect()
        };
        let lines = self.names.iter().zip(&self.values).zip(Colour::ALL);
        lines.map(|((name, values), colour)| (name.as_str(), colour, points(values))).collect()
    }

    /// `G 0.69; D 1.2`
    fn means(&self, window: usize) -> String {
        let named = |(name, mean): (&String, f64)| format!("{name} {}", brief(mean));
        self.names.iter().zip(self.last_means(window)).map(named).collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} of {} iterations in {:.0} s", self.title, self.done, self.planned, self.seconds)?;
        if self.is_empty() { Ok(()) } else { write!(f, "; the last: {}", self.means(1)) }
    }
}
