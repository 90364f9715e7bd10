//! The gradient of a squared gradient, through every layer, against finite differences in float64: what gradient penalties need.

use super::common::{device, integers, model, noise, skipped};
use gan_nb::loss::penalty::squared_gradient;
use gan_nb::nn::{
    Activation, AveragePooling2D, BatchNormalization, CategoryEncoding, ConditionalBatchNormalization, Conv2D,
    Conv2DTranspose, Dense, Embedding, Flatten, GlobalSumPooling2D, LayerConfig, LeakyReLU, Padding, Projection,
    Reshape, Residual, Sequential, UpSampling2D,
};
use gan_nb::platform::device::is_deterministic;
use tch::{Kind, Tensor, no_grad};

/// A model of this layer in float64, or of it and what it needs before it.
fn in_float64(layer: impl LayerConfig, input_shape: &[i64]) -> Sequential {
    let mut model = model("m", input_shape, 1);
    model.add(layer).unwrap();
    for (_, weight) in model.weights() {
        let mut value = weight.value;
        let is_recorded = value.requires_grad();
        value.set_data(&value.detach().to_kind(Kind::Double));
        let _ = value.set_requires_grad(is_recorded);
    }
    model
}

/// E[‖∇ Σ (r · layer(x))²‖²]: with a square, so that the layers without a kink have a second derivative too.
fn penalty(model: &Sequential, x: &Tensor, classes: &Tensor, train: bool) -> Tensor {
    let y = model.forward_with(x, Some(classes), train).unwrap();
    let r = noise(3, &y.size()).to_kind(Kind::Double);
    let scores = (y * r).square().flatten(1, -1).sum_dim_intlist(Some(&[1i64][..]), false, None::<Kind>);
    squared_gradient(&scores, x).unwrap()
}

/// The penalty's slope along a direction of `changed`, by its gradient and by a central difference.
fn slopes(changed: &Tensor, penalty: impl Fn() -> Tensor) -> [f64; 2] {
    let direction = noise(4, &changed.size()).to_kind(Kind::Double);
    let loss = penalty();
    let gradient = Tensor::run_backward(&[loss], &[changed], false, false).pop().unwrap();
    let by_gradient =
        if gradient.defined() { (gradient * &direction).sum(Kind::Double).double_value(&[]) } else { 0.0 };
    let moved = |way: f64| {
        no_grad(|| {
            let _ = changed.shallow_clone().g_add_(&(&direction * way));
        });
        penalty().double_value(&[])
    };
    let h = 1e-5;
    let (up, down) = (moved(h), moved(-2.0 * h));
    moved(h);
    [by_gradient, (up - down) / (2.0 * h)]
}

/// Of the input and of each trainable weight.
fn check(name: &str, layer: impl LayerConfig, input_shape: &[i64], train: bool) {
    check_model(name, &in_float64(layer, input_shape), input_shape, train);
}

/// The same, computed by libtorch's convolutions and as matrix products.
fn check_both(name: &str, layer: impl LayerConfig, input_shape: &[i64], train: bool) {
    let mut model = in_float64(layer, input_shape);
    for products in [false, true] {
        model.set_products(products);
        check_model(&format!("{name}, products: {products}"), &model, input_shape, train);
    }
}

fn check_model(name: &str, model: &Sequential, input_shape: &[i64], train: bool) {
    let shape = [&[3], input_shape].concat();
    let x = noise(2, &shape).to_kind(Kind::Double).set_requires_grad(true);
    let classes = integers(&[0, 2, 1]);
    let before: Vec<Tensor> = model.weights().iter().map(|(_, weight)| weight.value.detach().copy()).collect();
    let of = || {
        // What only training updates is put back, so that every look sees the same function.
        no_grad(|| {
            for ((_, weight), before) in model.weights().into_iter().zip(&before) {
                if !weight.trainable {
                    weight.value.shallow_clone().copy_(before);
                }
            }
        });
        penalty(model, &x, &classes, train)
    };
    let mut all = vec![("x".to_string(), x.shallow_clone())];
    all.extend(model.weights().into_iter().filter(|(_, w)| w.trainable).map(|(name, w)| (name, w.value)));
    let mut largest: f64 = 0.0;
    for (what, tensor) in all {
        let [found, expected] = slopes(&tensor, of);
        largest = largest.max(expected.abs());
        let tolerance = 1e-5 * expected.abs().max(1.0);
        assert!((found - expected).abs() <= tolerance, "{name}, {what}: {found}, by differences {expected}");
    }
    assert!(largest > 1e-3, "{name}: the penalty depends on nothing, so this shows nothing");
}

