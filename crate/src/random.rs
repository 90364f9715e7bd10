//! Every random draw comes from the run's one seed.
//!
//! A seed gives one stream for each purpose, so that a change in one place (another batch size, say) does not affect the
//! others. Numbers are drawn on the CPU, and so are the same on every device.

use crate::{Result, platform::device};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha12Rng;
use rand_distr::StandardNormal;
use tch::{Device, Tensor};

/// The type of a [`stream`], for functions in cells that draw from one: `rng: &mut random::Stream`.
/// (rand's `StdRng` is the same generator, but can't say how far it has come, which
/// [resuming a run](crate::train::Gan::resume) requires.)
pub type Stream = ChaCha12Rng;

/// A stream of random numbers for one purpose of a run: the same seed and purpose give the same numbers.
///
/// ```
/// use rand::Rng;
/// let (mut a, mut b) = (gan_nb::random::stream(7, "noise"), gan_nb::random::stream(7, "noise"));
/// assert_eq!(a.r#gen::<u64>(), b.r#gen::<u64>());
/// ```
pub fn stream(seed: u64, purpose: &str) -> Stream {
    // FNV-1a spreads the purposes over all 64 bits.
    let hash =
        purpose.bytes().fold(0xcbf2_9ce4_8422_2325, |h: u64, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    Stream::seed_from_u64(seed ^ hash)
}

/// How far a stream has come, in words of 32 bits, for [`set_position`].
pub fn position(stream: &Stream) -> u64 {
    // Only the lower 64 of the 68 bits are ever reached.
    stream.get_word_pos() as u64
}

/// Moves a stream to where another of the same seed and purpose was; both give the same numbers from there on.
///
/// ```
/// use gan_nb::random::{position, set_position, stream};
/// use rand::Rng;
/// let (mut a, mut b) = (stream(7, "noise"), stream(7, "noise"));
/// let _: [f32; 3] = a.r#gen();
/// set_position(&mut b, position(&a));
/// assert_eq!(a.r#gen::<u64>(), b.r#gen::<u64>());
/// ```
pub fn set_position(stream: &mut Stream, position: u64) {
    stream.set_word_pos(u128::from(position));
}

/// Draws from N(0, 1) as a float32 tensor of this shape.
///
/// # Errors
/// When libtorch can't hold it.
pub fn normal(rng: &mut impl Rng, shape: &[i64], device: Device) -> Result<Tensor> {
    device::make_ready();
    let count = shape.iter().product::<i64>().max(0) as usize;
    let values: Vec<f32> = rng.sample_iter(StandardNormal).take(count).collect();
    device::send(&Tensor::f_from_slice(&values)?.f_view(shape)?, device)
}

/// Draws from U(-limit, limit) as a float32 tensor of this shape.
///
/// # Errors
/// When libtorch can't hold it.
pub fn uniform(rng: &mut impl Rng, limit: f32, shape: &[i64], device: Device) -> Result<Tensor> {
    device::make_ready();
    let count = shape.iter().product::<i64>().max(0) as usize;
    let values: Vec<f32> = (0..count).map(|_| rng.gen_range(-limit..=limit)).collect();
    device::send(&Tensor::f_from_slice(&values)?.f_view(shape)?, device)
}
