//! The Fréchet distance between two sets of features.

use super::features;
use crate::Result;
use crate::platform::arithmetic::Arithmetic;
use tch::{Kind, Tensor, no_grad};

/// The Fréchet distance between two sets of features (Heusel et al. 2017), each taken as a normal distribution with the mean μ
/// and the covariance Σ of the set:
///
/// |μₐ − μ_b|² + Tr(Σₐ + Σ_b − 2 (Σₐ Σ_b)^½)
///
/// Lower is closer, and equal sets are at 0. Of Inception's features it is the "FID"; those of another network, such as
/// [`Classifier`](super::Classifier), give numbers on a scale of their own, which can only be compared with one another. It
/// falls with the number of points: compare sets of the same size.
///
/// It is computed in float64. The trace of the root is the sum of the roots of the eigenvalues of Σₐ^½ Σ_b Σₐ^½, which is
/// symmetric, so no number becomes complex and sets with fewer points than coordinates need no special care.
///
/// # Shapes
/// `a`: (N, F), `b`: (M, F), with two points or more each; result: a number
///
/// # Errors
/// [`Error::Shape`](crate::Error::Shape) for other shapes, [`Error::Torch`](crate::Error::Torch) where a value is not finite.
///
/// ```
/// use gan_nb::{metrics::frechet_distance, tch::Tensor};
/// // In one dimension it is (μₐ − μ_b)² + (σₐ − σ_b)²: here the means are 3 apart, and the deviations are √2 and √8.
/// let (a, b) = (Tensor::from_slice(&[0.0, 2.0]).view([2, 1]), Tensor::from_slice(&[2.0, 6.0]).view([2, 1]));
/// assert!((frechet_distance(&a, &b)? - (9.0 + 2.0)).abs() < 1e-12);
/// # Ok::<(), gan_nb::Error>(())
/// ```
pub fn frechet_distance(a: &Tensor, b: &Tensor) -> Result<f64> {
    let [a, b] = features::both("frechet_distance", a, b, 2)?;
    no_grad(|| {
        let ((mean_a, covariance_a), (mean_b, covariance_b)) = (moments(&a)?, moments(&b)?);
        let root = root(&covariance_a)?;
        let product = root.f_matmul(&covariance_b)?.f_matmul(&root)?;
        let eigenvalues = symmetric(&product)?.f_linalg_eigvalsh("L")?.at_least(0.0)?;
        let means = mean_a.f_sub(&mean_b)?.f_square()?.f_sum(Kind::Double)?.f_double_value(&[])?;
        let traces = covariance_a.f_trace()?.f_double_value(&[])? + covariance_b.f_trace()?.f_double_value(&[])?;
        let shared = eigenvalues.f_sqrt()?.f_sum(Kind::Double)?.f_double_value(&[])?;
        // Rounding may leave equal sets a little below 0.
        Ok((means + traces - 2.0 * shared).max(0.0))
    })
}

/// Mean (F) and unbiased covariance (F, F).
fn moments(points: &Tensor) -> Result<(Tensor, Tensor)> {
    let mean = points.f_mean_dim(&[0i64][..], false, Kind::Double)?;
    let centred = points.f_sub(&mean)?;
    let covariance = centred.f_tr()?.f_matmul(&centred)?.over((points.size()[0] - 1) as f64)?;
    Ok((mean, covariance))
}

/// The symmetric root of a covariance; eigenvalues that rounding made negative count as 0.
fn root(covariance: &Tensor) -> Result<Tensor> {
    let (values, vectors) = covariance.f_linalg_eigh("L")?;
    let roots = values.at_least(0.0)?.f_sqrt()?;
    Ok(vectors.f_mul(&roots)?.f_matmul(&vectors.f_tr()?)?)
}

/// Without the rounding that makes a product of symmetric matrices a little lopsided.
fn symmetric(x: &Tensor) -> Result<Tensor> {
    x.f_add(&x.f_tr()?)?.times(0.5)
}
