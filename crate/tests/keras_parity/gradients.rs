//! The gradients of all three kinds of step against Keras's, at weights that no training has touched.
//!
//! Gradients are not chaotic, except where an activation lies within a rounding error of its kink: on the other side
//! of it whole gradients change. In float64 nothing lies so near, so there the limit is tight for any salt on any
//! machine. What the lesson trains with, float32, is held to the same numbers with room for a few kinks.

use crate::library;
use crate::reference::{GradientDigest, Reference, Step, Steps, Untrained};
use crate::threads::on_one_and_two;
use tch::{Kind, Tensor};

// How far a gradient may be off, as a part of its norm; in brackets the worst of seven salts on one and two threads.
/// (5.7e-7. TensorFlow rounds a LeakyReLU's slope to float32 there too.)
const IN_FLOAT64: f64 = 1e-5;
/// (6.0e-2: a kink, and a gradient that is a small difference of large sums.)
const IN_FLOAT32: f64 = 0.25;
/// For half of all gradients. (1.8e-6)
const HALF_IN_FLOAT32: f64 = 1e-4;

#[test]
fn gradients_match() {
    let reference = Reference::load();
    let Some(iterations) = &reference.gradients else {
        return crate::common::skipped("gradients_match", "this reference has no gradients");
    };
    on_one_and_two(|threads| {
        for (kind, limit, limit_of_half) in
            [(Kind::Double, IN_FLOAT64, IN_FLOAT64), (Kind::Float, IN_FLOAT32, HALF_IN_FLOAT32)]
        {
            let mut errors: Vec<(f64, String)> = Vec::new();
            for (t, expected) in (0..).zip(iterations) {
                errors.extend(errors_of_iteration(&reference, t, expected, kind));
            }
            errors.sort_by(|(a, _), (b, _)| a.total_cmp(b));
            let ((half, _), (worst, which)) = (&errors[errors.len() / 2], &errors[errors.len() - 1]);
            println!("gradients, {kind:?} on {threads} threads: half within {half:.1e}, at most {worst:.1e}, {which}");
            assert!(worst <= &limit, "{which}, {kind:?} on {threads} threads: {worst:.1e} of its norm off");
            assert!(half <= &limit_of_half, "{kind:?} on {threads} threads: half are more than {half:.1e} off");
        }
    });
}

/// The errors of each step's loss and gradients, with their names.
fn errors_of_iteration(reference: &Reference, t: i64, expected: &Steps<Untrained>, kind: Kind) -> Vec<(f64, String)> {
    let gan = library::untrained(reference, 300 * t, kind);
    let inputs = reference.inputs(t, kind);
    let mut errors = Vec::new();
    for step in Step::ALL {
        let (loss, expected) = (library::loss(&gan, step, &inputs), &expected[step]);
        let found = library::gradients(&gan, step, &loss);
        assert_eq!(loss.kind(), kind);
        assert_eq!(found.len(), expected.gradients.len());
        let error = (loss.double_value(&[]) - expected.loss).abs() / expected.loss;
        errors.push((error, format!("the loss of {step:?} {t}")));
        for (i, (found, expected)) in found.iter().zip(&expected.gradients).enumerate() {
            errors.push((expected.error(found, reference), format!("gradient {i} of {step:?} {t}")));
        }
    }
    errors
}

impl GradientDigest {
    /// How far a gradient is from the recorded one, as a part of its norm.
    fn error(&self, found: &Tensor, reference: &Reference) -> f64 {
        let found = found.to_kind(Kind::Double);
        assert_eq!(found.isfinite().all().int64_value(&[]), 1);
        let product = (&found * reference.fill(&self.digest.shape, 0)).sum(Kind::Double).double_value(&[]);
        let errors = self.digest.errors(&found);
        let squares: f64 = errors.iter().map(|error| error * error).sum();
        // The recorded numbers together, beside as many typical ones.
        let of_values = (squares / errors.len() as f64).sqrt() / (self.norm / (found.numel() as f64).sqrt());
        let of_norm = (found.norm().double_value(&[]) - self.norm).abs() / self.norm;
        let of_product = (product - self.product).abs() / self.norm;
        of_values.max(of_norm).max(of_product)
    }
}
