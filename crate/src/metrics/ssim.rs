//! Structural similarity.

use super::common_shape;
use crate::platform::device::full_float32;
use crate::{Error, Result};
use tch::{Kind, Tensor, no_grad};

/// Side of the window in pixels, and the standard deviation of its weights (Wang et al. 2004, section III-C).
const WINDOW: i64 = 11;
const SIGMA: f64 = 1.5;
/// The paper's K₁ and K₂, which keep both quotients finite where a picture is black or flat.
const K1: f64 = 0.01;
const K2: f64 = 0.03;

/// The SSIM of each picture (Wang, Bovik, Sheikh & Simoncelli 2004): 1 for equal pictures, near 0 for unrelated ones.
///
/// In an 11 × 11 Gaussian window around each pixel it compares means (luminance), deviations (contrast) and correlation
/// (structure):
///
/// (2 μₐμ_b + c₁)(2 σₐ_b + c₂) / ((μₐ² + μ_b² + c₁)(σₐ² + σ_b² + c₂)), averaged over the windows that lie inside the
/// picture and over the channels. Luminance is counted from black, as in bytes: the result is that of scikit-image for
/// `(x + 1) / 2` with `gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1`.
///
/// It takes no crate: five convolutions of tensors are all it needs. `image-compare` averages 8 × 8 blocks instead,
/// `dssim` measures something else in another colour space, and `iqa` takes bytes, one picture at a time.
///
/// # Shapes
/// `a` and `b`: (B, H, W, C), at least 11 pixels high and wide; result: (B)
///
/// # Errors
/// [`Error::Shape`] unless the two are batches of pictures of one shape and at least that large.
pub fn ssim(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let [batch, height, width, channels] = common_shape("ssim", a, b)?;
    if height.min(width) < WINDOW {
        return Err(Error::Shape {
            layer: "ssim".into(),
            found: format!("{height} x {width} pixels"),
            expected: format!("at least {WINDOW} x {WINDOW}"),
            hint: "The window has to fit: enlarge the pictures first.".into(),
        });
    }
    // From 0 for black to 1 for white, each channel a picture of its own: (B·C, 1, H, W).
    let planes =
        |x: &Tensor| ((x + 1.0) * 0.5).f_permute([0, 3, 1, 2])?.f_reshape([batch * channels, 1, height, width]);
    // A variance is the small difference of two large means: rounded factors would leave nothing of it.
    let work = || {
        let (a, b, window) = (planes(a)?, planes(b)?, gaussian(a)?);
        let mean = |x: &Tensor| x.f_conv2d(&window, None::<&Tensor>, [1, 1], [0, 0], [1, 1], 1);
        let (mean_a, mean_b) = (mean(&a)?, mean(&b)?);
        let (mean_aa, mean_bb, mean_ab) = (mean_a.f_square()?, mean_b.f_square()?, mean_a.f_mul(&mean_b)?);
        // Var X = E X² − (E X)², and so on.
        let variances = (mean(&a.f_square()?)? - &mean_aa) + (mean(&b.f_square()?)? - &mean_bb);
        let covariance = mean(&a.f_mul(&b)?)? - &mean_ab;
        let (c1, c2) = (K1 * K1, K2 * K2);
        let above = (mean_ab * 2.0 + c1) * (covariance * 2.0 + c2);
        let map = above.f_div(&((mean_aa + mean_bb + c1) * (variances + c2)))?;
        Ok(map.f_reshape([batch, -1])?.f_mean_dim(&[1i64][..], false, Kind::Float)?)
    };
    full_float32(|| no_grad(work))
}

/// The window's weights, (1, 1, 11, 11), with sum 1, of the kind and on the device of `like`.
fn gaussian(like: &Tensor) -> Result<Tensor> {
    let bell = |i: i64| (-((i - WINDOW / 2) as f64).powi(2) / (2.0 * SIGMA * SIGMA)).exp();
    let sum: f64 = (0..WINDOW).map(bell).sum();
    let line: Vec<f64> = (0..WINDOW).map(|i| bell(i) / sum).collect();
    let line = Tensor::f_from_slice(&line)?.f_to_device(like.device())?.f_to_kind(like.kind())?;
    Ok(line.f_outer(&line)?.f_view([1, 1, WINDOW, WINDOW])?)
}
