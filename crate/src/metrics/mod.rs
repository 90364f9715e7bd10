//! Measures of how good generated pictures are.
//!
//! | | compares | |
//! |---|---|---|
//! | [`psnr()`], [`ssim()`] | each picture with the one it should be | for super-resolution and the like |
//! | [`nearest()`] | each picture with the closest of a dataset | learned, or memorised? |
//! | [`sliced_wasserstein`] | two sets of pictures, by their pixels | quick; for every checkpoint |
//! | [`Evaluator`] | two sets of pictures, by what a [`Classifier`] sees in them | the figures of papers |
//!
//! An [`Evaluator`] measures a [`Quality`]: [`frechet_distance`], [`kernel_distance`], [`precision_recall`], and for pictures made
//! for a class whether they show it. All take pictures in [−1, 1], channels last.
//!
//! ```
//! use gan_nb::metrics::{psnr, sliced_wasserstein, ssim};
//! use gan_nb::{data::Shapes, random};
//!
//! let data = Shapes::generate(40, 1)?;
//! let real = data.random_batch(16, &mut random::stream(1, "real"))?;
//! let other = data.random_batch(16, &mut random::stream(1, "other"))?;
//! let darker = &real * 0.9 - 0.1; // black stays black, white becomes 0.8
//!
//! assert_eq!(psnr(&real, &darker)?.size(), [16]); // one number a picture, in dB
//! assert!(ssim(&real, &darker)?.min().double_value(&[]) > 0.9); // the structure is the same
//! assert!(sliced_wasserstein(&real, &darker, 7)? > 0.0);
//! assert!(sliced_wasserstein(&other, &real, 7)? < sliced_wasserstein(&other, &real.zeros_like(), 7)?);
//! # Ok::<(), gan_nb::Error>(())
//! ```

mod classifier;
mod evaluator;
mod features;
mod frechet;
mod kernel;
mod nearest;
mod news;
mod precision_recall;
mod psnr;
mod quality;
mod ssim;
mod wasserstein;

pub use classifier::{Classifier, Recipe};
pub use evaluator::Evaluator;
pub use frechet::frechet_distance;
pub use kernel::{KernelDistance, kernel_distance};
pub use nearest::{Neighbour, nearest};
pub use news::News;
pub use precision_recall::{PrecisionRecall, precision_recall};
pub use psnr::psnr;
pub use quality::{ClassCount, Quality};
pub use ssim::ssim;
pub use wasserstein::{patches, sliced_wasserstein};

use crate::{Error, Result};
use tch::Tensor;

/// B, H, W and C of two batches of pictures, which must have the same shape.
fn common_shape(metric: &str, a: &Tensor, b: &Tensor) -> Result<[i64; 4]> {
    match a.size()[..] {
        [batch, height, width, channels] if a.size() == b.size() => Ok([batch, height, width, channels]),
        _ => Err(Error::Shape {
            layer: metric.into(),
            found: format!("{:?} and {:?}", a.size(), b.size()),
            expected: "two of the same shape [B, H, W, C]".into(),
            hint: "Each picture is compared with the one at the same index of the other batch.".into(),
        }),
    }
}
