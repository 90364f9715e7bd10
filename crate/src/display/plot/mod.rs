//! Line plots: as PNG by [`curves()`](curves()), and as SVG for the live panel.

pub(super) mod axis;
pub mod curves;
mod line_labels;
pub(super) mod raster;
mod smoothing;
pub(super) mod subplot;
pub(super) mod svg;

pub use curves::{Colour, Panel, Series, curves};
pub(crate) use smoothing::means_of_pieces;
pub use smoothing::running_mean_window;
