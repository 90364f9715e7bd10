//! What config.json holds.

use crate::data::{Dataset, class_names};
use crate::train::{GanConfig, GanGame, MetricList, Plan, State};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// The version of config.json and of the checkpoints that this library writes. Files without one are of version 1.
const FORMAT: u64 = 2;
pub(super) const REMAKE: &str = "Train again with another --out, or restore the file.";

/// config.json: everything that tells one run from another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// The file's version.
    format: u64,
    /// The [game](crate::train::Game)'s name,
    pub game: String,
    /// and its settings.
    pub settings: Value,
    /// Where every random draw comes from.
    pub seed: u64,
    /// Images a batch.
    pub batch_size: usize,
    /// Iterations planned.
    pub iterations: usize,
    /// Iterations from one sample to the next.
    pub sample_interval: usize,
    /// Whether the networks compute in 16 bits where that does no harm.
    #[serde(default)]
    pub mixed_precision: bool,
    /// What each iteration records.
    pub metrics: MetricList,
    /// Each optimizer's settings when the run began, by its name. Empty for runs that were kept before they were recorded.
    #[serde(default)]
    pub optimizers: BTreeMap<String, Value>,
    /// The pictures, where they are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<DataConfig>,
}

/// Which pictures a run learns from. Two are equal if the pictures are, whatever the folder of photos is called by now.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataConfig {
    /// As "CIFAR-10".
    pub name: String,
    /// How many.
    pub images: usize,
    /// MD5 of all of them with their labels, as hexadecimal digits.
    pub md5: String,
    /// The names of the classes, where the library does not [know](class_names) them by the name of the data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
}

impl PartialEq for DataConfig {
    fn eq(&self, other: &Self) -> bool {
        (self.images, &self.md5) == (other.images, &other.md5)
    }
}

impl DataConfig {
    /// Of these pictures.
    pub fn of(data: &Dataset) -> Self {
        let is_known = class_names(data.name()).is_some_and(|names| data.class_names() == names);
        let is_told = !is_known && data.classes() > 0;
        let classes = if is_told { data.class_names().to_vec() } else { Vec::new() };
        Self { name: data.name().into(), images: data.len(), md5: data.md5().into(), classes }
    }

    /// The names of the classes, as far as they are known.
    pub fn class_names(&self) -> Vec<String> {
        let known = || class_names(&self.name).unwrap_or_default().iter().map(ToString::to_string).collect();
        if self.classes.is_empty() { known() } else { self.classes.clone() }
    }
}

/// config.json as it was before it had a version: always of the tutorial's game.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Format1 {
    gan: GanConfig,
    batch_size: usize,
    iterations: usize,
    sample_interval: usize,
    #[serde(default)]
    mixed_precision: bool,
    #[serde(default)]
    data: Option<DataConfig>,
}

impl RunConfig {
    /// Of a run of this plan that begins, or continues, in this state.
    pub(crate) fn of(state: &mut State<'_>, plan: &Plan, data: Option<DataConfig>) -> Result<Self> {
        let parts = state.game.parts();
        let mixed_precision = parts.is_in_mixed_precision();
        let settings = parts.optimizers.iter().map(|(name, optimizer)| (name.to_string(), optimizer.settings()));
        let optimizers = settings.collect();
        let Plan { iterations, batch_size, sample_interval } = *plan;
        Ok(Self {
            format: FORMAT,
            game: state.game.name().into(),
            settings: state.game.settings()?,
            seed: state.random.seed(),
            batch_size,
            iterations,
            sample_interval,
            mixed_precision,
            metrics: state.game.metrics(),
            optimizers,
            data,
        })
    }

    /// The tutorial's settings.
    ///
    /// # Errors
    /// [`Error::Value`] for a run of another game, or for settings out of range.
    pub fn gan(&self) -> Result<GanConfig> {
        let hint = "A run of another game is restored with Trainer::of(game, seed)?.restore(folder).";
        if !GanGame::NAMES.contains(&&*self.game) {
            return Err(Error::value("the run's game", format!("{:?}", self.game), GanGame::NAMES.join(" or "), hint));
        }
        let settings = GanConfig::deserialize(&self.settings);
        let settings =
            settings.map_err(|error| Error::value("the run's settings", error, "those of a GanConfig", hint))?;
        settings.validate()?;
        Ok(settings)
    }

    /// Whether it is the same run but for its length, which a run that is resumed may change.
    pub(crate) fn is_same_run(&self, other: &Self) -> bool {
        self.is_same_but_for_optimizers(other)
            && (self.optimizers == other.optimizers || self.optimizers.is_empty() || other.optimizers.is_empty())
    }

    /// The same with optimizers whose settings were changed meanwhile.
    pub(crate) fn is_same_but_for_optimizers(&self, other: &Self) -> bool {
        let common = |config: &Self| Self { iterations: 0, optimizers: BTreeMap::new(), ..config.clone() };
        common(self) == common(other)
    }

    /// From the JSON of a file at `path`, of this format or the one before.
    pub(crate) fn from_json(path: &Path, value: Value) -> Result<Self> {
        let refused = |found: String| Error::file(path, found, "what gan_nb writes", REMAKE);
        if value.get("format").is_none() {
            let old = Format1::deserialize(value).map_err(|error| refused(error.to_string()))?;
            return old.into_current();
        }
        Self::check_format(path, &value)?;
        let config = Self::deserialize(value).map_err(|error| refused(error.to_string()))?;
        config.metrics.validate()?;
        if GanGame::NAMES.contains(&&*config.game) {
            config.gan().map_err(|error| refused(error.to_string()))?;
        }
        Ok(config)
    }

    /// Refuses a version that this library does not know, in the JSON of a file at `path`.
    pub(crate) fn check_format(path: &Path, config: &Value) -> Result<()> {
        match config.get("format") {
            Some(format) if format.as_u64() != Some(FORMAT) => {
                let hint = "Resume it with the gan_nb that wrote it, or a newer one.";
                Err(Error::file(path, format!("format {format}"), format!("format {FORMAT} or older"), hint))
            }
            _ => Ok(()),
        }
    }
}

impl Format1 {
    fn into_current(self) -> Result<RunConfig> {
        Ok(RunConfig {
            format: FORMAT,
            game: GanGame::NAMES[0].into(),
            settings: self.gan.to_json()?,
            seed: self.gan.seed,
            batch_size: self.batch_size,
            iterations: self.iterations,
            sample_interval: self.sample_interval,
            mixed_precision: self.mixed_precision,
            metrics: GanGame::metric_list(),
            optimizers: BTreeMap::new(),
            data: self.data,
        })
    }
}
