//! The sliced Wasserstein distance between two sets of pictures or of patches.

use crate::imaging::windows;
use crate::platform::device::full_float32;
use crate::{Error, Result, random};
use tch::{Kind, Tensor, no_grad};

/// The number of directions that the sets are projected on.
const DIRECTIONS: i64 = 512;

/// The distance between two sets of points: the mean, over 512 random directions, of how far each point has to move
/// along the direction to turn one set into the other (Rabin, Peyré, Delon & Bernot 2011). Lower is closer. Only equal
/// sets are at 0; even two samples of one distribution are not, so compare with their distance.
///
/// Along one direction the optimal transport pairs the points in order, so sorting is enough. Moving all points by 0.1
/// in all coordinates is a distance of about 0.08, 0.1·√(2/π), whatever the number of coordinates. Karras et al. (2018)
/// compare patches of pictures this way: see [`patches`].
///
/// # Shapes
/// `real` and `fake`: (N, …), the same; each of the N is one point. Result: a number.
///
/// # Errors
/// [`Error::Shape`] if the shapes differ or there are no points.
pub fn sliced_wasserstein(real: &Tensor, fake: &Tensor, seed: u64) -> Result<f64> {
    let size = real.size();
    if size != fake.size() || size.len() < 2 || real.numel() == 0 {
        return Err(Error::Shape {
            layer: "sliced_wasserstein".into(),
            found: format!("{size:?} and {:?}", fake.size()),
            expected: "two of the same shape [N, ...]".into(),
            hint: "Take the same number of points from each set.".into(),
        });
    }
    let work = || {
        let [real, fake] = [real, fake].map(|points| points.f_reshape([size[0], -1]));
        let (real, fake) = (real?, fake?);
        let shape = [DIRECTIONS, real.size()[1]];
        let directions = random::normal(&mut random::stream(seed, "sliced Wasserstein"), &shape, real.device())?;
        let length = directions.f_square()?.f_sum_dim_intlist(&[1i64][..], true, Kind::Float)?.f_sqrt()?;
        let directions = directions.f_div(&length)?;
        // (DIRECTIONS, N): contiguous numbers sort many times faster than a column of them.
        let line =
            |points: &Tensor| -> Result<Tensor> { Ok(directions.f_matmul(&points.f_tr()?)?.f_sort(-1, false)?.0) };
        let moved = line(&real)?.f_sub(&line(&fake)?)?.f_abs()?.f_mean(Kind::Double)?;
        Ok(moved.f_double_value(&[])?)
    };
    full_float32(|| no_grad(work))
}

/// Cuts small squares out of pictures at random places. By these, [`sliced_wasserstein`] compares the texture of two
/// sets of pictures, wherever it occurs (Karras et al. 2018 use 7 × 7).
///
/// All pictures are cut at the same places; the same seed cuts the same ones.
///
/// # Shapes
/// `images`: (B, H, W, C); result: (count·B, side, side, C)
///
/// # Errors
/// [`Error::Shape`] for anything but pictures at least `side` high and wide, [`Error::Value`] for a `count` or `side`
/// of 0.
pub fn patches(images: &Tensor, side: i64, count: usize, seed: u64) -> Result<Tensor> {
    if side < 1 || count < 1 {
        return Err(Error::value("patches' (side, count)", format!("({side}, {count})"), "1 or more", "Take (7, 16)."));
    }
    match images.size()[..] {
        [_, height, width, _] if height >= side && width >= side => {
            windows(images, count, side, &mut random::stream(seed, "patches"))
        }
        _ => Err(Error::Shape {
            layer: "patches".into(),
            found: format!("{:?}", images.size()),
            expected: format!("[B, H, W, C], H and W at least {side}"),
            hint: "Cut smaller patches.".into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Device;

    /// The notebooks' committed numbers depend on these places. The numbers were printed before `windows` was shared.
    #[test]
    fn the_places_of_a_seed_never_change() {
        let picture = Tensor::arange(96 * 96, (Kind::Int64, Device::Cpu)).view([1, 96, 96, 1]);
        let two = Tensor::cat(&[&picture, &(&picture + 10_000)], 0);
        let cut = patches(&two, 7, 4, 7).unwrap();
        let first_pixels = Vec::<i64>::try_from(cut.narrow(1, 0, 1).narrow(2, 0, 1).reshape([-1])).unwrap();
        assert_eq!(first_pixels, [1071, 11071, 2388, 12388, 8505, 18505, 7106, 17106]);
    }
}
