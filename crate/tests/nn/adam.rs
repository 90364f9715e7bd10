//! Adam against its formula in float64.

use super::common::{assert_close, assert_refused, noise, numbers, single, tensor, weights};
use gan_nb::nn::{Adam, Dense, Optimizer};
use tch::{Kind, Tensor};

/// A loss whose gradient for `w` is `gradient`.
fn loss(w: &Tensor, gradient: &Tensor) -> Tensor {
    (w * gradient).sum(Kind::Float)
}

/// The weights after each of these gradients, from 0. The smallest gradients are where it matters that epsilon is
/// added before the bias of v is corrected: added after it, the first step for 1e-6 would be four times as long.
fn formula(gradients: &[[f32; 3]], learning_rate: f64, beta_1: f64) -> Vec<[f64; 3]> {
    let (mut w, mut m, mut v) = ([0.0; 3], [0.0; 3], [0.0; 3]);
    let steps = (1..).zip(gradients).map(|(t, gradient)| {
        let rate = learning_rate * (1.0 - 0.999f64.powi(t)).sqrt() / (1.0 - beta_1.powi(t));
        for (i, g) in gradient.iter().map(|g| f64::from(*g)).enumerate() {
            m[i] += (1.0 - beta_1) * (g - m[i]);
            v[i] += (1.0 - 0.999) * (g * g - v[i]);
            w[i] -= rate * m[i] / (v[i].sqrt() + 1e-7);
        }
        w
    });
    steps.collect()
}

#[test]
fn steps_follow_the_formula() {
    let gradients = [[1e-6, -0.5, 20.0], [-2e-6, 0.25, 0.0], [1e-6, -0.5, -20.0]];
    for (learning_rate, beta_1) in [(1e-3, 0.9), (2e-4, 0.5)] {
        let w = tensor(&[0.0; 3], &[3]).set_requires_grad(true);
        let mut adam = Adam::new(vec![w.shallow_clone()]).learning_rate(learning_rate).beta_1(beta_1);
        assert_eq!((adam.len(), adam.is_empty()), (1, false));
        for (gradient, expected) in gradients.iter().zip(formula(&gradients, learning_rate, beta_1)) {
            adam.minimize(&loss(&w, &tensor(gradient, &[3]))).unwrap();
            assert_close(&numbers(&w), &expected, 1e-4 * learning_rate, &format!("rate {learning_rate}, {gradient:?}"));
        }
    }
}

#[test]
fn the_defaults_are_those_of_keras() {
    let w = tensor(&[0.0], &[1]).set_requires_grad(true);
    let mut adam = Adam::new(vec![w.shallow_clone()]);
    for gradient in [1.0, -1.0] {
        adam.minimize(&loss(&w, &tensor(&[gradient], &[1]))).unwrap();
    }
    let expected = formula(&[[1.0; 3], [-1.0; 3]], 1e-3, 0.9)[1][0];
    assert_close(&numbers(&w), &[expected], 1e-7, "two steps");
}

/// The fused step walks through memory. A convolution's kernel lies there in another order than its gradient may.
#[test]
fn a_step_is_its_formula_in_double_precision_whatever_the_order_in_memory() {
    let double = |seed, shape: &[i64]| noise(seed, shape).to_kind(Kind::Double);
    let start = double(1, &[5, 2, 3, 4]);
    let turned = start.permute([1, 2, 3, 0]).set_requires_grad(true);
    let straight = double(2, &[6]).set_requires_grad(true);
    assert!(!turned.is_contiguous());
    let mut adam = Adam::new(vec![turned.shallow_clone(), straight.shallow_clone()]).learning_rate(0.01);
    let mut expected = [turned.detach().copy(), straight.detach().copy()];
    let mut moments = expected.each_ref().map(|w| [w.zeros_like(), w.zeros_like()]);
    for t in 1..=3 {
        let upstream = [double(10 + t, &[2, 3, 4, 5]), double(20 + t, &[6])];
        // Through contiguous(), so that the gradient comes in the plain order.
        let loss =
            (turned.contiguous() * &upstream[0]).sum(Kind::Double) + (&straight * &upstream[1]).sum(Kind::Double);
        adam.minimize(&loss).unwrap();
        // In float32, as Keras computes it.
        let [c_1, c_2] = [0.9f32, 0.999].map(|beta| f64::from(1.0 - f64::from(beta).powi(t as i32) as f32));
        let rate = f64::from(0.01f32 * (c_2 as f32).sqrt() / c_1 as f32);
        for ((w, [m, v]), g) in expected.iter_mut().zip(&mut moments).zip(&upstream) {
            *m = &*m * 0.9 + g * 0.1;
            *v = &*v * 0.999 + g.square() * 0.001;
            *w -= rate * &*m / (v.sqrt() + 1e-7);
        }
        for (w, expected) in [&turned, &straight].into_iter().zip(&expected) {
            let difference = (w - expected).abs().max().double_value(&[]);
            assert!(difference < 1e-9, "step {t}: {difference:e}");
        }
    }
}

#[test]
fn only_its_own_weights_change() {
    let (mine, other) = (single(Dense::new(2), &[3]), single(Dense::new(2), &[3]));
    let (mine_before, other_before) = (weights(&mine), weights(&other));
    let x = noise(1, &[4, 3]);
    let both = mine.forward(&x, true).unwrap() * other.forward(&x, true).unwrap();
    Adam::new(mine.trainable_weights()).minimize(&both.mean(Kind::Float)).unwrap();
    for (before, after) in mine_before.iter().zip(weights(&mine)) {
        assert_ne!(*before, after);
    }
    assert_eq!(weights(&other), other_before);
    assert!(other.weights().iter().all(|(_, weight)| !weight.value.grad().defined()), "no gradient is left behind");
}

#[test]
fn a_frozen_model_has_nothing_to_learn() {
    let mut model = single(Dense::new(1), &[3]);
    let mut early = Adam::new(model.trainable_weights());
    model.set_trainable(false);
    let mut late = Adam::new(model.trainable_weights());
    assert!(late.is_empty());
    let before = weights(&model);
    let y = || model.forward(&noise(1, &[2, 3]), true).unwrap().mean(Kind::Float);
    assert_refused(late.minimize(&y()), &["trainable weights is 0", "1 or more", "before you freeze"]);
    assert_eq!(weights(&model), before);
    // As in Keras 2: frozen for optimizers made from now on, not for the one that has its weights already.
    early.minimize(&y()).unwrap();
    assert_ne!(weights(&model), before);
    model.set_trainable(true);
    assert_eq!(Adam::new(model.trainable_weights()).len(), 2);
}

#[test]
fn a_loss_of_something_else_is_an_error() {
    let (mine, other) = (single(Dense::new(1), &[3]), single(Dense::new(1), &[3]));
    let before = weights(&mine);
    let x = noise(1, &[2, 3]);
    let mut adam = Adam::new(mine.trainable_weights());
    let unrelated = other.forward(&x, true).unwrap().mean(Kind::Float);
    let parts = ["the loss is independent of 2 of the optimizer's 2 weights", "all its weights", "forward()"];
    assert_refused(adam.minimize(&unrelated), &parts);
    let constant = mine.predict(&x).unwrap().mean(Kind::Float);
    assert_refused(adam.minimize(&constant), &["the loss is a constant", "no_grad and predict"]);
    assert_eq!(weights(&mine), before);
}
