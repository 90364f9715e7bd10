//! Spectral normalization.

use super::common::{floats, model, noise, numbers, single, tensor, weight, weights};
use gan_nb::nn::{Adam, Conv2D, Conv2DTranspose, Dense, LayerConfig, Padding, Projection, Sequential};
use tch::{Kind, Tensor};

/// The largest singular value, by libtorch's own decomposition.
fn largest_singular_value(matrix: &Tensor) -> f64 {
    let (_, singular_values, _) = matrix.detach().to_kind(Kind::Double).svd(true, false);
    singular_values.max().double_value(&[])
}

/// The kernel that the model computes with, from its outputs.
fn effective_kernel(model: &Sequential, inputs: i64) -> Tensor {
    let none = model.predict(&Tensor::zeros([1, inputs], floats())).unwrap();
    model.predict(&Tensor::eye(inputs, floats())).unwrap() - none
}

#[test]
fn a_dense_layer_stretches_by_one_at_most() {
    let mut model = single(Dense::new(6).spectral_normalization(), &[4]);
    let long: Vec<f32> = (0..24).map(|i| (i % 7) as f32 - 2.0).collect();
    let mut values = vec![tensor(&long, &[4, 6])];
    values.extend(weights(&model).iter().skip(1).map(|w| tensor(w, &[w.len() as i64])));
    model.set_weights(&values).unwrap();
    // One step of the iteration at each pass in training: after some dozens the vectors are right.
    for _ in 0..100 {
        let _ = model.forward(&noise(1, &[2, 4]), true).unwrap();
    }
    let kernel = weight(&model, "dense/kernel");
    let (before, after) = (largest_singular_value(&kernel), largest_singular_value(&effective_kernel(&model, 4)));
    assert!(before > 5.0 && (after - 1.0).abs() < 1e-4, "{before} became {after}");
    let apart = (effective_kernel(&model, 4) * before - kernel).abs().max().double_value(&[]);
    assert!(apart < 1e-3, "only the length changes: {apart}");
}

#[test]
fn a_first_look_is_near() {
    for seed in 0..5 {
        let mut model = model("m", &[30], seed);
        model.add(Dense::new(20).spectral_normalization()).unwrap();
        let found = largest_singular_value(&effective_kernel(&model, 30));
        assert!((1.0 - 1e-4..1.3).contains(&found), "seed {seed}: {found}");
    }
}

#[test]
fn a_convolution_s_kernel_is_a_matrix_with_a_row_for_each_filter() {
    fn check(name: &str, layer: impl LayerConfig, filters_axis: i64) {
        let with = single(layer, &[4, 4, 3]);
        for _ in 0..200 {
            let _ = with.forward(&noise(1, &[1, 4, 4, 3]), true).unwrap();
        }
        let kernel = weight(&with, &format!("{name}/kernel"));
        let (u, v) = (weight(&with, &format!("{name}/u")), weight(&with, &format!("{name}/v")));
        let matrix = kernel.movedim_int(filters_axis, 0).flatten(1, -1);
        let sigma = u.dot(&matrix.mv(&v)).double_value(&[]);
        let expected = largest_singular_value(&matrix);
        assert!((sigma / expected - 1.0).abs() < 1e-3, "{name}: {sigma}, expected {expected}");
    }
    check("conv2d", Conv2D::new(5, 3).padding(Padding::Same).spectral_normalization(), 3);
    check("conv2d_transpose", Conv2DTranspose::new(5, 4).strides(2).spectral_normalization(), 2);
}

#[test]
fn inference_leaves_the_vectors_as_they_are() {
    let model = single(Dense::new(3).spectral_normalization(), &[4]);
    let names: Vec<String> = model.weights().iter().map(|(name, w)| format!("{name} {}", w.trainable)).collect();
    assert_eq!(names, ["dense/kernel true", "dense/bias true", "dense/u false", "dense/v false"]);
    let before = weights(&model);
    let _ = model.predict(&noise(1, &[2, 4])).unwrap();
    let _ = model.forward(&noise(1, &[2, 4]), false).unwrap();
    assert_eq!(weights(&model), before);
    let _ = model.forward(&noise(1, &[2, 4]), true).unwrap();
    assert_ne!(weights(&model)[2], before[2]);
}

/// Two passes before the way back, as in a discriminator's step on photos and fakes: the second moves the vectors on.
#[test]
fn gradients_of_two_passes_are_those_of_their_own_vectors() {
    let mut model = single(Dense::new(3).spectral_normalization(), &[4]);
    let mut adam = Adam::new(model.trainable_weights());
    let (real, fake) =
        (model.forward(&noise(1, &[2, 4]), true).unwrap(), model.forward(&noise(2, &[2, 4]), true).unwrap());
    let before = weights(&model);
    adam.minimize(&(real.square().mean(Kind::Float) + fake.mean(Kind::Float))).unwrap();
    assert_ne!(weights(&model)[0], before[0]);
    assert_eq!(weights(&model)[2..], before[2..], "only a pass moves the vectors");
    model.set_trainable(false);
    assert!(model.trainable_weights().is_empty());
}

#[test]
fn in_mixed_precision_the_norm_is_computed_in_32_bits() {
    let mut model = single(Dense::new(20).spectral_normalization(), &[30]);
    let full = numbers(&model.predict(&noise(1, &[1, 30])).unwrap());
    model.set_mixed_precision(true);
    let _ = model.forward(&noise(1, &[1, 30]), true).unwrap();
    let u = weight(&model, "dense/u");
    assert_eq!(u.kind(), Kind::Float);
    assert!((u.norm().double_value(&[]) - 1.0).abs() < 1e-5, "u is a unit vector to 32 bits");
    let found = numbers(&model.predict(&noise(1, &[1, 30])).unwrap());
    let apart = full.iter().zip(&found).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(apart < 0.2, "{apart}");
}

#[test]
fn a_projection_normalizes_both_its_tables() {
    let model = single(Projection::new(3).spectral_normalization(), &[4]);
    let names: Vec<String> = model.weights().into_iter().map(|(name, _)| name).collect();
    let own = ["kernel", "bias", "embeddings", "kernel_u", "kernel_v", "embeddings_u", "embeddings_v"];
    assert_eq!(names, own.map(|name| format!("projection/{name}")));
}
