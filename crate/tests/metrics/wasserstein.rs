//! The sliced Wasserstein distance and the patches it looks at.

use super::common::{assert_refused, floats, noise, numbers, tensor};
use gan_nb::metrics::{patches, sliced_wasserstein};
use tch::Tensor;

#[test]
fn order_does_not_count_and_equal_sets_are_at_zero() {
    let a = noise(1, &[64, 4, 4, 3]);
    assert_eq!(sliced_wasserstein(&a, &a.flip([0]), 7).unwrap(), 0.0);
}

#[test]
fn a_shift_costs_what_it_moves_whatever_the_dimension() {
    for dimension in [30, 3000] {
        let a = noise(1, &[64, dimension]);
        let moved = sliced_wasserstein(&a, &(&a + 0.1), 7).unwrap();
        // E|N(0, 0.1²)|, which the 512 directions meet within a few percent.
        assert!((moved - 0.1 * (2.0 / std::f64::consts::PI).sqrt()).abs() < 0.006, "{moved} at {dimension}");
    }
}

#[test]
fn it_sees_what_means_can_t() {
    // Two points at ±1 and all at 0 have one mean; along a line, each of the former is 1 away.
    let pair = Tensor::cat(&[Tensor::ones([8, 1], floats()), -Tensor::ones([8, 1], floats())], 0);
    assert!((sliced_wasserstein(&pair, &pair.zeros_like(), 7).unwrap() - 1.0).abs() < 1e-6);
    let (a, b, wide) = (noise(1, &[512, 48]), noise(2, &[512, 48]), noise(3, &[512, 48]) * 1.5);
    let (same, other) = (sliced_wasserstein(&a, &b, 7).unwrap(), sliced_wasserstein(&a, &wide, 7).unwrap());
    assert!(3.0 * same < other, "{same} between samples of one distribution, {other} to a wider one");
}

#[test]
fn directions_follow_the_seed() {
    let (a, b) = (noise(1, &[32, 48]), noise(2, &[32, 48]));
    let distance = |seed| sliced_wasserstein(&a, &b, seed).unwrap();
    assert_eq!(distance(5), distance(5));
    assert_ne!(distance(5), distance(6));
}

#[test]
fn patches_are_parts_of_the_pictures_at_places_of_the_seed() {
    let counting: Vec<f32> = (0..2 * 5 * 6).map(|i| i as f32).collect();
    let images = tensor(&counting, &[2, 5, 6, 1]);
    let cut = patches(&images, 3, 100, 7).unwrap();
    assert_eq!(cut.size(), [200, 3, 3, 1]);
    let mut corners = Vec::new();
    for patch in numbers(&cut).chunks(9) {
        let first = patch[0];
        assert_eq!(patch, [0, 1, 2, 6, 7, 8, 12, 13, 14].map(|i| first + i as f32), "3 x 3 pixels side by side");
        assert!(first % 30.0 <= 15.0 && first % 6.0 <= 3.0, "{first} is no corner of a patch inside");
        corners.push(first as i32);
    }
    corners.sort_unstable();
    corners.dedup();
    assert_eq!(corners.len(), 24, "100 cuts meet each of the 3 x 4 places of both pictures");
    assert_eq!(numbers(&cut), numbers(&patches(&images, 3, 100, 7).unwrap()));
    assert_ne!(numbers(&cut), numbers(&patches(&images, 3, 100, 8).unwrap()));
}

#[test]
fn sets_that_can_t_be_compared() {
    let a = noise(1, &[4, 3, 3, 1]);
    let parts = ["sliced_wasserstein", "[4, 3, 3, 1] and [3, 3, 3, 1]", "the same number of points"];
    assert_refused(sliced_wasserstein(&a, &a.narrow(0, 0, 3), 1), &parts);
    assert_refused(patches(&a, 4, 1, 1), &["patches", "[4, 3, 3, 1]", "at least 4"]);
    assert_refused(patches(&a, 2, 0, 1), &["(2, 0)", "1 or more"]);
}
