//! Penalties on the discriminator's slope, which keep its answers from changing abruptly from one image to a similar one.
//!
//! R1 = γ/2 · E[‖∇D(x)‖²] over photos (Mescheder, Geiger & Nowozin 2018), and R2 the same over fakes. As they change slowly, it
//! is enough to add them every n-th iteration, n times as strong (Karras et al. 2020, "lazy regularization").

use crate::platform::device::make_ready;
use crate::{Error, Result};
use tch::{Kind, Tensor};

/// E[‖∇D(x)‖²]: the mean over the images of the squared length of the gradient of an image's score. R1 and R2 are γ/2 times
/// this. It can itself be minimized: the way back is recorded.
///
/// ```
/// use gan_nb::{loss::penalty, tch::Tensor};
/// # fn main() -> gan_nb::Result<()> {
/// let x = Tensor::from_slice(&[1.0f64, -2.0]).view([2, 1]).set_requires_grad(true);
/// let scores = x.square() * 3; // with slopes 6 and -12
/// assert_eq!(penalty::squared_gradient(&scores, &x)?.double_value(&[]), (36.0 + 144.0) / 2.0);
/// # Ok(())
/// # }
/// ```
///
/// # Shapes
/// `scores`: (B, …), the discriminator's of `images` (B, …); result: ()
///
/// The score of an image must depend on that image alone, which batch normalization in training mode would break.
///
/// # Errors
/// [`Error::Value`] when the scores do not come from these images, or the images record no gradients.
pub fn squared_gradient(scores: &Tensor, images: &Tensor) -> Result<Tensor> {
    Ok(per_image(&gradient_of(scores, images)?.f_square()?)?.f_mean(None::<Kind>)?)
}

/// ∇D(x) of each image, (B, …), recorded for a second way back.
pub(super) fn gradient_of(scores: &Tensor, images: &Tensor) -> Result<Tensor> {
    make_ready();
    let refused = |found: &str| {
        let hint = "Use images.detach().set_requires_grad(true), outside of no_grad, and score that tensor.";
        Err(Error::value("the images of a gradient penalty", found, "what the scores were computed from", hint))
    };
    if !images.requires_grad() {
        return refused("images that record no gradients");
    }
    if !scores.requires_grad() {
        return refused("scores that record no gradients");
    }
    let (keep_graph, create_graph) = (true, true);
    // Of each image's own score, because no score depends on another image.
    let mut gradients = Tensor::f_run_backward(&[scores.f_sum(None::<Kind>)?], &[images], keep_graph, create_graph)?;
    match gradients.pop().filter(Tensor::defined) {
        Some(gradient) => Ok(gradient),
        None => refused("scores that do not depend on them"),
    }
}

/// The sum over everything but the batch: (B, …) → (B).
pub(super) fn per_image(x: &Tensor) -> Result<Tensor> {
    Ok(x.f_flatten(1, -1)?.f_sum_dim_intlist(Some(&[1i64][..]), false, None::<Kind>)?)
}
