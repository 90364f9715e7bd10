//! Small windows cut from larger pictures.

use rand::Rng;
use tch::Tensor;

use crate::error::{Error, Result};

/// Cuts `count` windows of `side` × `side` pixels from random places of one picture.
///
/// To a network that sees only windows, one picture is as many examples as it has places (Jetchev et al. 2016).
///
/// # Shapes
/// `image`: (1, H, W, C); result: (count, side, side, C), of the same kind and on the same device
///
/// # Errors
/// [`Error::Value`] if `image` is not one picture, `count` is 0, or a window is empty or larger than the picture.
///
/// ```
/// use gan_nb::{data::Textures, imaging::random_crops};
/// let stones = Textures::stones(96, 7)?;
/// let crops = random_crops(&stones, 8, 32, &mut gan_nb::random::stream(7, "crops"))?;
/// assert_eq!(crops.size(), [8, 32, 32, 3]);
/// # Ok::<(), gan_nb::Error>(())
/// ```
pub fn random_crops(image: &Tensor, count: usize, side: i64, rng: &mut impl Rng) -> Result<Tensor> {
    let size = image.size();
    let [1, height, width, _] = *size else {
        let hint = "Give one picture its batch axis with unsqueeze(0).";
        return Err(Error::value("the shape of image", format!("{size:?}"), "[1, H, W, C]", hint));
    };
    if count == 0 {
        return Err(Error::value("count", count, "1 or more", "16 windows make a batch."));
    }
    if !(1..=height.min(width)).contains(&side) {
        let wanted = format!("1 to {}, the shorter side of the picture", height.min(width));
        return Err(Error::value("side", side, wanted, "Cut smaller windows, or draw a larger picture."));
    }
    windows(image, count, side, rng)
}

/// `count` windows of each picture, all pictures cut at the same random places: (B, H, W, C) to
/// (count·B, side, side, C), those of one place together. H and W are at least `side`, which is at least 1.
pub(crate) fn windows(images: &Tensor, count: usize, side: i64, rng: &mut impl Rng) -> Result<Tensor> {
    let (height, width) = (images.size()[1], images.size()[2]);
    let cuts = (0..count).map(|_| {
        let (top, left) = (rng.gen_range(0..=height - side), rng.gen_range(0..=width - side));
        Ok(images.f_narrow(1, top, side)?.f_narrow(2, left, side)?)
    });
    Ok(Tensor::f_cat(&cuts.collect::<Result<Vec<_>>>()?, 0)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;
    use tch::{Device, Kind};

    /// The notebooks' committed numbers depend on these places. The numbers were printed before `windows` was shared.
    #[test]
    fn the_places_of_a_seed_never_change() {
        let picture = Tensor::arange(96 * 96, (Kind::Int64, Device::Cpu)).view([1, 96, 96, 1]);
        let crops = random_crops(&picture, 6, 32, &mut random::stream(7, "crops")).unwrap();
        let first_pixels = Vec::<i64>::try_from(crops.narrow(1, 0, 1).narrow(2, 0, 1).reshape([-1])).unwrap();
        assert_eq!(first_pixels, [5424, 5302, 6067, 4043, 5005, 1849]);
    }
}
