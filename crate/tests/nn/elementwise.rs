//! Dense, Reshape, Flatten, LeakyReLU and the activations.

use super::common::{assert_close, model, noise, numbers, single, tensor};
use gan_nb::nn::{Activation, Conv2D, Dense, Flatten, LeakyReLU, Reshape};
use tch::{Kind, Tensor};

#[test]
fn dense_is_x_times_kernel_plus_bias() {
    let mut dense = single(Dense::new(2), &[3]);
    let kernel = tensor(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[3, 2]);
    dense.set_weights(&[kernel, tensor(&[0.5, -0.5], &[2])]).unwrap();
    let y = dense.predict(&tensor(&[1.0, 0.0, -1.0, 2.0, 1.0, 0.0], &[2, 3])).unwrap();
    assert_eq!(y.size(), [2, 2]);
    assert_eq!(numbers(&y), [-3.5, -4.5, 5.5, 7.5]);
}

#[test]
fn reshape_and_flatten_keep_the_order_of_rows_columns_channels() {
    let mut both = model("both", &[12], 1);
    both.add(Reshape::new([2, 3, 2])).unwrap();
    // Picks channel 1: what it gives shows which value went where.
    both.add(Conv2D::new(1, 1)).unwrap();
    both.set_weights(&[tensor(&[0.0, 1.0], &[1, 1, 2, 1]), tensor(&[0.0], &[1])]).unwrap();
    let counting: Vec<f32> = (0..24).map(|i| i as f32).collect();
    let picked = both.predict(&tensor(&counting, &[2, 12])).unwrap();
    assert_eq!(picked.size(), [2, 2, 3, 1]);
    assert_eq!(numbers(&picked), [1.0, 3.0, 5.0, 7.0, 9.0, 11.0, 13.0, 15.0, 17.0, 19.0, 21.0, 23.0]);

    // A convolution's result lies in memory in another order; Flatten has to give (H, W, C) all the same.
    let mut flat = model("flat", &[1, 2, 1], 1);
    flat.add(Conv2D::new(2, 1)).unwrap();
    flat.add(Flatten).unwrap();
    flat.set_weights(&[tensor(&[1.0, 10.0], &[1, 1, 1, 2]), tensor(&[0.0, 0.0], &[2])]).unwrap();
    let y = flat.predict(&tensor(&[1.0, 2.0], &[1, 1, 2, 1])).unwrap();
    assert_eq!(y.size(), [1, 4]);
    assert_eq!(numbers(&y), [1.0, 10.0, 2.0, 20.0]);
}

#[test]
fn leaky_relu_has_its_slope_and_so_has_its_gradient() {
    for slope in [0.2, 0.0, 1.5] {
        let layer = single(LeakyReLU::new(slope), &[3]);
        let x = tensor(&[-2.0, 0.0, 3.0], &[1, 3]).set_requires_grad(true);
        let y = layer.forward(&x, true).unwrap();
        assert_close(&numbers(&y), &[-2.0 * slope, 0.0, 3.0], 1e-6, &format!("LeakyReLU({slope})"));
        y.sum(tch::Kind::Float).backward();
        let gradient = numbers(&x.grad());
        assert_close(&[gradient[0], gradient[2]], &[slope, 1.0], 1e-7, &format!("gradient of LeakyReLU({slope})"));
        assert!(layer.weights().is_empty(), "the slope is no weight");
    }
}

#[test]
fn leaky_relu_is_its_formula_in_double_precision() {
    let x = noise(5, &[4, 7]).to_kind(Kind::Double).set_requires_grad(true);
    let upstream = noise(6, &[4, 7]).to_kind(Kind::Double);
    let y = single(LeakyReLU::new(0.2), &[7]).forward(&x, true).unwrap();
    let slope = x.ge(0.0).to_kind(Kind::Double) * 0.8 + 0.2;
    assert_eq!(y, &x * &slope);
    let gradient = Tensor::run_backward(&[(y * &upstream).sum(Kind::Double)], &[&x], false, false);
    assert_eq!(gradient[0], upstream * slope);
}

#[test]
fn activations_are_their_functions() {
    let x = [-2.0f64, 0.0, 0.5];
    for (activation, expected) in [
        (Activation::Linear, x),
        (Activation::Relu, [0.0, 0.0, 0.5]),
        (Activation::Sigmoid, x.map(|x| 1.0 / (1.0 + (-x).exp()))),
        (Activation::Tanh, x.map(f64::tanh)),
    ] {
        let input = tensor(&x.map(|x| x as f32), &[1, 3]);
        let layer = single(activation, &[3]);
        assert_close(&numbers(&layer.predict(&input).unwrap()), &expected, 1e-6, &format!("layer {activation:?}"));

        let identity = tensor(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0], &[3, 3]);
        let mut dense = single(Dense::new(3).activation(activation), &[3]);
        dense.set_weights(&[identity, tensor(&[0.0; 3], &[3])]).unwrap();
        assert_close(&numbers(&dense.predict(&input).unwrap()), &expected, 1e-6, &format!("argument {activation:?}"));
        for model in [layer, dense] {
            assert_eq!(numbers(&model.logits(&input, false).unwrap()), x.map(|x| x as f32), "logits of {activation:?}");
        }
    }
}

#[test]
fn logits_leave_out_the_last_activation_only() {
    let mut two = model("two", &[1], 1);
    two.add(Dense::new(1).activation(Activation::Relu)).unwrap();
    two.add(Dense::new(1).activation(Activation::Sigmoid)).unwrap();
    let (one, zero) = (tensor(&[1.0], &[1, 1]), tensor(&[0.0], &[1]));
    let (kernel, bias) = (one.copy(), zero.copy());
    two.set_weights(&[kernel, bias, one, zero]).unwrap();
    let x = tensor(&[-3.0, 4.0], &[2, 1]);
    assert_eq!(numbers(&two.logits(&x, false).unwrap()), [0.0, 4.0]);
    assert_close(&numbers(&two.predict(&x).unwrap()), &[0.5, 1.0 / (1.0 + (-4f64).exp())], 1e-6, "with it");
}

/// Without gradients layers write over what is theirs, and over nothing else.
#[test]
fn prediction_leaves_its_input_as_it_was_and_gives_what_forward_gives() {
    let mut views = model("views", &[12], 1);
    views.add(Reshape::new([2, 2, 3])).unwrap().add(LeakyReLU::new(0.2)).unwrap().add(Flatten).unwrap();
    let mut layers = model("layers", &[12], 1);
    layers.add(Dense::new(12).activation(Activation::Relu)).unwrap().add(Reshape::new([2, 2, 3])).unwrap();
    layers.add(Conv2D::new(4, 1)).unwrap().add(LeakyReLU::new(0.2)).unwrap().add(LeakyReLU::new(0.5)).unwrap();
    layers.add(Activation::Tanh).unwrap().add(Flatten).unwrap();
    layers.add(Dense::new(2).activation(Activation::Sigmoid)).unwrap();
    for model in [views, layers] {
        let x = noise(7, &[5, 12]);
        let (before, expected) = (x.copy(), model.forward(&x.copy().set_requires_grad(true), false).unwrap());
        assert_eq!(model.predict(&x).unwrap(), expected, "{}", model.name());
        assert_eq!(model.predict(&x).unwrap(), expected, "{} once more", model.name());
        assert_eq!(x, before, "{}", model.name());
    }
}
