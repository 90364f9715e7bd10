//! Layers that can't be: each error says what was found, what is expected and what to do.

use super::common::{assert_refused, model, noise};
use gan_nb::nn::{BatchNormalization, Conv2D, Conv2DTranspose, Dense, LayerConfig, Padding, Reshape};

/// Fails unless adding the layer for such inputs is an error with these parts and leaves the model as it was.
fn refused(layer: impl LayerConfig, input_shape: &[i64], parts: &[&str]) {
    let mut model = model("refused", input_shape, 1);
    assert_refused(model.add(layer), parts);
    assert!(model.weights().is_empty());
    assert_eq!(model.output_shape(), input_shape);
}

#[test]
fn counts_of_zero() {
    let image = &[8, 8, 3];
    refused(Dense::new(0), &[3], &["Dense's units is 0", "1 or more"]);
    refused(Conv2D::new(0, 3), image, &["Conv2D's filters is 0", "1 or more"]);
    refused(Conv2D::new(4, 0), image, &["Conv2D's kernel_size is 0"]);
    refused(Conv2D::new(4, 3).strides(-1), image, &["Conv2D's strides is -1"]);
    refused(Conv2DTranspose::new(0, 3), image, &["Conv2DTranspose's filters is 0"]);
    refused(Conv2DTranspose::new(4, -2), image, &["Conv2DTranspose's kernel_size is -2"]);
    refused(Conv2DTranspose::new(4, 3).strides(0), image, &["Conv2DTranspose's strides is 0"]);
}

#[test]
fn inputs_of_another_rank() {
    refused(Dense::new(2), &[8, 8, 3], &["Dense", "(None, 8, 8, 3)", "(None, features)", "Flatten"]);
    let image = "(None, height, width, channels)";
    refused(Conv2D::new(4, 3), &[10], &["Conv2D", "(None, 10)", image, "Reshape"]);
    refused(Conv2DTranspose::new(4, 3), &[10, 2], &["Conv2DTranspose", "(None, 10, 2)", image, "Reshape"]);
    refused(BatchNormalization::new(), &[4, 4], &["BatchNormalization", "(None, 4, 4)", image, "(None, channels)"]);
}

#[test]
fn a_reshape_to_another_number_of_values() {
    refused(Reshape::new([2, 2, 3]), &[10], &["Reshape to (None, 2, 2, 3)", "(None, 10), 10 values", "12 values"]);
}

#[test]
fn a_kernel_larger_than_the_image() {
    let parts = ["Conv2D", "(None, 4, 9, 1)", "at least 5 x 5 pixels", "Padding::Same"];
    refused(Conv2D::new(1, 5), &[4, 9, 1], &parts);
    refused(Conv2D::new(1, 5), &[9, 4, 1], &["(None, 9, 4, 1)", "at least 5 x 5 pixels"]);
    model("fits", &[4, 9, 1], 1).add(Conv2D::new(1, 5).padding(Padding::Same)).unwrap();
}

#[test]
fn a_momentum_out_of_range() {
    for (momentum, found) in [(1.5, "1.5"), (-0.1, "-0.1"), (f64::NAN, "NaN")] {
        let parts = [&format!("BatchNormalization's momentum is {found}"), "0 to 1"];
        refused(BatchNormalization::new().momentum(momentum), &[4], &parts);
    }
}

#[test]
fn an_input_of_another_shape() {
    let mut dense = model("judge", &[3], 1);
    dense.add(Dense::new(2)).unwrap();
    let parts = ["judge", "(None, 3)", "the batch"];
    for (shape, found) in [(&[2, 4][..], "(2, 4)"), (&[3], "(3)"), (&[0, 3], "(0, 3)"), (&[2, 3, 1], "(2, 3, 1)")] {
        let x = noise(1, shape);
        assert_refused(dense.forward(&x, true), &[&parts[..], &[found]].concat());
        assert_refused(dense.predict(&x), &[found]);
        assert_refused(dense.logits(&x, false), &[found]);
    }
}
