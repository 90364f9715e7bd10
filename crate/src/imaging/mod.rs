//! Pixels and colours: what the pictures that a network learns from share with the figures that a page shows.

mod crops;
mod normalize;
pub(crate) mod oklab;
mod resize;

pub use crops::random_crops;
pub use normalize::{denormalize, normalize};
pub use resize::resize;