#[test]
fn through_dense_and_its_activations() {
    for activation in [Activation::Linear, Activation::Relu, Activation::Sigmoid, Activation::Tanh] {
        check(&format!("{activation:?}"), Dense::new(5).activation(activation), &[4], true);
    }
    check("Activation", Activation::Tanh, &[4], true);
}

#[test]
fn through_leaky_re_lu() {
    check("LeakyReLU", LeakyReLU::new(0.2), &[4, 4, 3], true);
    check("LeakyReLU after Dense", Residual::new().add(Dense::new(4)).add(LeakyReLU::new(0.2)), &[4], true);
    // The second layer may write over the first one's result where nothing is recorded.
    check("two in a row", Residual::new().add(LeakyReLU::new(0.2)).add(LeakyReLU::new(0.3)), &[4], true);
}

#[test]
fn through_convolutions() {
    for padding in [Padding::Same, Padding::Valid] {
        for (kernel, strides) in [(3, 1), (3, 2), (4, 2), (1, 1)] {
            let name = format!("{padding:?} {kernel} {strides}");
            check_both(&name, Conv2D::new(2, kernel).strides(strides).padding(padding), &[6, 6, 3], true);
            let transposed = Conv2DTranspose::new(2, kernel).strides(strides).padding(padding);
            check_both(&format!("{name} transposed"), transposed, &[3, 3, 2], true);
        }
    }
    check("tanh", Conv2D::new(2, 3).activation(Activation::Tanh), &[6, 6, 3], true);
}

/// In inference, where the two vectors stay: in training they follow the kernel, and by definition no gradient goes that way.
#[test]
fn through_spectral_normalization() {
    check("Dense", Dense::new(5).spectral_normalization(), &[4], false);
    check_both("Conv2D", Conv2D::new(2, 3).padding(Padding::Same).spectral_normalization(), &[5, 5, 3], false);
    check_both("Conv2DTranspose", Conv2DTranspose::new(2, 4).strides(2).spectral_normalization(), &[3, 3, 2], false);
    check("Projection", Projection::new(3).spectral_normalization(), &[4], false);
}

/// With 64 channels and 3 filters, inference has a path of its own, which must not be taken where gradients are wanted.
#[test]
fn through_few_filters_in_inference() {
    check("few filters", Conv2D::new(3, 3).padding(Padding::Same), &[4, 4, 64], false);
}

#[test]
fn through_batch_normalization() {
    for train in [true, false] {
        for shape in [&[5][..], &[3, 4, 2]] {
            check(&format!("{shape:?} {train}"), BatchNormalization::new(), shape, train);
            check(&format!("{shape:?} {train} by class"), ConditionalBatchNormalization::new(3), shape, train);
        }
    }
}

#[test]
fn through_layers_that_move_pixels() {
    check("Flatten", Flatten, &[2, 3, 2], true);
    check("Reshape", Reshape::new([2, 3]), &[6], true);
    check("UpSampling2D", UpSampling2D::new(2), &[2, 3, 2], true);
    if device().is_cuda() && is_deterministic() {
        skipped("through_layers_that_move_pixels", "CUDA has no deterministic gradient of a bilinear enlargement");
    } else {
        check("bilinear", UpSampling2D::new(2).bilinear(), &[2, 3, 2], true);
    }
    check("AveragePooling2D", AveragePooling2D::new(2), &[4, 6, 2], true);
    check("GlobalSumPooling2D", GlobalSumPooling2D::new(), &[4, 3, 2], true);
}

#[test]
fn through_layers_that_know_the_class() {
    check("CategoryEncoding", Residual::new().add(CategoryEncoding::new(3)).add(Dense::new(4)), &[4], true);
    check("Embedding", Embedding::new(3, 2), &[4], true);
    check("Projection", Projection::new(3), &[4], true);
}

#[test]
fn through_a_block_with_a_shortcut() {
    let f = Residual::new().add(LeakyReLU::new(0.2)).add(Conv2D::new(4, 4).strides(2).padding(Padding::Same));
    check("block", f.shortcut(AveragePooling2D::new(2)).shortcut(Conv2D::new(4, 1)), &[4, 4, 2], true);
}
