//! The pictures a GAN learns from: [`Cifar10`], or the drawn [`Shapes`] where there is no network.
//!
//! Pictures stay bytes in memory, a quarter of what floats would take, and become floats a batch at a time.
//!
//! ```
//! use gan_nb::data::Shapes;
//! use rand::{SeedableRng, rngs::StdRng};
//!
//! let data = Shapes::generate(100, 7)?;
//! let real = data.random_batch(32, &mut StdRng::seed_from_u64(1))?;
//! assert_eq!(real.size(), [32, 32, 32, 3]);
//! # Ok::<(), gan_nb::Error>(())
//! ```
mod batches;
mod cifar10;
mod colour;
mod crops;
mod dataset;
#[cfg(feature = "download")]
mod download;
mod draws;
mod nearest;
mod painting;
mod pixels;
mod resize;
mod shapes;
mod textures;

pub use cifar10::Cifar10;
pub use crops::random_crops;
pub use dataset::Dataset;
#[cfg(feature = "download")]
pub use download::{fetch, print_progress};
pub use nearest::{Neighbour, nearest};
pub use painting::brushstrokes;
pub use pixels::{denormalize, normalize};
pub use resize::resize;
pub use shapes::Shapes;
pub use textures::Textures;
