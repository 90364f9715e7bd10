//! What is faster where no gradients are recorded: batch normalization in place, and convolutions with few filters as one
//! product. Both against the plain formulas in float64.

use super::common::{assert_close, device, model, noise, numbers, weights};
use gan_nb::nn::{
    Activation, BatchNormalization, Context, Conv2D, Dense, Init, LayerConfig, LeakyReLU, Padding::Same, Reshape,
    Sequential,
};
use gan_nb::random;
use tch::{Device, Kind, Tensor, no_grad};

/// 5 numbers → (6, 7, 3): a batch normalization after an activation, after a LeakyReLU and right after a convolution, then
/// a convolution with few filters. All weights are random, and the variances positive.
fn network() -> Sequential {
    let mut model = model("network", &[5], 1);
    model.add(Dense::new(6 * 7 * 8).activation(Activation::Relu)).unwrap().add(Reshape::new([6, 7, 8])).unwrap();
    model.add(BatchNormalization::new()).unwrap();
    model.add(Conv2D::new(16, 3).padding(Same)).unwrap().add(LeakyReLU::new(0.2)).unwrap();
    model.add(BatchNormalization::new().epsilon(0.1)).unwrap();
    model.add(Conv2D::new(64, 3).padding(Same)).unwrap().add(BatchNormalization::new()).unwrap();
    model.add(Conv2D::new(3, 3).padding(Same).activation(Activation::Tanh)).unwrap();
    randomize(&mut model);
    model
}

fn randomize(model: &mut Sequential) {
    let values = (10..).zip(model.weights()).map(|(seed, (_, weight))| {
        let drawn = noise(seed, &weight.value.size());
        match weight.name.as_str() {
            "kernel" => drawn * 0.03,
            "bias" => drawn * 0.3,
            "moving_variance" => drawn.abs() + 0.5,
            _ => drawn,
        }
    });
    model.set_weights(&values.collect::<Vec<_>>()).unwrap();
}

fn double(weights: &[Tensor]) -> Vec<Tensor> {
    weights.iter().map(|w| w.detach().to_kind(Kind::Double)).collect()
}

/// The network's function of its weights, in float64 and with none of its layers.
fn plain(w: &[Tensor], z: &Tensor) -> Tensor {
    let norm =
        |x: &Tensor, at: usize, epsilon: f64| (x - &w[at + 2]) / (&w[at + 3] + epsilon).sqrt() * &w[at] + &w[at + 1];
    let conv = |x: &Tensor, at: usize| {
        let kernel = w[at].permute([3, 2, 0, 1]);
        x.permute([0, 3, 1, 2]).conv2d(&kernel, Some(&w[at + 1]), [1, 1], [1, 1], [1, 1], 1).permute([0, 2, 3, 1])
    };
    let x = (z.to_kind(Kind::Double).matmul(&w[0]) + &w[1]).relu().reshape([-1, 6, 7, 8]);
    let x = conv(&norm(&x, 2, 1e-3), 6);
    let x = norm(&x.maximum(&(&x * 0.2)), 8, 0.1);
    conv(&norm(&conv(&x, 12), 14, 1e-3), 18).tanh()
}

fn all_weights(model: &Sequential) -> Vec<Tensor> {
    model.weights().into_iter().map(|(_, weight)| weight.value).collect()
}

fn doubles(x: &Tensor) -> Vec<f64> {
    Vec::try_from(x.detach().contiguous().flatten(0, -1)).unwrap()
}

#[test]
fn prediction_is_the_plain_composition_in_double_precision() {
    let (model, z) = (network(), noise(2, &[4, 5]));
    let before = weights(&model);
    let expected = doubles(&plain(&double(&all_weights(&model)), &z));
    assert!(expected.iter().filter(|y| y.abs() < 0.9).count() > expected.len() / 2, "tanh hides too much");
    for _ in 0..2 {
        assert_close(&numbers(&model.predict(&z).unwrap()), &expected, 1e-5, "predicted");
    }
    assert_close(&numbers(&model.forward(&z, false).unwrap()), &expected, 1e-5, "recorded");
    assert_eq!(weights(&model), before);
}

