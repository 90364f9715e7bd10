//! The metrics, the L1 loss, the resizing and the nearest pictures, against scikit-image, Pillow, public implementations of the distances, and plain loops.
#![allow(clippy::unwrap_used, clippy::panic)] // Helpers too: clippy lets only the tests themselves.

#[path = "../common/mod.rs"]
mod common;

mod distances;
mod evaluator;
mod golden;
mod kept;
mod nearest;
mod resize;
mod wasserstein;

use tch::Tensor;

/// As in golden.py: three channels of waves, (1, 16, 16, 3).
pub fn picture(phase: f64) -> Tensor {
    let wave = |i: i64| (0.9 * (i / 3 % 16) as f64 + 0.4 * (i / 48) as f64 * (i % 3 + 1) as f64 + phase).sin() as f32;
    common::tensor(&(0..16 * 16 * 3).map(wave).collect::<Vec<_>>(), &[1, 16, 16, 3])
}
