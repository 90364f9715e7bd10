//! Noise for a generator.

use super::Game;
use crate::nn::Sequential;
use crate::{Result, random};
use tch::Tensor;

/// The stream of the noise that a run's pictures show from the first to the last.
const FIXED: &str = "fixed samples";

/// (count, latent shape…)
pub(super) fn noise_shape(game: &dyn Game, count: usize) -> Vec<i64> {
    [&[count as i64], &game.latent_shape()[..]].concat()
}

/// Noise of this game, drawn from the stream of one purpose.
///
/// # Errors
/// When libtorch can't hold it.
pub(crate) fn game_noise(game: &mut dyn Game, seed: u64, purpose: &str, count: usize) -> Result<Tensor> {
    let device = game.parts().device();
    random::normal(&mut random::stream(seed, purpose), &noise_shape(game, count), device)
}

/// The noise whose images a run of this seed shows from its first sample to its last.
pub(super) fn fixed_noise_of(game: &mut dyn Game, seed: u64) -> Result<Tensor> {
    let count = game.sample_count();
    game_noise(game, seed, FIXED, count)
}

/// The noise (25, latent) whose images a run of this seed shows from its first sample to its last, or the beginning of it.
///
/// # Errors
/// When libtorch can't hold it.
pub fn fixed_noise(seed: u64, generator: &Sequential) -> Result<Tensor> {
    latent_noise(&mut random::stream(seed, FIXED), generator, 25)
}

/// Noise (count, latent) from N(0, 1) for this generator, on its device.
///
/// # Errors
/// When libtorch can't hold it.
pub fn latent_noise(rng: &mut random::Stream, generator: &Sequential, count: usize) -> Result<Tensor> {
    let shape = [&[count as i64], generator.input_shape()].concat();
    random::normal(rng, &shape, generator.device())
}