/// What is recorded is not written over: the way back needs it.
#[test]
fn gradients_in_inference_mode_are_those_of_the_plain_composition() {
    let (model, z) = (network(), noise(5, &[3, 5]));
    let all = all_weights(&model);
    let plain_weights: Vec<Tensor> = double(&all).into_iter().map(|w| w.set_requires_grad(true)).collect();
    let plain_loss = plain(&plain_weights, &z).square().sum(Kind::Double);
    let loss = model.forward(&z, false).unwrap().square().sum(Kind::Float);
    let trained: Vec<usize> = (0..all.len()).filter(|i| all[*i].requires_grad()).collect();
    let of = |loss: &Tensor, weights: &[Tensor]| {
        let wanted: Vec<&Tensor> = trained.iter().map(|i| &weights[*i]).collect();
        Tensor::run_backward(&[loss], &wanted, false, false)
    };
    for (found, expected) in of(&loss, &all).iter().zip(of(&plain_loss, &plain_weights)) {
        let scale = expected.abs().max();
        assert!(scale.double_value(&[]) > 0.0);
        assert_close(&numbers(&(found / &scale)), &doubles(&(expected / &scale)), 1e-5, "gradient");
    }
}

#[test]
fn batch_normalization_writes_over_its_input_where_it_may_and_only_there() {
    let shape = [4, 5, 6];
    let init = &mut Init::new(random::stream(1, "test"), device());
    let layer = BatchNormalization::new().build(&shape, init).unwrap();
    let in_place = |train: bool| {
        let x = noise(3, &[2, 4, 5, 6]);
        let y = layer.forward_owned(x.shallow_clone(), Context::new(train)).unwrap();
        assert_eq!(y.data_ptr() == x.data_ptr(), x != noise(3, &[2, 4, 5, 6]));
        y.data_ptr() == x.data_ptr()
    };
    // CUDA has kernels of its own for it.
    assert_eq!(no_grad(|| in_place(false)), device() == Device::Cpu, "inference");
    assert!(!no_grad(|| in_place(true)), "training statistics");
    assert!(!in_place(false), "gamma and beta are recorded");
}

/// The two ways round differently, so that one can tell which was taken.
#[test]
fn few_filters_are_one_product_in_inference_and_a_convolution_where_gradients_may_be_wanted() {
    let built = |layer: Conv2D, channels: i64| {
        let mut model = model("one", &[9, 8, channels], 1);
        model.add(layer).unwrap();
        randomize(&mut model);
        let x = noise(4, &[5, 9, 8, channels]);
        let recorded = model.forward(&x, false).unwrap();
        (model, x, recorded)
    };
    let (model, x, recorded) = built(Conv2D::new(3, 3).padding(Same), 64);
    assert!(recorded.requires_grad());
    let product = model.predict(&x).unwrap();
    if device() == Device::Cpu {
        assert_ne!(product, recorded);
    } else {
        // There the convolution is the faster one.
        assert_eq!(product, recorded);
    }
    assert!(product.is_contiguous(), "channels last, as other layers give");
    let difference = (&product - &recorded).abs().max().double_value(&[]);
    assert!(difference < 1e-5, "{difference}");
    assert_eq!(no_grad(|| model.forward(&x, true)).unwrap(), recorded, "training mode");
    assert_eq!(no_grad(|| model.forward(&x.copy().set_requires_grad(true), false)).unwrap(), recorded);
    for (layer, channels) in [
        (Conv2D::new(4, 3).padding(Same), 64),
        (Conv2D::new(3, 3).padding(Same), 63),
        (Conv2D::new(3, 3).padding(Same).strides(2), 64),
        (Conv2D::new(3, 1), 64),
    ] {
        let (model, x, recorded) = built(layer, channels);
        assert_eq!(model.predict(&x).unwrap(), recorded, "{layer:?}");
    }
}
