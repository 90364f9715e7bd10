//! The numbers that a game gives at each iteration: their names, what they are, and what to compare them with.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// What a number is, and so which of them share a plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// A value to be minimized, in the unit of its [`MetricList`].
    Loss,
    /// A fraction from 0 to 1, shown in per cent.
    Accuracy,
}

/// A number with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// As it stands in history.jsonl: `g_loss`.
    pub name: String,
    /// What it is.
    pub quantity: Quantity,
}

/// A horizontal line to compare the curves of one quantity with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Whose plot it belongs to.
    pub quantity: Quantity,
    /// Where the line is.
    pub value: f64,
    /// What stands beside it: `ln 2`.
    pub name: String,
}

/// The metrics of a game in their order, with the unit of its losses and the lines to compare them with.
///
/// ```
/// use gan_nb::train::{MetricList, Quantity::Loss};
/// let hinge = MetricList::losses(&["d_loss", "g_loss"]).accuracy("d_acc_real").unit("hinge").reference(Loss, 1.0, "margin");
/// assert_eq!(hinge.names().collect::<Vec<_>>(), ["d_loss", "g_loss", "d_acc_real"]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricList {
    metrics: Vec<Metric>,
    /// Of the losses; nothing where they have none worth naming.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    unit: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    references: Vec<Reference>,
}

impl MetricList {
    /// Losses of these names.
    pub fn losses(names: &[&str]) -> Self {
        names.iter().fold(Self::default(), |list, name| list.loss(name))
    }

    /// Appends a loss.
    #[must_use]
    pub fn loss(self, name: &str) -> Self {
        self.metric(name, Quantity::Loss)
    }

    /// Appends an accuracy.
    #[must_use]
    pub fn accuracy(self, name: &str) -> Self {
        self.metric(name, Quantity::Accuracy)
    }

    fn metric(mut self, name: &str, quantity: Quantity) -> Self {
        self.metrics.push(Metric { name: name.into(), quantity });
        self
    }

    /// The unit of the losses, for their axis.
    #[must_use]
    pub fn unit(mut self, unit: &str) -> Self {
        self.unit = unit.into();
        self
    }

    /// Adds a line to compare with.
    #[must_use]
    pub fn reference(mut self, quantity: Quantity, value: f64, name: &str) -> Self {
        self.references.push(Reference { quantity, value, name: name.into() });
        self
    }

    /// The names in their order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.metrics.iter().map(|metric| metric.name.as_str())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.metrics.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.metrics.is_empty()
    }

    /// The metrics in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Metric> {
        self.metrics.iter()
    }

    /// The metrics of one quantity, each with its place in the list.
    pub fn of(&self, quantity: Quantity) -> impl Iterator<Item = (usize, &str)> {
        let of = self.metrics.iter().enumerate().filter(move |(_, metric)| metric.quantity == quantity);
        of.map(|(place, metric)| (place, metric.name.as_str()))
    }

    /// The unit of the losses; empty where they have none.
    pub fn loss_unit(&self) -> &str {
        &self.unit
    }

    /// The lines to compare one quantity with.
    pub fn references(&self, quantity: Quantity) -> impl Iterator<Item = &Reference> {
        self.references.iter().filter(move |reference| reference.quantity == quantity)
    }

    /// The place of a name.
    ///
    /// # Errors
    /// [`Error::Value`] when it is not in the list.
    pub fn place(&self, name: &str) -> Result<usize> {
        self.names().position(|other| other == name).ok_or_else(|| {
            let expected = format!("one of {}", self.names().collect::<Vec<_>>().join(", "));
            Error::value("the name of a metric", format!("{name:?}"), expected, "Take a name that the game gives.")
        })
    }

    /// Checks that there are names and that none comes twice.
    ///
    /// # Errors
    /// [`Error::Value`] otherwise.
    pub fn validate(&self) -> Result<()> {
        if self.is_empty() {
            return Err(Error::value("the number of metrics", 0, "1 or more", "Name what each iteration records."));
        }
        // history.jsonl has each iteration's time beside its metrics.
        let taken = |i: usize, name: &str| name == "seconds" || self.names().take(i).any(|other| other == name);
        match self.names().enumerate().find(|(i, name)| taken(*i, name)) {
            None => Ok(()),
            Some((_, name)) => {
                let expected = "names that differ, none of them \"seconds\"";
                Err(Error::value("the metrics", format!("{name:?} again"), expected, "Rename it."))
            }
        }
    }
}
