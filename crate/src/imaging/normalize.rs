//! Bytes to the range of `tanh`, and back.

use crate::platform::arithmetic::Arithmetic;
use crate::platform::device::make_ready;
use tch::{Kind, Tensor};

use crate::error::{Error, Result};

/// Converts bytes to the range of the generator's `tanh`: `(x - 127.5) / 127.5`.
///
/// # Shapes
/// `images`: uint8, any shape; result: the same shape, float32 in [-1, 1]
///
/// # Errors
/// [`Error::Value`] if `images` is not uint8.
pub fn normalize(images: &Tensor) -> Result<Tensor> {
    make_ready();
    if images.f_kind()? != Kind::Uint8 {
        return Err(wrong_kind(images, "Uint8", "Only bytes need this; floats may be normalized already."));
    }
    let mut x = images.f_to_kind(Kind::Float)?;
    x.minus_in_place(127.5)?;
    x.over_in_place(127.5)?;
    Ok(x)
}

/// Converts floats in [-1, 1] back to bytes, rounded.
///
/// Values outside the range are clamped, and NaN, from a run that has diverged, becomes black.
///
/// # Shapes
/// `images`: floats, any shape; result: the same shape, uint8
///
/// # Errors
/// [`Error::Value`] if `images` is not of floats.
pub fn denormalize(images: &Tensor) -> Result<Tensor> {
    if !matches!(images.f_kind()?, Kind::Float | Kind::Double | Kind::Half | Kind::BFloat16) {
        return Err(wrong_kind(images, "a floating-point kind", "Only normalized pictures need this."));
    }
    let x = images.f_detach()?.f_to_kind(Kind::Float)?.f_nan_to_num(-1.0, None, None)?;
    let x = x.times(127.5)?.plus(127.5)?.f_round()?.at_least(0.0)?.at_most(255.0)?;
    Ok(x.f_to_kind(Kind::Uint8)?)
}

fn wrong_kind(images: &Tensor, expected: &str, hint: &str) -> Error {
    Error::value("the kind of images", format!("{:?}", images.kind()), expected, hint)
}
