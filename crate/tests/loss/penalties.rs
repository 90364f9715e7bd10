//! Gradient penalties.

use super::common::{assert_refused, floats, model, noise, numbers, tensor};
use gan_nb::loss::{penalty, wasserstein};
use gan_nb::nn::{Adam, Conv2D, Dense, Flatten, LeakyReLU, Optimizer, Sequential};
use gan_nb::random;
use tch::{Kind, Tensor, no_grad};

fn small() -> Sequential {
    let mut model = model("d", &[6, 6, 2], 1);
    model.add(Conv2D::new(4, 3).strides(2)).unwrap().add(LeakyReLU::new(0.2)).unwrap();
    model.add(Flatten).unwrap().add(Dense::new(1)).unwrap();
    model
}

#[test]
fn the_squared_gradient_of_a_linear_score_is_the_squared_length_of_its_weights() {
    let mut d = model("d", &[3], 1);
    d.add(Dense::new(1)).unwrap();
    d.set_weights(&[tensor(&[1.0, -2.0, 2.0], &[3, 1]), tensor(&[5.0], &[1])]).unwrap();
    let x = noise(1, &[7, 3]).set_requires_grad(true);
    let scores = d.forward(&x, true).unwrap();
    assert!((penalty::squared_gradient(&scores, &x).unwrap().double_value(&[]) - 9.0).abs() < 1e-5, "1 + 4 + 4");
    // A slope of 3 where 1 is asked for.
    assert!((wasserstein::gradient_penalty(&scores, &x).unwrap().double_value(&[]) - 4.0).abs() < 1e-5);
}

#[test]
fn the_mean_is_over_images() {
    let d = small();
    let x = noise(1, &[5, 6, 6, 2]).set_requires_grad(true);
    let all = penalty::squared_gradient(&d.forward(&x, true).unwrap(), &x).unwrap().double_value(&[]);
    let alone = (0..5).map(|i| {
        let x = x.detach().narrow(0, i, 1).set_requires_grad(true);
        penalty::squared_gradient(&d.forward(&x, true).unwrap(), &x).unwrap().double_value(&[])
    });
    assert!((all - alone.sum::<f64>() / 5.0).abs() < 1e-5 * all);
}

/// Minimizing the penalty alone flattens the discriminator.
#[test]
fn a_penalty_can_be_minimized() {
    let d = small();
    let mut adam = Adam::new(d.trainable_weights()).learning_rate(1e-2);
    let x = noise(1, &[5, 6, 6, 2]).set_requires_grad(true);
    let penalty = || penalty::squared_gradient(&d.forward(&x, true).unwrap(), &x).unwrap();
    let before = penalty().double_value(&[]);
    for _ in 0..100 {
        adam.minimize_reached(&penalty()).unwrap();
    }
    let after = penalty().double_value(&[]);
    assert!(after < before / 100.0, "{before} became {after}");
}

#[test]
fn a_score_without_a_slope_has_a_penalty_without_nan() {
    let x = Tensor::zeros([2, 3], floats()).set_requires_grad(true);
    let scores = x.square().sum_dim_intlist(Some(&[1i64][..]), false, None::<Kind>);
    let penalty = wasserstein::gradient_penalty(&scores, &x).unwrap();
    assert!((penalty.double_value(&[]) - 1.0).abs() < 1e-4);
    let gradient = Tensor::run_backward(&[penalty], &[&x], false, false).pop().unwrap();
    assert_eq!(gradient.isfinite().all().int64_value(&[]), 1);
}

#[test]
fn between_means_on_the_straight_line_from_each_fake_to_its_photo() {
    let (x, fake) = (noise(1, &[50, 2, 2, 1]), noise(2, &[50, 2, 2, 1]));
    let between = wasserstein::interpolate(&x, &fake, &mut random::stream(3, "penalty")).unwrap();
    assert!(between.requires_grad());
    let ways = numbers(&((&between - &fake) / (&x - &fake)));
    let first = |i: usize| ways[4 * i];
    for (i, way) in ways.iter().enumerate() {
        assert!((0.0..=1.0).contains(way), "{way}");
        assert!((way - first(i / 4)).abs() < 1e-3, "one way for all pixels of an image");
    }
    let mean = (0..50).map(first).sum::<f32>() / 50.0;
    let spread = (0..50).map(|i| (first(i) - mean).powi(2)).sum::<f32>() / 50.0;
    assert!((mean - 0.5).abs() < 0.15 && (spread - 1.0 / 12.0).abs() < 0.04, "uniform: {mean}, {spread}");
    let again = wasserstein::interpolate(&x, &fake, &mut random::stream(3, "penalty")).unwrap();
    assert_eq!(numbers(&between), numbers(&again), "from the run's seed");
    let other = noise(2, &[49, 2, 2, 1]);
    assert_refused(
        wasserstein::interpolate(&x, &other, &mut random::stream(3, "penalty")),
        &["[49, 2, 2, 1]", "as many fakes"],
    );
}

#[test]
fn images_that_record_nothing_are_refused() {
    let d = small();
    let x = noise(1, &[2, 6, 6, 2]);
    assert_refused(
        penalty::squared_gradient(&d.forward(&x, true).unwrap(), &x),
        &["record no gradients", "set_requires_grad"],
    );
    let x = x.set_requires_grad(true);
    let silent = no_grad(|| d.forward(&x, true)).unwrap();
    assert_refused(penalty::squared_gradient(&silent, &x), &["scores that record no gradients"]);
    let of_another = d.forward(&noise(2, &[2, 6, 6, 2]).set_requires_grad(true), true).unwrap();
    assert_refused(penalty::squared_gradient(&of_another, &x), &["do not depend on them"]);
}
