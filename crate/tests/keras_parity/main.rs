//! The layers, the two networks and three training iterations against the numbers of Keras 2.

#![allow(clippy::unwrap_used, clippy::panic)]

mod reference;

use gan_nb::models::{build_discriminator, build_generator};
use gan_nb::nn::Sequential;
use gan_nb::train::{Gan, GanConfig};
use reference::{Digest, Reference, Row};

const FORWARD: f64 = 1e-4;
const LOSS: f64 = 1e-3;
const WEIGHT: f64 = 2e-4;

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
    let reference = Reference::load();
    let (mut g, mut d) = (build_generator(1).unwrap(), build_discriminator(1).unwrap());
    reference.set_weights(&mut g, 1);
    reference.set_weights(&mut d, 101);
    let (z, x) = (reference.noise(202), reference.real_images(201));
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

fn assert_weights(model: &Sequential, expected: &[Digest], when: &str) {
    let weights = model.weights();
    assert_eq!(weights.len(), expected.len());
    for ((name, weight), digest) in weights.iter().zip(expected) {
        digest.assert_matches(&weight.value, WEIGHT, &format!("{}/{name} after {when}", model.name()));
    }
}

#[test]
fn three_iterations_match() {
    let reference = Reference::load();
    let mut gan = Gan::new(GanConfig::tutorial()).unwrap();
    reference.set_weights(&mut gan.generator, 1);
    reference.set_weights(&mut gan.discriminator, 101);
    assert_eq!(reference.iterations.len(), 3);
    for (t, expected) in (0..).zip(&reference.iterations) {
        let (real, z_d, z_g) =
            (reference.real_images(201 + 10 * t), reference.noise(202 + 10 * t), reference.noise(203 + 10 * t));
        let when = format!("iteration {t}");
        if t == 0 {
            // Later fakes come from weights that may already differ by WEIGHT.
            expected.fake.assert_matches(&gan.generator.predict(&z_d).unwrap(), FORWARD, "first fakes");
        }
        let step = gan.train_on_batch(&real, &z_d, &z_g).unwrap().read().unwrap();
        for (name, found, expected) in [
            ("d_loss_real", step.d_loss_real, expected.d_loss_real),
            ("d_loss_fake", step.d_loss_fake, expected.d_loss_fake),
            ("d_loss", step.d_loss(), expected.d_loss),
            ("g_loss", step.g_loss, expected.g_loss),
        ] {
            let error = (f64::from(found) - expected).abs();
            assert!(error <= LOSS * expected.abs(), "{name} of {when}: {found}, Keras has {expected}");
        }
        assert_eq!(f64::from(step.d_acc_real), expected.d_acc_real, "accuracy on real of {when}");
        assert_eq!(f64::from(step.d_acc_fake), expected.d_acc_fake, "accuracy on fakes of {when}");
        assert_weights(&gan.generator, &expected.generator_weights, &when);
        assert_weights(&gan.discriminator, &expected.discriminator_weights, &when);
    }
}
