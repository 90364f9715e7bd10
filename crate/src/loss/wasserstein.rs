//! The Wasserstein loss (Arjovsky, Chintala & Bottou 2017) with a gradient penalty (Gulrajani et al. 2017): the discriminator,
//! there called critic, measures how far the fakes are from the photos. For that its slope must be 1 between them.
//!
//! A critic's iteration, where `penalty` weighs 10 in the paper:
//!
//! ```
//! use gan_nb::loss::wasserstein;
//! use gan_nb::nn::{Dense, Sequential};
//! use gan_nb::random;
//! use gan_nb::tch::Device;
//! # fn main() -> gan_nb::Result<()> {
//! let mut critic = Sequential::new_on(Device::Cpu, "critic", [2], 42);
//! critic.add(Dense::new(1))?;
//! let mut rng = random::stream(42, "points");
//! let (x, fake) = (random::normal(&mut rng, &[8, 2], Device::Cpu)?, random::normal(&mut rng, &[8, 2], Device::Cpu)?);
//! let between = wasserstein::interpolate(&x, &fake, &mut rng)?;
//! let penalty = wasserstein::gradient_penalty(&critic.forward(&between, true)?, &between)?;
//! let distance = wasserstein::discriminator(&critic.forward(&x, true)?, &critic.forward(&fake, true)?)?;
//! let loss = distance + penalty * 10.0;
//! # assert!(loss.requires_grad());
//! # Ok(())
//! # }
//! ```

use super::penalty::{gradient_of, per_image};
use crate::platform::arithmetic::Arithmetic;
use crate::platform::device::make_ready;
use crate::{Error, Result, random};
use tch::{Kind, Tensor, no_grad};

/// L_D = E[D(G(z))] − E[D(x)]: minus the distance that the critic sees.
///
/// # Shapes
/// `real`, `fake`: scores, any shapes; result: ()
///
/// # Errors
/// When libtorch refuses.
pub fn discriminator(real: &Tensor, fake: &Tensor) -> Result<Tensor> {
    make_ready();
    Ok(fake.f_mean(None::<Kind>)?.f_sub(&real.f_mean(None::<Kind>)?)?)
}

/// L_G = −E[D(G(z))].
///
/// # Shapes
/// `fake`: scores, any shape; result: ()
///
/// # Errors
/// When libtorch refuses.
pub fn generator(fake: &Tensor) -> Result<Tensor> {
    make_ready();
    Ok(fake.f_mean(None::<Kind>)?.f_neg()?)
}

/// x̂ = εx + (1 − ε)G(z), with an ε from U(0, 1) for each pair: where the slope is looked at. Its gradients are recorded.
///
/// # Shapes
/// `x`, `fake`: (B, …), the same → (B, …)
///
/// # Errors
/// [`Error::Shape`] when the shapes differ.
pub fn interpolate(x: &Tensor, fake: &Tensor, rng: &mut random::Stream) -> Result<Tensor> {
    let size = x.size();
    if size != fake.size() || size.is_empty() {
        return Err(Error::Shape {
            layer: "the interpolation between images and fakes".into(),
            found: format!("{:?} for the fakes", fake.size()),
            expected: format!("{size:?}, as the images"),
            hint: "Make as many fakes as there are images.".into(),
        });
    }
    no_grad(|| {
        let mut shape = vec![1; size.len()];
        shape[0] = size[0];
        let epsilon = random::uniform(rng, 0.5, &shape, x.device())?.plus(0.5)?.f_to_kind(x.f_kind()?)?;
        Ok(fake.f_lerp_tensor(x, &epsilon.f_expand_as(x)?)?.f_set_requires_grad(true)?)
    })
}

/// E[(‖∇D(x̂)‖₂ − 1)²].
///
/// # Shapes
/// `scores`: (B, …), the critic's of `between` (B, …), each image's of that image alone; result: ()
///
/// # Errors
/// As [`penalty::squared_gradient`](super::penalty::squared_gradient).
pub fn gradient_penalty(scores: &Tensor, between: &Tensor) -> Result<Tensor> {
    let squares = per_image(&gradient_of(scores, between)?.f_square()?)?;
    // The root has no slope at 0.
    Ok(squares.plus(1e-12)?.f_sqrt()?.minus(1.0)?.f_square()?.f_mean(None::<Kind>)?)
}
