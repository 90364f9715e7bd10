//! Every random draw comes from the run's one seed.
//!
//! A seed gives one stream for each purpose, so that a change in one place (another batch size, say) does not affect the
//! others. Numbers are drawn on the CPU, and so are the same on every device.

use crate::Result;
use crate::platform::device::make_ready;
use crate::platform::tape;
use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha12Rng;
use rand_distr::StandardNormal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tch::{Device, Tensor};

/// A [`stream`] of random numbers, for functions in cells that draw from one: `rng: &mut random::Stream`.
///
/// It is the generator of rand's `StdRng`, which can't say how far it has come, as [resuming a run](crate::train::Gan::resume)
/// requires.
#[derive(Debug)]
pub struct Stream(Arc<Mutex<ChaCha12Rng>>);

impl Stream {
    /// A tensor made of random numbers, on this device: by [`normal`] and [`uniform`], or by a recipe of your own. An iteration
    /// that draws only this way can be recorded as a whole on a GPU; the recipe is followed before each.
    ///
    /// ```
    /// use gan_nb::{random, tch::{Device, Tensor}};
    /// use rand::Rng;
    /// # fn main() -> gan_nb::Result<()> {
    /// let mut coins = random::stream(7, "coins");
    /// let heads = coins.draw(Device::Cpu, |rng| Ok(Tensor::from_slice(&[rng.r#gen::<bool>(), rng.r#gen()])))?;
    /// assert_eq!(heads.size(), [2]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of the recipe, and when libtorch can't hold the tensor.
    pub fn draw(
        &mut self,
        device: Device,
        recipe: impl Fn(&mut ChaCha12Rng) -> Result<Tensor> + Send + 'static,
    ) -> Result<Tensor> {
        make_ready();
        tape::give(&self.0, device, move |rng| recipe(&mut lock(rng)))
    }

    fn lock(&self) -> MutexGuard<'_, ChaCha12Rng> {
        lock(&self.0)
    }

    /// The generator, for numbers that are drawn one by one. The host then decides by them what to do, which no recording can.
    fn by_itself(&self) -> MutexGuard<'_, ChaCha12Rng> {
        tape::refuse("it draws random numbers one by one");
        self.lock()
    }
}

/// The numbers of a generator are good whatever happened to its last user.
fn lock(rng: &Mutex<ChaCha12Rng>) -> MutexGuard<'_, ChaCha12Rng> {
    rng.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A second stream, now as far as the first.
impl Clone for Stream {
    fn clone(&self) -> Self {
        Self(Arc::new(Mutex::new(self.lock().clone())))
    }
}

impl RngCore for Stream {
    fn next_u32(&mut self) -> u32 {
        self.by_itself().next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.by_itself().next_u64()
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        self.by_itself().fill_bytes(dest);
    }

    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand::Error> {
        self.by_itself().try_fill_bytes(dest)
    }
}

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
    Stream(Arc::new(Mutex::new(ChaCha12Rng::seed_from_u64(seed ^ hash))))
}

/// How far a stream has come, in words of 32 bits, for [`set_position`].
pub fn position(stream: &Stream) -> u64 {
    // Only the lower 64 of the 68 bits are ever reached.
    stream.lock().get_word_pos() as u64
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
    stream.lock().set_word_pos(u128::from(position));
}

/// Draws from N(0, 1) as a float32 tensor of this shape.
///
/// # Errors
/// When libtorch can't hold it.
pub fn normal(rng: &mut Stream, shape: &[i64], device: Device) -> Result<Tensor> {
    filled_by(rng, shape, device, |rng| rng.sample::<f32, _>(StandardNormal))
}

/// Draws from U(-limit, limit) as a float32 tensor of this shape.
///
/// # Errors
/// When libtorch can't hold it.
pub fn uniform(rng: &mut Stream, limit: f32, shape: &[i64], device: Device) -> Result<Tensor> {
    filled_by(rng, shape, device, move |rng| rng.gen_range(-limit..=limit))
}

/// A tensor of this shape, number by number.
pub(crate) fn filled_by<T: tch::kind::Element + Copy + 'static>(
    rng: &mut Stream,
    shape: &[i64],
    device: Device,
    number: impl Fn(&mut ChaCha12Rng) -> T + Send + 'static,
) -> Result<Tensor> {
    let (count, shape) = (shape.iter().product::<i64>().max(0) as usize, shape.to_vec());
    rng.draw(device, move |rng| {
        let numbers: Vec<T> = (0..count).map(|_| number(rng)).collect();
        Ok(Tensor::f_from_slice(&numbers)?.f_view(&shape[..])?)
    })
}
