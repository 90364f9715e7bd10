use super::*;
use crate::nn::{Conv2D, Conv2DTranspose, LayerConfig, Padding, Sequential};
use crate::random;
use tch::Kind;

/// y, and the gradients of Σ (r · y) with respect to the input, the kernel and the bias.
fn results(model: &Sequential, x: &Tensor) -> Vec<Tensor> {
    let y = model.forward(x, true).unwrap();
    let r = noise(&y.size());
    let weights: Vec<Tensor> = model.weights().into_iter().map(|(_, weight)| weight.value).collect();
    let all: Vec<&Tensor> = std::iter::once(x).chain(&weights).collect();
    let gradients = Tensor::run_backward(&[(&y * r).sum(Kind::Float)], &all, false, false);
    std::iter::once(y.detach()).chain(gradients).collect()
}

fn noise(shape: &[i64]) -> Tensor {
    random::normal(&mut random::stream(1, "test"), shape, Device::Cpu).unwrap()
}

/// Whatever is a product, the numbers are those of libtorch's convolution.
fn check(what: &str, layer: impl LayerConfig, input_shape: &[i64]) {
    let mut model = Sequential::new_on(Device::Cpu, "m", input_shape, 1);
    model.add(layer).unwrap();
    let x = noise(&[&[3], input_shape].concat()).set_requires_grad(true);
    let expected = results(&model, &x);
    for products in (1..=7).map(Products) {
        model.set_products_of_each(&[products]);
        for (i, (found, expected)) in results(&model, &x).iter().zip(&expected).enumerate() {
            assert_eq!(found.size(), expected.size(), "{what}, {products:?}, tensor {i}");
            let apart = (found - expected).abs().max().double_value(&[]);
            let largest = expected.abs().max().double_value(&[]);
            assert!(apart <= 1e-5 * largest.max(1.0), "{what}, {products:?}, tensor {i}: {apart} of {largest}");
        }
    }
    model.set_products(false);
    for (found, expected) in results(&model, &x).iter().zip(&expected) {
        assert!(found.equal(expected), "{what}: switched off again");
    }
}

#[test]
fn products_give_the_numbers_of_convolutions() {
    for padding in [Padding::Same, Padding::Valid] {
        for (kernel, strides) in (1..=5).flat_map(|kernel| (1..=3).map(move |strides| (kernel, strides))) {
            for (rows, columns) in [(6, 6), (5, 7)] {
                let what = format!("{rows} x {columns}, kernel {kernel}, strides {strides}, {padding:?}");
                check(&what, Conv2D::new(4, kernel).strides(strides).padding(padding), &[rows, columns, 3]);
                let transposed = Conv2DTranspose::new(3, kernel).strides(strides).padding(padding);
                check(&format!("{what}, transposed"), transposed, &[rows, columns, 4]);
            }
        }
    }
}

/// So large that native/convolution.cpp lays out the windows of two images and then those of the third.
#[test]
fn products_of_large_images_are_made_piece_by_piece() {
    check("large", Conv2D::new(2, 3).padding(Padding::Same), &[56, 56, 16]);
    check("large, transposed", Conv2DTranspose::new(16, 3).padding(Padding::Same), &[56, 56, 2]);
}

#[test]
fn a_layer_that_is_refused_leaves_no_convolution() {
    let mut model = Sequential::new_on(Device::Cpu, "m", [6, 6, 3], 1);
    model.add(Conv2D::new(3, 3).padding(Padding::Same)).unwrap();
    let f = crate::nn::Residual::new().add(Conv2D::new(3, 3).padding(Padding::Same)).add(Conv2D::new(3, 3));
    model.add(f).unwrap_err();
    assert_eq!(model.products().len(), 1);
}

/// In 16 bits there is only libtorch's way.
#[test]
fn mixed_precision_has_no_products() {
    let mut model = Sequential::new_on(Device::Cpu, "m", [6, 6, 3], 1);
    model.add(Conv2D::new(3, 3)).unwrap();
    model.set_products(true);
    assert_eq!(model.products(), [Products::ALL]);
    model.set_mixed_precision(true);
    assert_eq!(model.products(), [Products::NONE]);
    model.set_products(true);
    assert_eq!(model.products(), [Products::NONE]);
    model.set_products_of_each(&[Products::ALL]);
    assert_eq!(model.products(), [Products::NONE]);
}
