//! Pixels and colours, for the pictures that a network learns from and for the figures that a page shows.
//!
//! Photos are read from files by [`open`] and [`open_square`]; tensors are converted by [`normalize`] and
//! [`denormalize`], scaled by [`resize()`], and cut up by [`random_crops`]. [`random_flips`], [`random_shifts`] and [`DiffAugment`]
//! change what a network sees. [`save_each`] and [`NpyWriter`] hand images to other programs.

mod augment;
mod crops;
mod export;
mod jpeg;
mod normalize;
pub(crate) mod oklab;
mod photo;
mod resize;

pub use augment::{DiffAugment, random_flips, random_shifts};
pub use crops::random_crops;
pub(crate) use crops::windows;
pub use export::{NpyWriter, save_each};
pub use normalize::{denormalize, normalize};
pub(crate) use photo::square;
pub use photo::{open, open_square};
pub use resize::resize;
