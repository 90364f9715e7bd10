//! Figures in the plane: points, and the values of a function behind them.

mod heat;
mod legend;
#[expect(clippy::module_inception, reason = "the room is named for what it draws")]
mod plane;

pub use plane::Plane;
