//! Pixels and colours, for the pictures that a network learns from and for the figures that a page shows.
//!
//! Photos are read from files by [`open`] and [`open_square`]; tensors are converted by [`normalize`] and
//! [`denormalize`], scaled by [`resize()`], and cut up by [`random_crops`]. [`random_flips`], [`random_shifts`] and [`DiffAugment`] change what a
//! discriminator sees.

mod augment;
mod crops;
mod normalize;
pub(crate) mod oklab;
mod photo;
mod resize;

pub use augment::{DiffAugment, random_flips, random_shifts};
pub use crops::random_crops;
pub(crate) use crops::windows;
pub use normalize::{denormalize, normalize};
pub use photo::{open, open_square};
pub use resize::resize;
