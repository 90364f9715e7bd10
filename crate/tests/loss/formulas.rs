//! Each family's two formulas, written out in float64.

use super::common::{assert_refused, noise, tensor};
use gan_nb::loss::{cross_entropy, hinge, relativistic, wasserstein};
use tch::{Kind, Tensor};

/// Scores with large and small values, of both signs.
fn scores(seed: u64) -> (Tensor, Vec<f64>) {
    let drawn = noise(seed, &[64, 1]).to_kind(Kind::Double) * 3;
    let values = Vec::try_from(drawn.flatten(0, -1)).unwrap();
    (drawn, values)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / values.len() as f64
}

fn log_sigmoid(x: f64) -> f64 {
    (1.0 / (1.0 + (-x).exp())).ln()
}

fn assert_is(found: Tensor, expected: f64, what: &str) {
    assert_eq!(found.size(), [0i64; 0], "{what}: one number");
    let found = found.double_value(&[]);
    assert!((found - expected).abs() < 1e-12 * expected.abs().max(1.0), "{what}: {found}, expected {expected}");
}

#[test]
fn losses_are_those_of_their_papers() {
    let ((real, r), (fake, f)) = (scores(1), scores(2));
    let (r, f) = (|| r.iter().copied(), || f.iter().copied());
    let fakes_told = mean(f().map(|f| -(1.0 - 1.0 / (1.0 + (-f).exp())).ln()));
    let expected = mean(r().map(|r| -log_sigmoid(r))) + fakes_told;
    assert_is(cross_entropy::discriminator(&real, &fake).unwrap(), expected, "Goodfellow et al. 2014, D");
    assert_is(cross_entropy::generator(&fake).unwrap(), mean(f().map(|f| -log_sigmoid(f))), "the same, G");

    let expected = mean(r().map(|r| (1.0 - r).max(0.0))) + mean(f().map(|f| (1.0 + f).max(0.0)));
    assert_is(hinge::discriminator(&real, &fake).unwrap(), expected, "Lim & Ye 2017, D");
    assert_is(hinge::generator(&fake).unwrap(), -mean(f()), "the same, G");

    assert_is(wasserstein::discriminator(&real, &fake).unwrap(), mean(f()) - mean(r()), "Gulrajani et al. 2017, D");
    assert_is(wasserstein::generator(&fake).unwrap(), -mean(f()), "the same, G");

    let pairs = || r().zip(f());
    let expected = mean(pairs().map(|(r, f)| -log_sigmoid(r - f)));
    assert_is(relativistic::discriminator(&real, &fake).unwrap(), expected, "Jolicoeur-Martineau 2018, D");
    let expected = mean(pairs().map(|(r, f)| -log_sigmoid(f - r)));
    assert_is(relativistic::generator(&real, &fake).unwrap(), expected, "the same, G");
}

#[test]
fn large_scores_give_finite_losses_and_gradients() {
    let real = tensor(&[1e4, -1e4], &[2]).set_requires_grad(true);
    let fake = tensor(&[-1e4, 1e4], &[2]).set_requires_grad(true);
    let losses = [
        cross_entropy::discriminator(&real, &fake).unwrap(),
        hinge::discriminator(&real, &fake).unwrap(),
        wasserstein::discriminator(&real, &fake).unwrap(),
        relativistic::discriminator(&real, &fake).unwrap(),
    ];
    for loss in losses {
        assert!(loss.double_value(&[]).is_finite());
        for gradient in Tensor::run_backward(&[loss], &[&real, &fake], false, false) {
            assert_eq!(gradient.isfinite().all().int64_value(&[]), 1);
        }
    }
}

/// (B) with (B, 1) would be every score with every other.
#[test]
fn pairs_need_as_many_fakes_as_photos() {
    let (column, row) = (noise(1, &[4, 1]), noise(2, &[4]));
    assert_refused(relativistic::discriminator(&column, &row), &["[4]", "[4, 1]", "one photo for each fake"]);
    assert_refused(relativistic::generator(&column, &noise(2, &[5, 1])), &["the relativistic loss", "[5, 1]"]);
}
