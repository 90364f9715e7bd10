//! Line plots: as PNG by [`curves()`](curves()), and as SVG for the live panel.

pub(super) mod axis;
pub mod curves;
mod line_labels;
mod panel;
pub(super) mod raster;
mod smoothing;
pub(super) mod styles;
mod subplot;
pub(super) mod svg;

pub use curves::curves;
pub use panel::{Colour, Panel, Series};
pub(crate) use smoothing::means_of_pieces;
pub use smoothing::running_mean_window;
