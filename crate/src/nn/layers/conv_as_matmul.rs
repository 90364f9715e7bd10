//! A convolution with few filters as one matrix product: faster on CPUs, whose convolutions compute 8 or 16 filters at a time
//! even when only three are needed.

use crate::Result;
use std::cmp::{max, min};
use tch::{Device, Tensor};

/// Whether a convolution of stride 1 with this kernel is faster this way. (With fewer channels the additions cost more than
/// the product saves.)
///
/// # Shapes
/// `kernel`: (kernel height, kernel width, in, filters)
pub(super) fn pays(kernel: &Tensor) -> bool {
    let [rows, _, channels, filters] = kernel.size()[..] else { return false };
    rows > 1 && channels >= 64 && filters <= 3 && kernel.device() == Device::Cpu
}

/// The convolution of stride 1, with `top` and `left` zeros before `x` and as many after it as the output size needs. One
/// product multiplies every pixel by every position of every filter's window; the resulting images are added up, each
/// shifted by its position in the window. Gradients are not recorded.
///
/// # Shapes
/// `x`: (B, H, W, in), `kernel`: (kernel height, kernel width, in, filters), `bias`: (filters) → (B, output…, filters)
///
/// # Errors
/// When libtorch refuses.
pub(super) fn convolve(
    x: &Tensor,
    kernel: &Tensor,
    bias: &Tensor,
    [top, left]: [i64; 2],
    [rows, columns]: [i64; 2],
) -> Result<Tensor> {
    let ((batch, height, width, channels), (window_rows, window_columns, _, filters)) = (x.size4()?, kernel.size4()?);
    // A view: the kernel lies in memory as (filters, kernel height, kernel width, in).
    let places = kernel.f_permute([3, 0, 1, 2])?.f_reshape([1, -1, channels])?.f_expand([batch, -1, -1], false)?;
    let pixels = x.f_reshape([batch, height * width, channels])?.f_transpose(1, 2)?;
    let pictures = places.f_bmm(&pixels)?.f_view([batch, filters, window_rows, window_columns, height, width])?;
    // (B, filters, rows, columns), so that whole rows are added.
    let y = bias.f_view([filters, 1, 1])?.f_expand([batch, filters, rows, columns], false)?.f_contiguous()?;
    for i in 0..window_rows {
        let Some((row, from_row, height)) = overlap(i - top, height, rows) else { continue };
        for j in 0..window_columns {
            let Some((column, from_column, width)) = overlap(j - left, width, columns) else { continue };
            let picture = pictures.f_select(2, i)?.f_select(2, j)?;
            let picture = picture.f_narrow(2, from_row, height)?.f_narrow(3, from_column, width)?;
            let _ = y.f_narrow(2, row, height)?.f_narrow(3, column, width)?.f_add_(&picture)?;
        }
    }
    Ok(y.f_permute([0, 2, 3, 1])?.f_contiguous()?)
}

/// Where along an axis output `o` has an input `o + shift`: the first such output, its input, and how many there are.
fn overlap(shift: i64, inputs: i64, outputs: i64) -> Option<(i64, i64, i64)> {
    let first = max(0, -shift);
    let count = min(outputs, inputs - shift) - first;
    (count > 0).then_some((first, first + shift, count))
}
