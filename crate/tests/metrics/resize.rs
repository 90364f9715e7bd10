//! Resizing. The numbers are Pillow's, by golden.py.

use super::common::{assert_close, assert_refused, numbers, tensor};
use super::picture;
use gan_nb::imaging::resize;
use tch::Kind;

#[test]
fn sizes_and_values_are_those_of_pillow() {
    let golden: [(i64, f64, [f64; 12]); 3] = [
        (
            4,
            -0.000_216,
            [
                -0.25993, -0.05796, 0.02413, 0.2347, 0.00669, -0.01636, -0.29606, 0.06085, 0.01238, 0.42913, -0.12827,
                -0.01317,
            ],
        ),
        (
            6,
            0.000_090,
            [
                0.57324, -0.35136, -0.3436, -0.70895, -0.18429, 0.31321, 0.44489, 0.53214, -0.12136, 0.06465, -0.59034,
                -0.13819,
            ],
        ),
        (
            40,
            0.000_392,
            [
                -0.05391, -0.03188, -0.01429, 0.06927, 0.08868, 0.10302, 0.37568, 0.38928, 0.39605, 0.73478, 0.74027,
                0.73717,
            ],
        ),
    ];
    for (side, mean, row) in golden {
        let resized = resize(&picture(0.0), side).unwrap();
        assert_eq!(resized.size(), [1, side, side, 3]);
        assert_close(&[resized.mean(Kind::Float).double_value(&[]) as f32], &[mean], 2e-6, "mean");
        let start = resized.select(1, 1).narrow(1, 0, 4);
        assert_close(&numbers(&start), &row, 2e-5, &format!("row 1 at side {side}"));
    }
}

#[test]
fn values_stay_in_range_beside_an_edge() {
    let edge = tensor(&[-1.0, -1.0, 1.0, 1.0].repeat(4), &[1, 4, 4, 1]);
    let large = resize(&edge, 16).unwrap();
    assert_eq!((large.min().double_value(&[]), large.max().double_value(&[])), (-1.0, 1.0));
}

#[test]
fn what_can_t_be_resized() {
    let parts = ["resize", "[16, 16, 3]", "[B, H, W, C]"];
    assert_refused(resize(&picture(0.0).squeeze_dim(0), 8), &parts);
    assert_refused(resize(&picture(0.0), 0), &["resize's side is 0", "1 or more"]);
}
