//! The random numbers of a run.

use crate::{Result, random};
use std::collections::BTreeMap;
use tch::{Device, Tensor};

/// The streams of batches, of noise to learn from, and of noise for pictures.
pub(super) const BATCHES: &str = "batches";
pub(super) const NOISE: &str = "noise";
pub(super) const SAMPLES: &str = "samples";

/// One stream of random numbers for each purpose, each opened from the run's seed when it is first asked for.
///
/// A change in one of them (another batch size, say) leaves the others as they were. How far each has come is part of a
/// checkpoint.
#[derive(Debug, Clone)]
pub struct Streams {
    seed: u64,
    open: BTreeMap<String, random::Stream>,
}

impl Streams {
    /// All streams of this seed, at their beginning.
    pub fn new(seed: u64) -> Self {
        Self { seed, open: BTreeMap::new() }
    }

    /// The seed that all of them come from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The stream of this purpose.
    pub fn get(&mut self, purpose: &str) -> &mut random::Stream {
        let seed = self.seed;
        self.open.entry(purpose.into()).or_insert_with(|| random::stream(seed, purpose))
    }

    /// Draws from N(0, 1) in the stream "noise": float32 of this shape.
    ///
    /// # Errors
    /// When libtorch can't hold it.
    pub fn noise(&mut self, shape: &[i64], device: Device) -> Result<Tensor> {
        random::normal(self.get(NOISE), shape, device)
    }

    /// How far each stream has come that was used.
    pub(crate) fn positions(&self) -> BTreeMap<String, u64> {
        let positions = self.open.iter().map(|(purpose, stream)| (purpose.clone(), random::position(stream)));
        positions.filter(|(_, position)| *position > 0).collect()
    }

    /// Sets the streams to where those of another run of the same seed were.
    pub(crate) fn set_positions(&mut self, positions: &BTreeMap<String, u64>) {
        // Each stays the stream that it was: a recorded iteration draws from it.
        self.open.values_mut().for_each(|stream| random::set_position(stream, 0));
        for (purpose, position) in positions {
            random::set_position(self.get(purpose), *position);
        }
    }
}
