//! Figures in the plane: points, and the height of a function below them.

mod heat;
mod legend;
#[expect(clippy::module_inception, reason = "the room is named for what it draws")]
mod plane;

pub use plane::Plane;
