//! Peak signal-to-noise ratio.

use super::common_shape;
use crate::Result;
use tch::{Kind, Tensor};

/// Black to white is −1 to 1: what 255 is to bytes.
const DATA_RANGE: f64 = 2.0;

/// PSNR of each picture in dB, 10 log₁₀(range² / mean squared error): higher is nearer, infinite where they are equal.
///
/// The range of pictures in [−1, 1] is 2, so the numbers are those of the same pictures as bytes, rounding aside.
///
/// # Shapes
/// `a` and `b`: (B, H, W, C); result: (B)
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) unless the two are batches of pictures of one shape.
pub fn psnr(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    common_shape("psnr", a, b)?;
    let error = a.f_sub(b)?.f_square()?.f_mean_dim(&[1i64, 2, 3][..], false, Kind::Float)?;
    Ok(error.f_reciprocal()?.f_mul_scalar(DATA_RANGE * DATA_RANGE)?.f_log10()?.f_mul_scalar(10.0)?)
}
