//! Precision and recall of a set of features.

use super::features;
use crate::platform::arithmetic::Arithmetic;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor, no_grad};

/// How many points of a set are compared at once: a table of 10 MB with 10,000 others, which stays in the processor's cache.
const BLOCK: i64 = 256;

/// How good single images are, and how much of the real ones' variety there is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PrecisionRecall {
    /// The share of generated images that lie among the real ones: quality.
    pub precision: f64,
    /// The share of real images that lie among the generated ones: variety.
    pub recall: f64,
}

/// Improved precision and recall (Kynkäänniemi et al. 2019). Around each point of a set lies a ball that just reaches its
/// `k`-th nearest neighbour in the set; a point of the other set that is in any of the balls lies "among" them. The paper takes
/// `k` = 3.
///
/// A real image far from all others has a large ball, in which bad images may lie too: by a small classifier's features even noise
/// is often "among" the real images. So precision alone says little; read both shares beside a distance.
///
/// Both depend on the numbers of points: compare sets of the same sizes. Memory is bounded, however many there are.
///
/// # Shapes
/// `real`: (N, F), `fake`: (M, F), with more than `k` points each; result: two shares
///
/// # Errors
/// [`Error::Shape`] for other shapes, [`Error::Value`] for a `k` of 0.
pub fn precision_recall(real: &Tensor, fake: &Tensor, k: i64) -> Result<PrecisionRecall> {
    precision_recall_with(real, &radii(real, k)?, fake, k)
}

/// The same where the [`radii`] of the real points are known.
pub(super) fn precision_recall_with(
    real: &Tensor,
    radii_real: &Tensor,
    fake: &Tensor,
    k: i64,
) -> Result<PrecisionRecall> {
    let [real, fake] = features::both("precision_recall", real, fake, k + 1)?;
    let radii_fake = radii(&fake, k)?;
    no_grad(|| {
        let [real, fake] = [&real, &fake].map(|points| features::of_kind(points, Kind::Float));
        let (real, fake) = centred(&real?, &fake?)?;
        // Whether each real point is in a ball around any of the fakes that were looked at so far.
        let mut reached = Tensor::f_zeros([real.size()[0]], (Kind::Bool, tch::Device::Cpu))?;
        let mut within = 0.0;
        for (part, radii_part) in fake.f_split(BLOCK, 0)?.iter().zip(radii_fake.f_split(BLOCK, 0)?) {
            let distances = squared_distances(part, &real)?;
            let among = distances.f_le_tensor(radii_real)?.f_any_dim(1, false)?;
            within += among.f_sum(Kind::Double)?.f_double_value(&[])?;
            reached =
                reached.f_logical_or(&distances.f_le_tensor(&radii_part.f_unsqueeze(1)?)?.f_any_dim(0, false)?)?;
        }
        let recall = reached.f_to_kind(Kind::Double)?.f_mean(Kind::Double)?.f_double_value(&[])?;
        Ok(PrecisionRecall { precision: within / fake.size()[0] as f64, recall })
    })
}

/// The squared distance of each point of a set from its `k`-th nearest neighbour in it.
///
/// # Shapes
/// (N, F) → (N) float32
pub(super) fn radii(points: &Tensor, k: i64) -> Result<Tensor> {
    if k < 1 {
        return Err(Error::value("precision_recall's k", k, "1 or more", "The paper takes 3."));
    }
    let [points, _] = features::both("precision_recall", points, points, k + 1)?;
    no_grad(|| {
        let points = features::of_kind(&points, Kind::Float)?;
        let (points, _) = centred(&points, &points)?;
        let parts = points.f_split(BLOCK, 0)?.into_iter().map(|part| {
            // The nearest of all is the point itself.
            let (nearest, _) = squared_distances(&part, &points)?.f_topk(k + 1, 1, false, true)?;
            nearest.f_select(1, k)?.at_least(0.0)
        });
        Ok(Tensor::f_cat(&parts.collect::<Result<Vec<_>>>()?, 0)?)
    })
}

/// Both sets less the mean of the first, so that the products below are small beside the distances.
fn centred(a: &Tensor, b: &Tensor) -> Result<(Tensor, Tensor)> {
    let mean = a.f_mean_dim(&[0i64][..], false, Kind::Float)?;
    Ok((a.f_sub(&mean)?, b.f_sub(&mean)?))
}

/// |a − b|² = |a|² + |b|² − 2 a·b, in one matrix product. Rounding may leave equal points a little below 0.
///
/// # Shapes
/// (N, F), (M, F) → (N, M)
fn squared_distances(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let norms = |x: &Tensor| x.f_square()?.f_sum_dim_intlist(&[1i64][..], false, Kind::Float);
    let mut distances = norms(b)?.f_addmm(&a.times(-2.0)?, &b.f_tr()?)?;
    Ok(distances.f_add_(&norms(a)?.f_unsqueeze(1)?)?)
}
