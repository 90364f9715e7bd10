//! PSNR, SSIM and the L1 loss. The numbers are golden.py's.

use super::common::{assert_close, assert_refused, numbers, tensor};
use super::picture;
use gan_nb::loss::mean_absolute_error;
use gan_nb::metrics::{psnr, ssim};
use tch::Tensor;

#[test]
fn psnr_and_ssim_are_those_of_scikit_image() {
    let (a, b) = (picture(0.0), picture(0.3));
    let others = Tensor::cat(&[&b, &(&a * 0.5), &-&a], 0);
    let a = a.repeat([3, 1, 1, 1]);
    assert_close(&numbers(&psnr(&a, &others).unwrap()), &[19.5157, 15.0578, 3.0166], 1e-3, "PSNR, picture by picture");
    assert_close(&numbers(&ssim(&a, &others).unwrap()), &[0.954_051, 0.798_141, -0.942_728], 1e-5, "SSIM");
    assert_eq!(numbers(&ssim(&others, &a).unwrap()), numbers(&ssim(&a, &others).unwrap()), "either way round");
}

#[test]
fn equal_pictures_are_the_best() {
    let a = picture(0.0);
    assert_eq!(numbers(&psnr(&a, &a).unwrap()), [f32::INFINITY]);
    assert_close(&numbers(&ssim(&a, &a).unwrap()), &[1.0], 1e-6, "SSIM with itself");
}

#[test]
fn flat_pictures_have_a_similarity_too() {
    let grey = tensor(&[0.5; 11 * 11], &[1, 11, 11, 1]);
    // No contrast: what remains is light, (2 μₐμ_b + c₁) / (μₐ² + μ_b² + c₁).
    // From black to white they are at 0.75 and 0.625.
    let expected = (2.0 * 0.75 * 0.625 + 0.0001) / (0.75 * 0.75 + 0.625 * 0.625 + 0.0001);
    assert_close(&numbers(&ssim(&grey, &(&grey * 0.5)).unwrap()), &[expected], 1e-4, "light alone");
}

#[test]
fn pictures_that_can_t_be_compared() {
    let a = picture(0.0);
    let wider = a.repeat([1, 1, 2, 1]);
    assert_refused(psnr(&a, &wider), &["psnr", "[1, 16, 16, 3] and [1, 16, 32, 3]", "the same shape [B, H, W, C]"]);
    assert_refused(ssim(&a.squeeze_dim(0), &a.squeeze_dim(0)), &["ssim", "[16, 16, 3]", "[B, H, W, C]"]);
    let low = a.narrow(1, 0, 10);
    assert_refused(ssim(&low, &low), &["10 x 16 pixels", "at least 11 x 11"]);
}

#[test]
fn the_l1_loss_is_the_mean_distance_and_pulls_evenly() {
    let y_true = tensor(&[1.0, -1.0, 0.0, 0.5], &[2, 2]);
    let y_pred = tensor(&[0.0, 1.0, 0.5, 0.0], &[2, 2]).set_requires_grad(true);
    let loss = mean_absolute_error(&y_true, &y_pred).unwrap();
    assert_eq!(loss.double_value(&[]), 1.0);
    loss.backward();
    assert_eq!(numbers(&y_pred.grad()), [-0.25, 0.25, 0.25, -0.25], "a far pixel pulls no harder than a near one");
    let parts = ["mean_absolute_error", "[2]", "[2, 2], as y_true"];
    assert_refused(mean_absolute_error(&y_true, &tensor(&[0.0; 2], &[2])), &parts);
}
