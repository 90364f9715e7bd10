//! The kernel distance between two sets of features.

use super::features;
use crate::platform::arithmetic::Arithmetic;
use crate::{Error, Result, random};
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};
use std::fmt;
use tch::{Kind, Tensor, no_grad};

/// The sets are compared in so many parts, whose scatter gives the standard error.
const PARTS: usize = 10;

/// A distance with its standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct KernelDistance {
    /// The estimate, which for two samples of one distribution lies about 0, and often below.
    pub value: f64,
    /// How far the estimate is likely to be from the true value: two distances that differ by less than about twice this are
    /// not known to differ.
    pub standard_error: f64,
}

/// `0.0123 ± 0.0004`.
impl fmt::Display for KernelDistance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4} ± {:.4}", self.value, self.standard_error)
    }
}

/// The kernel distance between two sets of features (Bińkowski et al. 2018, with Inception's features the "KID"): the unbiased
/// estimate of the squared maximum mean discrepancy under the cubic kernel k(x, y) = (x·y / F + 1)³,
///
/// mean of k(a, a') + mean of k(b, b') − 2 · mean of k(a, b), over all pairs of different points.
///
/// It takes no distribution for granted, and unlike [`frechet_distance`](super::frechet_distance) it does not depend on the
/// number of points, which only decides how certain it is. Both sets are shuffled and cut into ten parts; the value is the mean
/// over the ten, and their deviation over √10 its standard error. (The paper draws overlapping subsets and reports their
/// deviation, which says how much one subset scatters, not how much the mean does.)
///
/// # Shapes
/// `a`: (N, F), `b`: (M, F), with 20 points or more each; of the larger set as many are taken as the other has. Result: two
/// numbers
///
/// # Errors
/// [`Error::Shape`] for other shapes.
pub fn kernel_distance(a: &Tensor, b: &Tensor, seed: u64) -> Result<KernelDistance> {
    let [a, b] = features::both("kernel_distance", a, b, 2 * PARTS as i64)?;
    let size = (a.size()[0].min(b.size()[0]) / PARTS as i64) as usize;
    let (order_a, order_b) = (order(&a, seed, "kernel distance of a"), order(&b, seed, "kernel distance of b"));
    let parts = order_a.chunks_exact(size).zip(order_b.chunks_exact(size)).take(PARTS).map(|(of_a, of_b)| {
        let [of_a, of_b] = [of_a, of_b].map(Tensor::f_from_slice);
        discrepancy(&a.f_index_select(0, &of_a?)?, &b.f_index_select(0, &of_b?)?)
    });
    let parts = no_grad(|| parts.collect::<Result<Vec<f64>>>())?;
    let value = parts.iter().sum::<f64>() / PARTS as f64;
    let variance = parts.iter().map(|part| (part - value).powi(2)).sum::<f64>() / (PARTS - 1) as f64;
    if !value.is_finite() {
        let hint = "The features or the images that they are of are not finite: did the training diverge?";
        return Err(Error::value("kernel_distance", value, "a finite number", hint));
    }
    Ok(KernelDistance { value, standard_error: (variance / PARTS as f64).sqrt() })
}

/// The rows of a set in random order.
fn order(points: &Tensor, seed: u64, purpose: &str) -> Vec<i64> {
    let mut rows: Vec<i64> = (0..points.size()[0]).collect();
    rows.shuffle(&mut random::stream(seed, purpose));
    rows
}

/// The estimate for two sets of as many points.
fn discrepancy(a: &Tensor, b: &Tensor) -> Result<f64> {
    let count = a.size()[0] as f64;
    let kernel = |x: &Tensor, y: &Tensor| -> Result<Tensor> {
        x.f_matmul(&y.f_tr()?)?.over(x.size()[1] as f64)?.plus(1.0)?.power(3.0)
    };
    let sum = |x: Tensor| -> Result<f64> { Ok(x.f_sum(Kind::Double)?.f_double_value(&[])?) };
    // A point's kernel with itself does not count.
    let within = |x: &Tensor| -> Result<f64> {
        let table = kernel(x, x)?;
        Ok((sum(table.shallow_clone())? - sum(table.f_diagonal(0, 0, 1)?)?) / (count * (count - 1.0)))
    };
    Ok(within(a)? + within(b)? - 2.0 * sum(kernel(a, b)?)? / (count * count))
}

#[cfg(test)]
mod tests {
    use super::{discrepancy, kernel_distance};
    use tch::{Kind, Tensor};

    /// As in tests/metrics/golden_features.py, which has this number from torch-fidelity 0.4.0.
    fn points(phase: f64, spread: f64) -> Tensor {
        let value = |at: i64| {
            let (i, j) = ((at / 12) as f64, (at % 12) as f64);
            let x = (0.7 * i + 1.3 * j * j + phase).sin() + 0.5 * (0.013 * i * i + 0.4 * j + 2.0 * phase).sin();
            (spread * x + 0.2 * phase) as f32
        };
        Tensor::from_slice(&(0..300 * 12).map(value).collect::<Vec<_>>()).view([300, 12])
    }

    #[test]
    fn a_part_s_estimate_is_that_of_torch_fidelity() {
        let (a, b) = (points(0.0, 1.0), points(0.6, 1.2));
        let found = discrepancy(&a.to_kind(Kind::Double), &b.to_kind(Kind::Double)).unwrap();
        assert!((found - 0.129_156_545).abs() < 1e-7, "{found}");
        let of_parts = kernel_distance(&a, &b, 0).unwrap();
        assert!((of_parts.value - found).abs() < 3.0 * of_parts.standard_error, "{of_parts}, {found} of all at once");
    }
}
