//! Many small pictures out of one large one.

use rand::Rng;
use tch::Tensor;

use crate::error::{Error, Result};

/// `count` windows of `side` × `side` pixels from random places of one picture: (1, H, W, C) to
/// (count, side, side, C), of the picture's kind and on its device.
///
/// To a network that sees only windows, one picture is as many examples as it has places (Jetchev et al. 2016).
///
/// # Errors
/// If `image` is not one picture, `count` is 0, or a window is empty or larger than the picture.
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
    let windows = (0..count).map(|_| {
        let (top, left) = (rng.gen_range(0..=height - side), rng.gen_range(0..=width - side));
        Ok(image.f_narrow(1, top, side)?.f_narrow(2, left, side)?)
    });
    Ok(Tensor::f_cat(&windows.collect::<Result<Vec<_>>>()?, 0)?)
}
