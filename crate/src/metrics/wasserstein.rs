//! The sliced Wasserstein distance, between two sets of pictures or of patches of them.

use crate::{Error, Result, random};
use rand::Rng;
use tch::{Kind, Tensor, no_grad};

/// Directions that the sets are looked at from.
const DIRECTIONS: i64 = 512;

/// How far apart two sets of points are: the mean, over 512 random directions, of how far each point has to move along
/// the direction to make one set of the other (Rabin, Peyré, Delon & Bernot 2011). Lower is closer; 0 only for equal
/// sets, and two samples of one distribution are not at 0 either, so compare with that.
///
/// Along one direction the least transport pairs the points in order, so sorting is all it takes. Moving all points
/// by 0.1 in all values is a distance of about 0.08, 0.1·√(2/π), whatever the number of values of a point. Karras et al.
/// (2018) measure patches of pictures so: see [`patches`].
///
/// # Shapes
/// `real` and `fake`: (N, …), the same; each of the N is one point. Result: a number.
///
/// # Errors
/// [`Error::Shape`] when the shapes differ or there is no point.
pub fn sliced_wasserstein(real: &Tensor, fake: &Tensor, seed: u64) -> Result<f64> {
    let size = real.size();
    if size != fake.size() || size.len() < 2 || real.numel() == 0 {
        return Err(Error::Shape {
            layer: "sliced_wasserstein".into(),
            found: format!("{size:?} and {:?}", fake.size()),
            expected: "twice the same [N, ...]".into(),
            hint: "Take as many points of one set as of the other.".into(),
        });
    }
    no_grad(|| {
        let [real, fake] = [real, fake].map(|points| points.f_reshape([size[0], -1]));
        let (real, fake) = (real?, fake?);
        let shape = [DIRECTIONS, real.size()[1]];
        let directions = random::normal(&mut random::stream(seed, "sliced Wasserstein"), &shape, real.device())?;
        let length = directions.f_square()?.f_sum_dim_intlist(&[1i64][..], true, Kind::Float)?.f_sqrt()?;
        let directions = directions.f_div(&length)?;
        // (DIRECTIONS, N): numbers side by side in memory sort many times faster than a column of them.
        let line =
            |points: &Tensor| -> Result<Tensor> { Ok(directions.f_matmul(&points.f_tr()?)?.f_sort(-1, false)?.0) };
        let moved = line(&real)?.f_sub(&line(&fake)?)?.f_abs()?.f_mean(Kind::Double)?;
        Ok(moved.f_double_value(&[])?)
    })
}

/// Small squares cut out at random places, the points of which [`sliced_wasserstein`] can compare two sets of pictures:
/// they tell whether the texture is right, wherever it is (Karras et al. 2018 take 7 × 7).
///
/// The same seed cuts the same places.
///
/// # Shapes
/// `images`: (B, H, W, C); result: (count·B, side, side, C)
///
/// # Errors
/// [`Error::Shape`] for anything but pictures at least `side` high and wide, [`Error::Value`] for a count or side of 0.
pub fn patches(images: &Tensor, side: i64, count: usize, seed: u64) -> Result<Tensor> {
    if side < 1 || count < 1 {
        return Err(Error::value("patches' (side, count)", format!("({side}, {count})"), "1 or more", "Take (7, 16)."));
    }
    match images.size()[..] {
        [_, height, width, _] if height >= side && width >= side => {
            let mut rng = random::stream(seed, "patches");
            let mut cut = |_| {
                let (top, left) = (rng.gen_range(0..=height - side), rng.gen_range(0..=width - side));
                images.f_narrow(1, top, side)?.f_narrow(2, left, side)
            };
            let cuts = (0..count).map(&mut cut).collect::<Result<Vec<_>, _>>()?;
            Ok(Tensor::f_cat(&cuts, 0)?)
        }
        _ => Err(Error::Shape {
            layer: "patches".into(),
            found: format!("{:?}", images.size()),
            expected: format!("[B, H, W, C], H and W at least {side}"),
            hint: "Cut smaller patches.".into(),
        }),
    }
}
