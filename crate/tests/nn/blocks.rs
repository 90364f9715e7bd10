//! UpSampling2D and Residual.

use super::common::{assert_close, assert_refused, model, noise, numbers, single, tensor, weight, weights};
use gan_nb::nn::{
    Activation, AveragePooling2D, BatchNormalization, Conv2D, Dense, GlobalSumPooling2D, LeakyReLU, Padding::Same,
    Residual, UpSampling2D,
};
use tch::Kind;

#[test]
fn nearest_upsampling_repeats_pixels_with_all_their_channels() {
    let layer = single(UpSampling2D::new(2), &[2, 1, 2]);
    let y = layer.predict(&tensor(&[1.0, 10.0, 2.0, 20.0], &[1, 2, 1, 2])).unwrap();
    assert_eq!(y.size(), [1, 4, 2, 2]);
    let [a, b] = [[1.0, 10.0], [2.0, 20.0]];
    assert_eq!(numbers(&y), [a, a, a, a, b, b, b, b].concat());
    assert_eq!(single(UpSampling2D::new(3), &[4, 5, 1]).output_shape(), [12, 15, 1]);
}

#[test]
fn bilinear_upsampling_is_keras_s() {
    // tf.keras.layers.UpSampling2D(2, interpolation='bilinear') on [[0, 4]]: pixel centres lie at half pixels.
    let layer = single(UpSampling2D::new(2).bilinear(), &[1, 2, 1]);
    let y = layer.predict(&tensor(&[0.0, 4.0], &[1, 1, 2, 1])).unwrap();
    assert_eq!(numbers(&y), [0.0, 1.0, 3.0, 4.0, 0.0, 1.0, 3.0, 4.0]);
}

#[test]
fn upsampling_carries_gradients_back() {
    let x = noise(1, &[1, 2, 2, 3]).set_requires_grad(true);
    single(UpSampling2D::new(2), &[2, 2, 3]).forward(&x, true).unwrap().sum(Kind::Float).backward();
    assert_eq!(numbers(&x.grad()), [4.0; 12], "each pixel counts four times");
}

#[test]
fn a_residual_block_is_x_plus_f_of_x() {
    let mut block = single(Residual::new().add(Dense::new(2).activation(Activation::Relu)), &[2]);
    block.set_weights(&[tensor(&[1.0, 0.0, 0.0, -1.0], &[2, 2]), tensor(&[0.5, 0.0], &[2])]).unwrap();
    let y = block.predict(&tensor(&[1.0, 2.0, -3.0, -4.0], &[2, 2])).unwrap();
    assert_eq!(numbers(&y), [2.5, 2.0, -3.0, 0.0]);
    assert_eq!(
        numbers(&block.logits(&tensor(&[-3.0, 2.0], &[1, 2]), false).unwrap()),
        [-3.0, 2.0],
        "it ends in the sum"
    );
}

#[test]
fn a_shortcut_changes_the_shape_too() {
    let f = || Residual::new().add(Conv2D::new(4, 4).strides(2).padding(Same)).add(LeakyReLU::new(0.2));
    let block = single(f().shortcut(AveragePooling2D::new(2)).shortcut(Conv2D::new(4, 1)), &[4, 4, 3]);
    let names: Vec<String> = block.weights().into_iter().map(|(name, _)| name).collect();
    let own = ["conv2d/kernel", "conv2d/bias", "shortcut/conv2d/kernel", "shortcut/conv2d/bias"];
    assert_eq!(names, own.map(|name| format!("residual/{name}")));
    let x = noise(2, &[2, 4, 4, 3]);
    let [kernel, bias, small, shift] = [0, 1, 2, 3].map(|i| block.weights()[i].1.value.detach().copy());
    let (mut way, mut short) = (model("f", &[4, 4, 3], 1), model("s", &[4, 4, 3], 1));
    way.add(Conv2D::new(4, 4).strides(2).padding(Same)).unwrap().add(LeakyReLU::new(0.2)).unwrap();
    short.add(AveragePooling2D::new(2)).unwrap().add(Conv2D::new(4, 1)).unwrap();
    way.set_weights(&[kernel, bias]).unwrap();
    short.set_weights(&[small, shift]).unwrap();
    let expected = numbers(&(way.predict(&x).unwrap() + short.predict(&x).unwrap()));
    let expected: Vec<f64> = expected.into_iter().map(f64::from).collect();
    assert_close(&numbers(&block.predict(&x).unwrap()), &expected, 1e-6, "s(x) + f(x)");
    let mut refused = model("refused", &[4, 4, 3], 1);
    assert_refused(refused.add(f()).map(drop), &["Residual's sum x + f(x)", "(None, 2, 2, 4) from f", "as x"]);
    let short = f().shortcut(Conv2D::new(4, 1));
    assert_refused(refused.add(short).map(drop), &["s(x) + f(x)", "(None, 4, 4, 4), as the shortcut"]);
}

