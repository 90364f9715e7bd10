//! Peak signal-to-noise ratio.

use super::common_shape;
use crate::Result;
use crate::platform::arithmetic::Arithmetic;
use tch::{Kind, Tensor};

/// From black, −1, to white, 1: the counterpart of 255 for bytes.
const DATA_RANGE: f64 = 2.0;

/// The PSNR of each picture in dB, 10 log₁₀(range² / mean squared error): higher is closer, and infinite for equal
/// pictures.
///
/// The range of pictures in [−1, 1] is 2, so the result is that for the same pictures as bytes, apart from rounding.
///
/// # Shapes
/// `a` and `b`: (B, H, W, C); result: (B)
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) unless the two are batches of pictures of one shape.
pub fn psnr(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    common_shape("psnr", a, b)?;
    let error = a.f_sub(b)?.f_square()?.f_mean_dim(&[1i64, 2, 3][..], false, Kind::Float)?;
    error.f_reciprocal()?.times(DATA_RANGE * DATA_RANGE)?.f_log10()?.times(10.0)
}
