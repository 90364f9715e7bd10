//! The table of a model's layers.

use super::layer::keras_shape;
use super::named_layers::Named;
use crate::digits::grouped;
use std::fmt;

/// What Keras's `model.summary()` prints: as text by `Display`, as a table in a notebook.
#[derive(Debug, Clone)]
pub struct Summary {
    model: String,
    rows: Vec<Row>,
    trainable: usize,
    total: usize,
}

#[derive(Debug, Clone)]
struct Row {
    /// `dense (Dense)`
    layer: String,
    /// `(None, 16384)`
    output_shape: String,
    params: usize,
}

impl Summary {
    /// Of a model of this name that consists of these layers.
    pub(super) fn new(model: &str, layers: &[Named], model_trainable: bool) -> Self {
        let row = |named: &Named| Row {
            layer: format!("{} ({})", named.name, named.layer.class_name()),
            output_shape: keras_shape(named.layer.output_shape()),
            params: named.layer.weights().iter().map(|w| w.value.numel()).sum(),
        };
        let weights = || layers.iter().flat_map(|named| named.layer.weights());
        Self {
            model: model.into(),
            rows: layers.iter().map(row).collect(),
            trainable: weights().filter(|w| w.trainable && model_trainable).map(|w| w.value.numel()).sum(),
            total: weights().map(|w| w.value.numel()).sum(),
        }
    }

    /// The model's name.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Layer, output shape and number of parameters, row by row.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &str, usize)> {
        self.rows.iter().map(|row| (row.layer.as_str(), row.output_shape.as_str(), row.params))
    }

    /// The number of parameters, moving statistics included.
    pub fn total_params(&self) -> usize {
        self.total
    }

    /// Those that gradients change.
    pub fn trainable_params(&self) -> usize {
        self.trainable
    }

    /// Those that they don't: moving statistics, and all of a frozen model.
    pub fn non_trainable_params(&self) -> usize {
        self.total - self.trainable
    }

    /// The three sums below the table, with Keras's words.
    pub fn totals(&self) -> [(&'static str, usize); 3] {
        [
            ("Total params", self.total),
            ("Trainable params", self.trainable),
            ("Non-trainable params", self.non_trainable_params()),
        ]
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // "batch_normalization_1 (BatchNormalization)" has 42 letters, and its shape comes after it.
        let longest = self.rows.iter().map(|row| row.layer.len()).max().unwrap_or(0);
        let widths = ((longest + 2).max(38), 24, 12);
        let line = |c: &str| c.repeat(widths.0 + widths.1 + widths.2);
        writeln!(f, "Model: \"{}\"\n{}", self.model, line("_"))?;
        writeln!(f, "{:<3$}{:<4$}{:>5$}", "Layer (type)", "Output Shape", "Param #", widths.0, widths.1, widths.2)?;
        writeln!(f, "{}", line("="))?;
        for (layer, shape, params) in self.rows() {
            writeln!(f, "{layer:<0$}{shape:<1$}{2:>3$}", widths.0, widths.1, params, widths.2)?;
        }
        writeln!(f, "{}", line("="))?;
        for (name, count) in self.totals() {
            writeln!(f, "{name}: {}", thousands(count))?;
        }
        write!(f, "{}", line("_"))
    }
}

/// 2313859 → `2,313,859`
pub(crate) fn thousands(n: usize) -> String {
    grouped(&n.to_string(), ',')
}
