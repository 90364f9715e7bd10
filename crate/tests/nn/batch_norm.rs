//! BatchNormalization against its formula.

use super::common::{assert_close, noise, numbers, single, tensor, weights};
use gan_nb::nn::{BatchNormalization, Sequential};
use tch::Tensor;

const MOMENTUM: f64 = 0.8;
const GAMMA: [f32; 2] = [2.0, -0.5];
const BETA: [f32; 2] = [1.0, 3.0];
const MOVING_MEAN: [f32; 2] = [0.5, -1.0];
const MOVING_VARIANCE: [f32; 2] = [4.0, 0.25];

/// A layer for two channels whose four weights are none of the defaults.
fn layer(input_shape: &[i64]) -> Sequential {
    let mut model = single(BatchNormalization::new().momentum(MOMENTUM), input_shape);
    let values = [GAMMA, BETA, MOVING_MEAN, MOVING_VARIANCE].map(|values| tensor(&values, &[2]));
    model.set_weights(&values).unwrap();
    model
}

/// Mean and biased variance of each of two channels.
fn statistics(x: &Tensor) -> ([f64; 2], [f64; 2]) {
    let values = numbers(x);
    let mean_of = |c: usize, value: &dyn Fn(f64) -> f64| {
        let channel = values.iter().skip(c).step_by(2).map(|x| value(f64::from(*x)));
        channel.sum::<f64>() / (values.len() / 2) as f64
    };
    let mean = [0, 1].map(|c| mean_of(c, &|x| x));
    (mean, [0, 1].map(|c| mean_of(c, &|x| (x - mean[c]).powi(2))))
}

fn normalized(x: &Tensor, mean: [f64; 2], variance: [f64; 2]) -> Vec<f64> {
    let values = numbers(x).into_iter().zip([0, 1].into_iter().cycle());
    values
        .map(|(x, c)| {
            let x = (f64::from(x) - mean[c]) / (variance[c] + 1e-3).sqrt();
            f64::from(GAMMA[c]) * x + f64::from(BETA[c])
        })
        .collect()
}

/// Input of this shape in which the two channels are nothing alike.
fn input(shape: &[i64]) -> Tensor {
    noise(5, shape) * tensor(&[3.0, 0.5], &[2]) + tensor(&[-2.0, 7.0], &[2])
}

fn check(shape: &[i64], unbiased: bool) {
    let (x, model) = (input(shape), layer(&shape[1..]));
    let (mean, variance) = statistics(&x);
    let y = model.forward(&x, true).unwrap();
    assert_eq!(y.size(), shape);
    assert_close(&numbers(&y), &normalized(&x, mean, variance), 1e-5, "training");

    let n = (x.numel() / 2) as f64;
    let correction = if unbiased { n / (n - 1.0) } else { 1.0 };
    let moved = |old: f32, new: f64| MOMENTUM * f64::from(old) + (1.0 - MOMENTUM) * new;
    let kept = weights(&model);
    assert_close(&kept[2], &[0, 1].map(|c| moved(MOVING_MEAN[c], mean[c])), 1e-5, "moving mean");
    let expected = [0, 1].map(|c| moved(MOVING_VARIANCE[c], correction * variance[c]));
    assert_close(&kept[3], &expected, 1e-5, "moving variance");
    assert_eq!((kept[0].as_slice(), kept[1].as_slice()), (&GAMMA[..], &BETA[..]), "gamma and beta");
}

#[test]
fn images_move_by_the_unbiased_variance() {
    check(&[2, 2, 3, 2], true);
}

#[test]
fn vectors_move_by_the_biased_variance() {
    check(&[5, 2], false);
}

#[test]
fn inference_takes_the_moving_statistics_and_leaves_them() {
    for shape in [&[2, 2, 3, 2][..], &[5, 2]] {
        let (x, model) = (input(shape), layer(&shape[1..]));
        let before = weights(&model);
        let y = model.predict(&x).unwrap();
        let expected = normalized(&x, MOVING_MEAN.map(f64::from), MOVING_VARIANCE.map(f64::from));
        assert_close(&numbers(&y), &expected, 1e-5, "inference");
        assert_eq!(weights(&model), before);
    }
}

#[test]
fn the_defaults_are_those_of_keras() {
    let model = single(BatchNormalization::new(), &[2]);
    assert_eq!(weights(&model), [[1.0, 1.0], [0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]);
    let names: Vec<_> = model.weights().into_iter().map(|(name, weight)| (name, weight.trainable)).collect();
    let expected = [("gamma", true), ("beta", true), ("moving_mean", false), ("moving_variance", false)];
    assert_eq!(names, expected.map(|(name, trainable)| (format!("batch_normalization/{name}"), trainable)));
    let _ = model.forward(&tensor(&[1.0, 2.0, 3.0, 4.0], &[2, 2]), true).unwrap();
    assert_close(&weights(&model)[2], &[0.02, 0.03], 1e-6, "momentum 0.99");
    // Variance 0: epsilon alone stands under the root.
    let (x, wide) = (tensor(&[0.1], &[1, 1]), single(BatchNormalization::new().epsilon(3.0), &[1]));
    assert_close(&numbers(&wide.predict(&x).unwrap()), &[0.05], 1e-7, "epsilon 3");
}
