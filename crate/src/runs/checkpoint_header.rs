//! What a checkpoint holds besides arrays: which run it is of, and where that was.

use super::RunConfig;
use crate::nn::{Optimizer, Products};
use crate::train::State;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// More steps than any optimizer does, and far from where they could not be counted any more.
const MOST_STEPS: u64 = 1 << 30;
pub(super) const HINT: &str = "Take another checkpoint of the run.";

/// What is in the file besides arrays.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Header {
    pub config: RunConfig,
    /// Iterations done.
    pub iteration: usize,
    /// Whether the run began with networks that had learned nothing, and so can be told by its settings alone.
    pub from_scratch: bool,
    /// Each optimizer's settings as they are now, and the steps that it has done.
    pub optimizers: BTreeMap<String, OptimizerState>,
    pub counters: BTreeMap<String, u64>,
    /// How far the streams of random numbers have come. (Noise for pictures follows the steps.)
    pub streams: BTreeMap<String, u64>,
    /// How far the generator's images are from photos, where photos were at hand.
    pub distance: Option<f64>,
    /// Of each network that has any, which parts of its convolutions are matrix products.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub products: BTreeMap<String, Vec<Products>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OptimizerState {
    pub steps: u64,
    /// None where the file is older than they are: the optimizer then keeps its own.
    pub settings: Option<Value>,
}

/// The header as it is in the file: its config may be of an older format.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    config: Value,
    iteration: usize,
    from_scratch: bool,
    optimizers: BTreeMap<String, OptimizerState>,
    counters: BTreeMap<String, u64>,
    streams: BTreeMap<String, u64>,
    distance: Option<f64>,
    #[serde(default)]
    products: BTreeMap<String, Vec<Products>>,
}

/// The header before it had a version: always of the tutorial's game.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Format1 {
    config: Value,
    iteration: usize,
    d_steps: u64,
    g_steps: u64,
    /// Of batches and of noise.
    streams: [u64; 2],
    #[serde(default)]
    distance: Option<f64>,
}

impl From<Format1> for Stored {
    fn from(old: Format1) -> Self {
        let steps = [("d_optimizer", old.d_steps), ("g_optimizer", old.g_steps)];
        let optimizers = steps.map(|(name, steps)| (name.into(), OptimizerState { steps, settings: None }));
        let streams = [("batches", old.streams[0]), ("noise", old.streams[1])];
        Self {
            config: old.config,
            iteration: old.iteration,
            from_scratch: usize::try_from(old.g_steps) == Ok(old.iteration),
            optimizers: optimizers.into(),
            counters: BTreeMap::new(),
            streams: streams.map(|(name, position)| (name.to_string(), position)).into(),
            distance: old.distance,
            products: BTreeMap::new(),
        }
    }
}

impl Header {
    /// Of the state that is to be written.
    pub fn of(state: &mut State<'_>, config: &RunConfig, from_scratch: bool, distance: Option<f64>) -> Self {
        let parts = state.game.parts();
        let optimizer = |(name, optimizer): &(&str, &mut dyn Optimizer)| {
            let own = OptimizerState { steps: optimizer.steps(), settings: Some(optimizer.settings()) };
            (name.to_string(), own)
        };
        let products = parts.networks.iter().map(|network| (network.name().to_string(), network.products()));
        let products = products.filter(|(_, each)| each.iter().any(|own| *own != Products::NONE));
        Self {
            config: config.clone(),
            iteration: state.history.len(),
            from_scratch,
            optimizers: parts.optimizers.iter().map(optimizer).collect(),
            counters: parts.counters.iter().map(|(name, count)| (name.to_string(), **count)).collect(),
            streams: state.random.positions(),
            distance,
            products: products.collect(),
        }
    }

    /// From the note of a file at `path`, of this format or the one before.
    pub fn from_json(path: &Path, note: Value) -> Result<Self> {
        let refused = |error: serde_json::Error| Error::file(path, error.to_string(), "a checkpoint of gan_nb", HINT);
        let is_old = note.get("config").is_some_and(|config| config.get("format").is_none());
        let stored: Stored = if is_old {
            Format1::deserialize(note).map_err(refused)?.into()
        } else {
            // A newer version says so in its config, whatever else has changed.
            note.get("config").map(|config| RunConfig::check_format(path, config)).transpose()?;
            Stored::deserialize(note).map_err(refused)?
        };
        let Stored { config, iteration, from_scratch, optimizers, counters, streams, distance, products } = stored;
        let config = RunConfig::from_json(path, config)?;
        if let Some((name, state)) = optimizers.iter().find(|(_, state)| state.steps >= MOST_STEPS) {
            let found = format!("{} steps of {name}", state.steps);
            return Err(Error::file(path, found, format!("fewer than {MOST_STEPS}"), HINT));
        }
        if let Some((name, _)) = products.iter().find(|(_, each)| each.iter().any(|own| !own.is_valid())) {
            let found = format!("a convolution of {name} that is computed in no known way");
            return Err(Error::file(path, found, "a convolution or products", HINT));
        }
        Ok(Self { config, iteration, from_scratch, optimizers, counters, streams, distance, products })
    }
}
