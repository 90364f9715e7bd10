//! Pictures made larger or smaller.

use tch::Tensor;

use crate::error::{Error, Result};

/// The pictures at another size, square, by bicubic interpolation (Keys 1981) and antialiased where they shrink: what
/// super-resolution starts from and is measured against.
///
/// As in Pillow, each new pixel weighs the old ones under a cubic bell, which is as wide as the new pixel where that is
/// the larger of the two. The bell has negative flanks, so that values may leave [−1, 1] next to an edge; they are cut.
///
/// # Shapes
/// (B, H, W, C) → (B, side, side, C)
///
/// # Errors
/// [`Error::Shape`] for anything but pictures, [`Error::Value`] for a side below 1.
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
            hint: "Give a batch of pictures, even of one.".into(),
        });
    }
    let planes = images.f_permute([0, 3, 1, 2])?;
    let resized = planes.f_internal_upsample_bicubic2d_aa([side, side], false, None, None)?;
    Ok(resized.f_permute([0, 2, 3, 1])?.f_clamp(-1.0, 1.0)?.f_contiguous()?)
}
