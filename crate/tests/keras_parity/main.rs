//! The layers, the two networks, their gradients, Adam and three training iterations against the numbers of Keras 2.
//!
//! Training is chaotic in float32: where a gradient is near Adam's epsilon, its last digits decide how far a weight moves,
//! and Keras itself ends at other weights with other instructions of the same processor. So what isn't chaotic is compared
//! piece by piece, to limits that any fault would break: forward passes (here), gradients (gradients.rs), Adam by its
//! formula (adam.rs), on the device under test and always in full float32. Whole iterations come last (training.rs), in float64 tightly, in float32 with room for chaos.

#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "../common/mod.rs"]
mod common;

mod adam;
mod gradients;
mod library;
mod reference;
mod threads;
mod training;

use gan_nb::models::{build_discriminator, build_generator};
use gan_nb::nn::Sequential;
use library::Inputs;
use reference::{Reference, Row};
use tch::Kind;
use threads::in_float32;

const FORWARD: f64 = 1e-4;

fn assert_rows(model: &Sequential, expected: &[Row]) {
    let summary = model.summary();
    let rows: Vec<_> = summary.rows().collect();
    assert_eq!(rows.len(), expected.len(), "{}: number of layers", model.name());
    for ((layer, shape, params), expected) in rows.into_iter().zip(expected) {
        let sizes: Vec<String> = expected.output.iter().map(i64::to_string).collect();
        assert!(layer.ends_with(&format!("({})", expected.layer)), "{layer}, Keras has {}", expected.layer);
        assert_eq!(shape, format!("(None, {})", sizes.join(", ")), "{layer}: shape");
        assert_eq!(params, expected.params, "{layer}: parameters");
    }
}

#[test]
fn summaries_are_keras_summaries() {
    let reference = Reference::load();
    let (g, d) = (build_generator(1).unwrap(), build_discriminator(1).unwrap());
    assert_rows(&g, &reference.summary.generator);
    assert_rows(&d, &reference.summary.discriminator);
    assert_eq!(g.summary().total_params(), reference.summary.generator_total);
    assert_eq!(g.summary().non_trainable_params(), reference.summary.generator_non_trainable);
    assert_eq!(d.summary().total_params(), reference.summary.discriminator_total);
}

#[test]
fn forward_passes_match() {
    in_float32(forward_passes);
}

fn forward_passes() {
    let reference = Reference::load();
    let (mut g, mut d) = (build_generator(1).unwrap(), build_discriminator(1).unwrap());
    reference.set_weights(&mut g, 1);
    reference.set_weights(&mut d, 101);
    let Inputs { real: x, z_d: z, .. } = reference.inputs(0, Kind::Float);
    let expected = &reference.forward;
    expected.generator_inference.assert_matches(&g.predict(&z).unwrap(), FORWARD, "generator, inference");
    expected.discriminator_real.assert_matches(&d.predict(&x).unwrap(), FORWARD, "discriminator");
    expected.generator_training.assert_matches(&g.forward(&z, true).unwrap(), FORWARD, "generator, training");
    let moving: Vec<_> = g.weights().into_iter().filter(|(_, w)| !w.trainable).collect();
    assert_eq!(moving.len(), expected.generator_moving_after_one_training_pass.len());
    for ((name, weight), digest) in moving.iter().zip(&expected.generator_moving_after_one_training_pass) {
        digest.assert_matches(&weight.value, FORWARD, name);
    }
}
