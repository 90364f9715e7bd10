//! The distances between sets of features. The numbers are golden_features.py's: pytorch-fid 0.3.0, torch-fidelity 0.4.0 and
//! prdc 0.2. (The kernel distance's own is in src/metrics/kernel.rs, where its parts can be seen.)

use super::common::{assert_refused, noise, tensor};
use gan_nb::metrics::{frechet_distance, kernel_distance, precision_recall};
use tch::{Kind, Tensor};

/// As in golden_features.py.
fn points(count: i64, phase: f64, spread: f64) -> Tensor {
    const COORDINATES: i64 = 12;
    let value = |at: i64| {
        let (i, j) = ((at / COORDINATES) as f64, (at % COORDINATES) as f64);
        let x = (0.7 * i + 1.3 * j * j + phase).sin() + 0.5 * (0.013 * i * i + 0.4 * j + 2.0 * phase).sin();
        (spread * x + 0.2 * phase) as f32
    };
    tensor(&(0..count * COORDINATES).map(value).collect::<Vec<_>>(), &[count, COORDINATES])
}

fn close(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() < 1e-6 * expected.abs().max(0.1), "{what}: found {found}, expected {expected}");
}

#[test]
fn the_frechet_distance_is_that_of_pytorch_fid() {
    let (a, b, few) = (points(400, 0.0, 1.0), points(300, 0.6, 1.2), points(8, 0.3, 1.0));
    close(frechet_distance(&a, &b).unwrap(), 0.491_042_592, "of two sets");
    close(frechet_distance(&b, &a).unwrap(), 0.491_042_592, "the other way round");
    close(frechet_distance(&a, &few).unwrap(), 3.025_076, "from fewer points than coordinates");
    assert!(frechet_distance(&a, &a).unwrap() < 1e-9, "from itself");
}

#[test]
fn precision_and_recall_are_those_of_prdc() {
    let (real, fake) = (points(400, 0.0, 1.0), points(300, 0.6, 1.2));
    let golden = [(1, 0.033_333_333, 0.135), (3, 0.243_333_333, 0.697_5), (5, 0.543_333_333, 0.945)];
    for (k, precision, recall) in golden {
        let found = precision_recall(&real, &fake, k).unwrap();
        close(found.precision, precision, &format!("precision at k = {k}"));
        close(found.recall, recall, &format!("recall at k = {k}"));
    }
}

#[test]
fn precision_is_quality_and_recall_is_variety() {
    let all = noise(1, &[600, 8]);
    // Half of the plane, well within it: good points without variety.
    let half = noise(2, &[600, 8]).abs() * 0.5;
    let found = precision_recall(&all, &half, 3).unwrap();
    assert!(found.precision > 0.95 && found.recall < 0.2, "{found:?}");
    // Too wide: it covers most of the real points, but many of its own lie outside.
    let found = precision_recall(&all, &(noise(3, &[600, 8]) * 3.0), 3).unwrap();
    assert!(found.precision < 0.3 && found.recall > 0.8, "{found:?}");
    let collapsed = all.narrow(0, 0, 1).repeat([600, 1]);
    let found = precision_recall(&all, &collapsed, 3).unwrap();
    assert!(found.precision == 1.0 && found.recall < 0.01, "{found:?}");
}

#[test]
fn the_kernel_distance_knows_how_certain_it_is() {
    let (a, b) = (noise(1, &[2000, 8]), noise(2, &[2000, 8]));
    let same = kernel_distance(&a, &b, 7).unwrap();
    assert!(same.value.abs() < 3.0 * same.standard_error && same.standard_error > 0.0, "{same}");
    let moved = kernel_distance(&a, &(&b + 0.3), 7).unwrap();
    assert!(moved.value > 5.0 * moved.standard_error, "{moved}");
    // A sixteenth of the points scatters about four times as much.
    let fewer = kernel_distance(&a.narrow(0, 0, 125), &(b.narrow(0, 0, 125) + 0.3), 7).unwrap();
    assert!(fewer.standard_error > 2.0 * moved.standard_error, "{fewer} and {moved}");
    assert_eq!(kernel_distance(&a, &b, 7).unwrap(), same, "the same seed");
    assert_ne!(kernel_distance(&a, &b, 8).unwrap(), same, "another seed");
    // As many points of the larger set as the smaller has.
    let uneven = kernel_distance(&a, &b.narrow(0, 0, 700), 7).unwrap();
    assert!(uneven.value.abs() < 4.0 * uneven.standard_error, "{uneven}");
}

#[test]
fn sets_that_can_t_be_compared() {
    let (a, narrow) = (noise(1, &[30, 4]), noise(1, &[30, 3]));
    assert_refused(frechet_distance(&a, &narrow), &["frechet_distance", "[30, 4] and [30, 3]", "the same F"]);
    assert_refused(frechet_distance(&a, &a.narrow(0, 0, 1)), &["[1, 4]", "2 points or more"]);
    assert_refused(frechet_distance(&a, &noise(1, &[30])), &["[30]"]);
    assert_refused(kernel_distance(&a, &a.narrow(0, 0, 19), 1), &["kernel_distance", "[19, 4]", "20 points or more"]);
    assert_refused(precision_recall(&a, &a.narrow(0, 0, 3), 3), &["precision_recall", "[3, 4]", "4 points or more"]);
    assert_refused(precision_recall(&a, &a, 0), &["k is 0", "1 or more"]);
    let not_finite = &a * f64::NAN;
    assert_refused(kernel_distance(&a, &not_finite, 1), &["kernel_distance is NaN", "did the training diverge?"]);
    assert!(frechet_distance(&a, &not_finite.to_kind(Kind::Float)).is_err());
}
