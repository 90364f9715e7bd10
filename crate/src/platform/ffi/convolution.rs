//! The function of `native/convolution.cpp`.

use super::outcome;
use crate::Result;
use std::ffi::c_char;
use std::ptr;
use tch::Tensor;
use torch_sys::C_tensor;

unsafe extern "C" {
    fn gan_nb_convolution(
        out: *mut *mut C_tensor,
        what: i64,
        a: *const C_tensor,
        b: *const C_tensor,
        geometry: *const Geometry,
    ) -> *mut c_char;
}

/// What a convolution makes of two of its three tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Image and kernel → map: what a Conv2D computes, and the input's gradient of a transposed one.
    Shrink,
    /// Map and kernel → image: what a Conv2DTranspose computes, and the input's gradient of a plain one.
    Grow,
    /// Image and map → kernel: the kernel's gradient of both.
    Weigh,
}

impl Part {
    pub(crate) const ALL: [Self; 3] = [Self::Shrink, Self::Grow, Self::Weigh];
}

/// The sizes of a convolution, as native/convolution.cpp reads them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Geometry {
    /// Rows, columns and channels of the image.
    pub image: [i64; 3],
    /// Rows, columns and filters of the map.
    pub map: [i64; 3],
    /// Rows and columns of a window.
    pub kernel: i64,
    pub strides: i64,
    /// Zeros above the image and to its left; those on the other sides follow from the sizes.
    pub padding: [i64; 2],
    /// Bit `1 << part`: that part is computed as a matrix product.
    pub products: i64,
}

/// One [`Part`] of a convolution on the CPU, recorded for gradients of any order.
///
/// # Shapes
/// image (B, rows, columns, channels), map (B, map rows, map columns, filters), kernel (filters, kernel, kernel, channels)
///
/// # Errors
/// When the tensors are not of those shapes, or libtorch refuses.
pub(crate) fn convolution(part: Part, a: &Tensor, b: &Tensor, geometry: &Geometry) -> Result<Tensor> {
    let mut out = ptr::null_mut();
    // SAFETY: the tensors and the geometry live through the call; `out` is set to a new tensor of ours when there is no error.
    outcome(unsafe { gan_nb_convolution(&mut out, part as i64, a.as_ptr(), b.as_ptr(), geometry) })?;
    // SAFETY: as above.
    Ok(unsafe { Tensor::from_ptr(out) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::kind::FLOAT_CPU;

    /// The windows are read by their strides, so other sizes must never come that far.
    #[test]
    fn tensors_of_other_sizes_are_refused() {
        for products in [0, 7] {
            let geometry =
                Geometry { image: [4, 4, 2], map: [3, 3, 5], kernel: 2, strides: 1, padding: [0, 0], products };
            let [image, map, kernel] = [[2, 4, 4, 2], [2, 3, 3, 5], [5, 2, 2, 2]].map(|s| Tensor::ones(s, FLOAT_CPU));
            for (part, [a, b], shape) in [
                (Part::Shrink, [&image, &kernel], map.size()),
                (Part::Grow, [&map, &kernel], image.size()),
                (Part::Weigh, [&image, &map], kernel.size()),
            ] {
                assert_eq!(convolution(part, a, b, &geometry).unwrap().size(), shape);
                for (a, b) in [(b, a), (&Tensor::new(), b), (a, &Tensor::new()), (&a.narrow(1, 0, 2), b)] {
                    let error = convolution(part, a, b, &geometry).unwrap_err().to_string();
                    assert!(error.contains("the convolution's ") && error.contains(", expected ["), "{error}");
                }
            }
        }
    }
}
