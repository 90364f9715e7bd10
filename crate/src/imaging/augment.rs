//! Changes of pictures that leave them what they are.

use crate::platform::arithmetic::{Arithmetic, counting};
use crate::{Error, Result, random};
use rand::Rng;
use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

/// Shifts by at most this part of the side, and holes of this part.
const SHIFT: f64 = 1.0 / 8.0;
const HOLE: f64 = 1.0 / 2.0;

/// Mirrors each image left to right or leaves it, at even odds.
///
/// # Shapes
/// (B, H, W, C), unchanged
///
/// # Errors
/// [`Error::Shape`] for another number of axes.
pub fn random_flips(images: &Tensor, rng: &mut random::Stream) -> Result<Tensor> {
    let [batch, ..] = shape("random_flips", images)?;
    let mirrored = random::filled_by(rng, &[batch, 1, 1, 1], images.device(), |rng| rng.r#gen::<bool>())?;
    Ok(images.f_flip([2])?.f_where_self(&mirrored, images)?)
}

/// Shifts each image by up to `reach` pixels up or down and left or right; what comes in is gray.
///
/// # Shapes
/// (B, H, W, C) in [−1, 1], unchanged
///
/// # Errors
/// [`Error::Shape`] for another number of axes, [`Error::Value`] for a `reach` below 0.
pub fn random_shifts(images: &Tensor, reach: i64, rng: &mut random::Stream) -> Result<Tensor> {
    if reach < 0 {
        return Err(Error::value("random_shifts' reach", reach, "0 or more", "Give a number of pixels."));
    }
    shift(images, [reach; 2], rng)
}

/// What of DiffAugment (Zhao et al. 2020) is done to everything that a discriminator sees, photos and fakes alike, so that it can't
/// learn a small set of photos by heart. Gradients pass through, so the generator does not learn the changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiffAugment {
    /// Brightness, saturation and contrast.
    pub colour: bool,
    /// Shifts by up to an eighth of the side; what comes in is gray.
    pub translation: bool,
    /// A gray square of half the side.
    pub cutout: bool,
}

impl DiffAugment {
    /// Whether it does nothing.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The images changed, each in its own way.
    ///
    /// # Shapes
    /// (B, H, W, C) in [−1, 1], unchanged
    ///
    /// # Errors
    /// [`Error::Shape`] for another number of axes.
    pub fn apply(&self, images: &Tensor, rng: &mut random::Stream) -> Result<Tensor> {
        let mut images = images.shallow_clone();
        if self.colour {
            images = change_colours(&images, rng)?;
        }
        if self.translation {
            images = translate(&images, rng)?;
        }
        if self.cutout {
            images = cut_out(&images, rng)?;
        }
        Ok(images)
    }
}

/// Adds up to ½ to all values, moves the colours between gray and twice as strong, and the contrast between half and one and a half.
fn change_colours(images: &Tensor, rng: &mut random::Stream) -> Result<Tensor> {
    let [batch, ..] = shape("DiffAugment's colour", images)?;
    let mut draw =
        |centre: f64, reach: f32| random::uniform(rng, reach, &[batch, 1, 1, 1], images.device())?.plus(centre);
    let (brightness, saturation, contrast) = (draw(0.0, 0.5)?, draw(1.0, 1.0)?, draw(1.0, 0.5)?);
    let from_mean = |x: &Tensor, axes: &[i64], factor: &Tensor| -> Result<Tensor> {
        let mean = x.f_mean_dim(Some(axes), true, None::<Kind>)?;
        Ok(mean.f_add(&x.f_sub(&mean)?.f_mul(factor)?)?)
    };
    let images = images.f_add(&brightness)?;
    from_mean(&from_mean(&images, &[3], &saturation)?, &[1, 2, 3], &contrast)
}

fn translate(images: &Tensor, rng: &mut random::Stream) -> Result<Tensor> {
    let [_, height, width, _] = shape("DiffAugment's translation", images)?;
    shift(images, [height, width].map(|side| (side as f64 * SHIFT).round() as i64), rng)
}

/// Shifts by up to `reach` pixels in height and width; what comes in is gray.
fn shift(images: &Tensor, reach: [i64; 2], rng: &mut random::Stream) -> Result<Tensor> {
    let [batch, height, width, _] = shape("random_shifts", images)?;
    // Where each row and column of the result comes from, in the image with a frame around it.
    let mut from = |side: i64, reach: i64| -> Result<Tensor> {
        let starts = random::filled_by(rng, &[batch, 1], images.device(), move |rng| rng.gen_range(0..=2 * reach))?;
        Ok(starts.f_add(&counting(side, (Kind::Int64, images.device()))?)?)
    };
    let (rows, columns) = (from(height, reach[0])?.f_unsqueeze(2)?, from(width, reach[1])?.f_unsqueeze(1)?);
    let each = counting(batch, (Kind::Int64, images.device()))?.f_view([batch, 1, 1])?;
    let framed = images.f_constant_pad_nd([0, 0, reach[1], reach[1], reach[0], reach[0]])?;
    Ok(framed.f_index(&[Some(each), Some(rows), Some(columns)])?)
}

fn cut_out(images: &Tensor, rng: &mut random::Stream) -> Result<Tensor> {
    let [batch, height, width, _] = shape("DiffAugment's cutout", images)?;
    // 1 where a row or column is within the hole, whose centre may lie anywhere.
    let mut within = |side: i64| -> Result<Tensor> {
        let half = (side as f64 * HOLE / 2.0).round();
        let centres = random::filled_by(rng, &[batch, 1], images.device(), move |rng| rng.gen_range(0..=side))?;
        let places = counting(side, (Kind::Float, images.device()))?;
        // From half before the centre to less than half after it; half a pixel aside it is a distance.
        Ok(places.f_sub(&centres)?.plus(0.5)?.f_abs()?.is_above(half)?.f_logical_not()?.f_to_kind(Kind::Float)?)
    };
    let hole = within(height)?.f_view([batch, height, 1, 1])?.f_mul(&within(width)?.f_view([batch, 1, width, 1])?)?;
    Ok(images.f_mul(&hole.f_neg()?.plus(1.0)?.f_to_kind(images.f_kind()?)?)?)
}

fn shape(what: &str, images: &Tensor) -> Result<[i64; 4]> {
    images.size().try_into().map_err(|size: Vec<i64>| Error::Shape {
        layer: what.into(),
        found: format!("{size:?}"),
        expected: "(batch, height, width, channels)".into(),
        hint: "Give a batch of images.".into(),
    })
}
