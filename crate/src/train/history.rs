//! What a run records, iteration by iteration.

use super::{MetricList, Plan, Quantity};
use crate::{Error, Result};
use std::fmt;

/// A run's record: every metric of every iteration, by name. In a notebook it shows itself as curves.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// How many iterations were asked for.
    pub planned: usize,
    /// The tutorial's `sample_interval`.
    pub sample_interval: usize,
    metrics: MetricList,
    /// For each metric one number for each iteration.
    series: Vec<Vec<f32>>,
    /// How long each iteration took, in seconds, pictures not included.
    seconds: Vec<f32>,
}

impl History {
    /// An empty record for this many iterations of a game with these metrics.
    ///
    /// # Errors
    /// [`Error::Value`] for a count of 0, and for metrics without names of their own.
    pub fn new(planned: usize, sample_interval: usize, metrics: MetricList) -> Result<Self> {
        for (name, value) in [("iterations", planned), ("sample_interval", sample_interval)] {
            if value == 0 {
                return Err(Error::value(name, value, "1 or more", "The tutorial takes 10000 and 1000."));
            }
        }
        metrics.validate()?;
        let series = vec![Vec::new(); metrics.len()];
        Ok(Self { planned, sample_interval, metrics, series, seconds: Vec::new() })
    }

    /// Adds an iteration: one number for each metric, in their order, and how long it took in seconds.
    ///
    /// # Errors
    /// [`Error::Value`] when there are more or fewer numbers than metrics.
    pub fn push(&mut self, numbers: &[f32], seconds: f32) -> Result<()> {
        if numbers.len() != self.series.len() {
            let expected = format!("{} for {:?}", self.series.len(), self.metrics.names().collect::<Vec<_>>());
            return Err(Error::value(
                "the metrics of an iteration",
                numbers.len(),
                expected,
                "Give one for each name.",
            ));
        }
        for (series, number) in self.series.iter_mut().zip(numbers) {
            series.push(*number);
        }
        self.seconds.push(seconds);
        Ok(())
    }

    /// What each iteration records.
    pub fn metrics(&self) -> &MetricList {
        &self.metrics
    }

    /// One metric, a number for each iteration.
    ///
    /// # Errors
    /// [`Error::Value`] for a name that the game does not give.
    pub fn series(&self, name: &str) -> Result<&[f32]> {
        Ok(&self.series[self.metrics.place(name)?])
    }

    /// The metric at this place of [`metrics`](Self::metrics).
    pub(crate) fn series_at(&self, place: usize) -> &[f32] {
        &self.series[place]
    }

    /// All metrics of one iteration in their order; empty for one that was not done.
    pub fn row(&self, iteration: usize) -> Vec<f32> {
        self.series.iter().filter_map(|series| series.get(iteration).copied()).collect()
    }

    /// How long each iteration took, in seconds, pictures not included.
    pub fn seconds_each(&self) -> &[f32] {
        &self.seconds
    }

    /// How many iterations were done.
    pub fn len(&self) -> usize {
        self.seconds.len()
    }

    /// Whether none was done.
    pub fn is_empty(&self) -> bool {
        self.seconds.is_empty()
    }

    /// Whether all iterations that were asked for are done.
    pub fn is_complete(&self) -> bool {
        self.len() >= self.planned
    }

    /// Whether a training of this plan continues it: the numbers are its own, and it was interrupted.
    pub(crate) fn goes_on_with(&self, plan: &Plan) -> bool {
        let numbers = (self.planned, self.sample_interval);
        numbers == (plan.iterations, plan.sample_interval) && !self.is_empty() && !self.is_complete()
    }

    /// The mean of a metric over its last tenth of the iterations, one at least; NaN where there is none.
    ///
    /// # Errors
    /// [`Error::Value`] for a name that the game does not give.
    pub fn last_mean(&self, name: &str) -> Result<f64> {
        Ok(self.mean_of_last(self.metrics.place(name)?, (self.len() / 10).max(1)))
    }

    /// The mean of so many of the last values of the metric at this place; NaN where there is none.
    pub(crate) fn mean_of_last(&self, place: usize, count: usize) -> f64 {
        let series = &self.series[place];
        mean(&series[series.len() - count.min(series.len())..])
    }

    /// Training time without pictures, in seconds.
    pub fn seconds(&self) -> f64 {
        self.seconds.iter().map(|seconds| f64::from(*seconds)).sum()
    }

    /// An iteration in one line: `12 [g_loss: 0.7312] [d_acc_real: 91 %]`.
    pub fn log_line(&self, iteration: usize) -> String {
        let row = self.row(iteration);
        if row.is_empty() {
            return format!("{iteration} [not trained]");
        }
        let losses = self.metrics.of(Quantity::Loss).map(|(i, name)| format!(" [{name}: {:.4}]", row[i]));
        let accuracies = self.metrics.of(Quantity::Accuracy);
        let accuracies = accuracies.map(|(i, name)| format!(" [{name}: {:.0} %]", 100.0 * row[i]));
        format!("{iteration}{}", losses.chain(accuracies).collect::<String>())
    }
}

/// NaN for no numbers.
fn mean(numbers: &[f32]) -> f64 {
    numbers.iter().map(|number| f64::from(*number)).sum::<f64>() / numbers.len() as f64
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(last) = self.len().checked_sub(1) else { return write!(f, "no iterations yet") };
        let (seconds, each) = (self.seconds(), self.seconds() / self.len() as f64);
        let done = format!("{} of {} iterations in {seconds:.0} s ({each:.3} s each)", self.len(), self.planned);
        write!(f, "{done}; the last: {}", self.log_line(last))
    }
}