#[test]
fn pooling_averages_squares_and_sums_images() {
    let x = tensor(&[1.0, 10.0, 3.0, 30.0, 5.0, 50.0, 7.0, 70.0], &[1, 2, 2, 2]);
    assert_eq!(numbers(&single(AveragePooling2D::new(2), &[2, 2, 2]).predict(&x).unwrap()), [4.0, 40.0]);
    let sum = single(GlobalSumPooling2D::new(), &[2, 2, 2]).predict(&x).unwrap();
    assert_eq!((sum.size(), numbers(&sum)), (vec![1, 2], vec![16.0, 160.0]));
    let even = single(GlobalSumPooling2D::new().normalized(), &[2, 2, 2]).predict(&x).unwrap();
    assert_eq!(numbers(&even), [8.0, 80.0]);
    let mut odd = model("odd", &[3, 4, 1], 1);
    assert_refused(odd.add(AveragePooling2D::new(2)).map(drop), &["pool_size is 2", "a divisor of 3 and 4"]);
}

#[test]
fn layers_in_a_block_are_those_of_a_model() {
    let x = noise(2, &[3, 4, 4, 5]);
    let layers = || (Conv2D::new(5, 3).padding(Same), LeakyReLU::new(0.2), BatchNormalization::new());
    let (conv, leaky, norm) = layers();
    let block = single(Residual::new().add(conv).add(leaky).add(norm), &[4, 4, 5]);
    let mut plain = model("single", &[4, 4, 5], 1);
    let (conv, leaky, norm) = layers();
    plain.add(conv).unwrap().add(leaky).unwrap().add(norm).unwrap();
    assert_eq!(weights(&block), weights(&plain), "the same stream of first values");
    for train in [true, false] {
        let expected = &x + plain.forward(&x, train).unwrap();
        let expected: Vec<f64> = numbers(&expected).into_iter().map(f64::from).collect();
        assert_close(&numbers(&block.forward(&x, train).unwrap()), &expected, 1e-6, &format!("train = {train}"));
    }
    let moved = numbers(&weight(&block, "residual/batch_normalization/moving_mean"));
    assert!(moved.iter().all(|mean| *mean != 0.0), "`train` reaches the layers inside");
}

#[test]
fn a_block_names_and_counts_its_weights() {
    let mut two = model("two", &[4, 4, 2], 1);
    let block = || Residual::new().add(Conv2D::new(2, 1)).add(BatchNormalization::new()).add(Conv2D::new(2, 1));
    two.add(block()).unwrap().add(block()).unwrap();
    let names: Vec<String> = two.weights().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names[0], "residual/conv2d/kernel");
    assert_eq!(names[4], "residual/batch_normalization/moving_mean");
    assert_eq!(names[15], "residual_1/conv2d_1/bias");
    let summary = two.summary();
    assert_eq!(summary.rows().nth(1), Some(("residual_1 (Residual)", "(None, 4, 4, 2)", 20)));
    assert_eq!((summary.total_params(), summary.trainable_params()), (40, 32));
    assert_eq!(two.trainable_weights().len(), 12);
}

#[test]
fn a_block_in_a_block() {
    let inner = Residual::new().add(Dense::new(1));
    let mut block = single(Residual::new().add(inner).add(Dense::new(1)), &[1]);
    let [two, three, zero] = [2.0, 3.0, 0.0].map(|v| tensor(&[v], &[1]));
    block.set_weights(&[two.view([1, 1]), zero.copy(), three.view([1, 1]), zero]).unwrap();
    assert_eq!(numbers(&block.predict(&tensor(&[1.0], &[1, 1])).unwrap()), [10.0]); // 1 + 3·(1 + 2·1)
    assert_eq!(block.weights()[0].0, "residual/residual/dense/kernel");
}

#[test]
fn blocks_that_can_t_be() {
    let mut model = model("refused", &[4, 4, 3], 1);
    let parts = ["Residual", "(None, 4, 4, 5) from f", "(None, 4, 4, 3), as x", "filters"];
    assert_refused(model.add(Residual::new().add(Conv2D::new(5, 3).padding(Same))), &parts);
    assert_refused(model.add(Residual::new().add(Conv2D::new(3, 3))), &["(None, 2, 2, 3) from f", "Padding::Same"]);
    assert_refused(model.add(Residual::new()), &["number of layers is 0", "1 or more"]);
    assert_refused(model.add(Residual::new().add(Conv2D::new(0, 3))), &["Conv2D's filters is 0"]);
    assert_refused(model.add(UpSampling2D::new(0)), &["UpSampling2D's size is 0", "1 or more"]);
    assert!(model.weights().is_empty());
    let parts = ["UpSampling2D", "(None, 9)", "(None, height, width, channels)"];
    assert_refused(super::common::model("flat", &[9], 1).add(UpSampling2D::new(2)), &parts);
}
