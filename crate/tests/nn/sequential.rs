//! The model around the layers: first weights, setting them, the summary.

use super::common::{assert_refused, model, single, tensor, weights};
use gan_nb::nn::{Activation, BatchNormalization, Conv2D, Conv2DTranspose, Dense, LeakyReLU, Sequential};

fn tiny(name: &str, seed: u64) -> Sequential {
    let mut model = model(name, &[2], seed);
    model.add(Dense::new(16)).unwrap();
    model.add(BatchNormalization::new()).unwrap();
    model.add(LeakyReLU::new(0.2)).unwrap();
    model.add(Dense::new(100).activation(Activation::Sigmoid)).unwrap();
    model
}

#[test]
fn kernels_start_within_glorots_limit_and_fill_it() {
    let dense = single(Dense::new(50), &[100]);
    let conv = single(Conv2D::new(64, 3), &[8, 8, 32]);
    let transpose = single(Conv2DTranspose::new(64, 3), &[8, 8, 32]);
    // √(6 / (fan_in + fan_out)), a convolution's fans being its channels times the pixels of its window.
    let fans = [100 + 50, 9 * (32 + 64), 9 * (32 + 64)];
    for (model, fans) in [dense, conv, transpose].iter().zip(fans) {
        let limit = (6.0 / f64::from(fans)).sqrt();
        let [kernel, bias] = &weights(model)[..] else { panic!("{} weights", model.weights().len()) };
        let mean = kernel.iter().map(|w| f64::from(*w)).sum::<f64>() / kernel.len() as f64;
        let (low, high) = kernel.iter().fold((0f32, 0f32), |(low, high), w| (low.min(*w), high.max(*w)));
        let (low, high) = (f64::from(low) / limit, f64::from(high) / limit);
        assert!((-1.000_001..-0.99).contains(&low) && (0.99..1.000_001).contains(&high), "{low} to {high} limits");
        assert!(mean.abs() < 0.05 * limit, "mean {mean}");
        assert!(bias.iter().all(|b| *b == 0.0));
    }
}

#[test]
fn weights_come_from_seed_and_name() {
    let first = weights(&tiny("a", 7));
    assert_eq!(first, weights(&tiny("a", 7)));
    assert_ne!(first[0], weights(&tiny("a", 8))[0], "another seed");
    assert_ne!(first[0], weights(&tiny("b", 7))[0], "another name");
    let mut twice = model("twice", &[3], 7);
    twice.add(Dense::new(3)).unwrap().add(Dense::new(3)).unwrap();
    assert_ne!(weights(&twice)[0], weights(&twice)[2], "the second layer of a model");
}

#[test]
fn weights_can_be_set_all_or_none() {
    let (mut model, other) = (tiny("model", 1), tiny("other", 2));
    let before = weights(&model);
    let mut values: Vec<_> = other.weights().into_iter().map(|(_, weight)| weight.value).collect();
    assert_refused(model.set_weights(&values[..7]), &["weights for model is 7", "8 tensors", "weights()"]);
    let last = values.len() - 1;
    values[last] = tensor(&[0.0; 99], &[99]);
    assert_refused(model.set_weights(&values), &["model's dense_1/bias", "[99]", "[100]", "another model"]);
    assert_eq!(weights(&model), before, "the first seven did fit");
    values[last] = tensor(&[0.5; 100], &[100]);
    model.set_weights(&values).unwrap();
    assert_eq!(weights(&model)[..7], weights(&other)[..7]);
    assert_eq!(weights(&model)[7], [0.5; 100]);
    assert_eq!(model.trainable_weights().len(), 6, "still recorded for gradients");
}

#[test]
fn the_summary_reads_as_in_keras() {
    let mut model = model("tiny", &[2], 1);
    model.add(Dense::new(600)).unwrap();
    model.add(LeakyReLU::new(0.2)).unwrap();
    model.add(Dense::new(1).activation(Activation::Sigmoid)).unwrap();
    let expected = "\
Model: \"tiny\"
__________________________________________________________________________
Layer (type)                          Output Shape                 Param #
==========================================================================
dense (Dense)                         (None, 600)                     1800
leaky_re_lu (LeakyReLU)               (None, 600)                        0
dense_1 (Dense)                       (None, 1)                        601
==========================================================================
Total params: 2,401
Trainable params: 2,401
Non-trainable params: 0
__________________________________________________________________________";
    assert_eq!(model.summary().to_string(), expected);
    model.set_trainable(false);
    let frozen = expected.replace(
        "Trainable params: 2,401\nNon-trainable params: 0",
        "Trainable params: 0\nNon-trainable params: 2,401",
    );
    assert_eq!(model.summary().to_string(), frozen);
}

#[test]
fn the_summary_counts_moving_statistics_apart() {
    let model = tiny("tiny", 1);
    let summary = model.summary();
    let rows: Vec<_> = summary.rows().collect();
    assert_eq!(rows[1], ("batch_normalization (BatchNormalization)", "(None, 16)", 64));
    let counts = (summary.total_params(), summary.trainable_params(), summary.non_trainable_params());
    assert_eq!(counts, (1812, 1780, 32));
    assert_eq!(model.count_params(), 1812);
    let html = summary.to_html();
    let cells: Vec<&str> = html.split(['<', '>']).skip(2).step_by(2).filter(|text| !text.trim().is_empty()).collect();
    assert_eq!(cells[..5], ["Model: ", "tiny", "Layer (type)", "Output Shape", "Param #"]);
    assert_eq!(cells[5..8], ["dense (Dense)", "(None, 16)", "48"]);
    assert_eq!(cells[14..17], ["dense_1 (Dense)", "(None, 100)", "1,700"]);
    let totals = ["Total params", "1,812", "Trainable params", "1,780", "Non-trainable params", "32"];
    assert_eq!(cells[17..], totals);
}

#[test]
fn long_names_widen_the_summary() {
    let mut model = tiny("tiny", 1);
    model.add(BatchNormalization::new()).unwrap();
    let text = model.summary().to_string();
    let row = "batch_normalization_1 (BatchNormalization)  (None, 100)                      400";
    assert!(text.lines().any(|line| line == row), "{text}");
    let head = format!("{:<44}{:<24}{:>12}", "Layer (type)", "Output Shape", "Param #");
    assert_eq!(text.lines().nth(2), Some(head.as_str()));
    assert_eq!(text.lines().nth(1), Some("_".repeat(80).as_str()));
}
