//! What config.json holds.

use crate::data::Dataset;
use crate::train::GanConfig;
use serde::{Deserialize, Serialize};

/// config.json: all that tells one run from another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// The settings of the training.
    pub gan: GanConfig,
    /// Images a batch.
    pub batch_size: usize,
    /// Iterations planned.
    pub iterations: usize,
    /// Iterations from one sample to the next.
    pub sample_interval: usize,
    /// Whether the networks compute in 16 bits where that does no harm.
    #[serde(default)]
    pub mixed_precision: bool,
    /// The pictures, where they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<DataConfig>,
}

/// Which pictures a run learns from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// As "CIFAR-10".
    pub name: String,
    /// How many.
    pub images: usize,
    /// MD5 of all of them with their labels, as hexadecimal digits.
    pub md5: String,
}

impl DataConfig {
    /// Of these pictures.
    pub fn of(data: &Dataset) -> Self {
        Self { name: data.name().into(), images: data.len(), md5: data.md5().into() }
    }
}
