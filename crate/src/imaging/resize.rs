//! Scaling pictures.

use crate::platform::arithmetic::Arithmetic;
use tch::Tensor;

use crate::error::{Error, Result};

/// Scales pictures to `side` × `side` pixels by bicubic interpolation (Keys 1981), antialiased where they shrink: what
/// super-resolution starts from and is measured against.
///
/// As in Pillow, each new pixel is a weighted sum of the old ones under a cubic bell, which widens when a picture
/// shrinks so that no pixel is skipped. The bell has negative flanks, so values next to an edge may leave [−1, 1]; they
/// are clamped.
///
/// libtorch computes it, not the crate `image`: on a whole batch, on the batch's device, and with gradients, in floats
/// that are never rounded to bytes. For photos in files there is [`open_square`](super::open_square).
///
/// # Shapes
/// (B, H, W, C) → (B, side, side, C)
///
/// # Errors
/// [`Error::Shape`] for anything but a batch of pictures, [`Error::Value`] for a side below 1.
///
/// ```
/// use gan_nb::{data::Shapes, imaging::resize};
/// let images = Shapes::generate(4, 7)?.batch(&[0, 1, 2, 3])?;
/// let small = resize(&images, 8)?;
/// assert_eq!(small.size(), [4, 8, 8, 3]);
/// assert_eq!(resize(&small, 32)?.size(), images.size());
/// # Ok::<(), gan_nb::Error>(())
/// ```
pub fn resize(images: &Tensor, side: i64) -> Result<Tensor> {
    if side < 1 {
        return Err(Error::value("resize's side", side, "1 or more", "Give the new height and width in pixels."));
    }
    if images.dim() != 4 || images.numel() == 0 {
        return Err(Error::Shape {
            layer: "resize".into(),
            found: format!("{:?}", images.size()),
            expected: "[B, H, W, C]".into(),
            hint: "Give a batch of pictures, even if it holds only one.".into(),
        });
    }
    let planes = images.f_permute([0, 3, 1, 2])?;
    let resized = planes.f_internal_upsample_bicubic2d_aa([side, side], false, None, None)?;
    Ok(resized.f_permute([0, 2, 3, 1])?.at_least(-1.0)?.at_most(1.0)?.f_contiguous()?)
}
