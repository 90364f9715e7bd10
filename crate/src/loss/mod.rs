//! What the players of a GAN minimize, a file for each family, and other losses and accuracies.
//!
//! Each family has two functions, the discriminator's and the generator's, of the scores that the discriminator gives: a number
//! for each image, before any sigmoid.
//!
//! | family | the discriminator's | the generator's |
//! |---|---|---|
//! | [`cross_entropy`] | softplus(−D(x)) + softplus(D(G(z))) | softplus(−D(G(z))) |
//! | [`hinge`] | max(0, 1 − D(x)) + max(0, 1 + D(G(z))) | −D(G(z)) |
//! | [`wasserstein`] | D(G(z)) − D(x), with a penalty | −D(G(z)) |
//! | [`relativistic`] | softplus(D(G(z)) − D(x)), with [penalties](penalty) | softplus(D(x) − D(G(z))) |
//!
//! ```
//! use gan_nb::{loss, tch::Tensor};
//! # fn main() -> gan_nb::Result<()> {
//! let (real, fake) = (Tensor::from_slice(&[1.0f32, 3.0]), Tensor::from_slice(&[-2.0f32, 0.0]));
//! assert_eq!(loss::hinge::discriminator(&real, &fake)?.double_value(&[]), 0.5);
//! assert_eq!(loss::hinge::generator(&fake)?.double_value(&[]), 1.0);
//! # Ok(())
//! # }
//! ```

pub mod cross_entropy;
pub mod hinge;
mod l1;
pub mod penalty;
pub mod relativistic;
pub mod wasserstein;

pub use cross_entropy::{binary_accuracy, binary_crossentropy};
pub use l1::mean_absolute_error;

use crate::Result;
use crate::platform::device::make_ready;
use tch::{Kind, Tensor};

/// The mean of log(1 + eˣ).
fn mean_softplus(x: &Tensor) -> Result<Tensor> {
    make_ready();
    Ok(x.f_softplus()?.f_mean(None::<Kind>)?)
}
