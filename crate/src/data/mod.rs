//! The pictures a GAN learns from: [`Cifar10`], [`Mnist`] or [`FashionMnist`], a folder of your own [`Photos`], or the drawn
//! [`Shapes`] without a network.
//!
//! Pictures stay bytes in memory, a quarter of the size of floats, and become floats a batch at a time.
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
mod cifar10;
mod dataset;
#[cfg(feature = "download")]
mod download;
mod drawn;
mod loading;
mod mnist;
mod news;
mod photos;
mod places;
mod sampling;
mod skipped;

pub use cifar10::Cifar10;
pub use dataset::Dataset;
#[cfg(feature = "download")]
pub use download::fetch;
pub use drawn::{Shapes, Textures, brushstrokes};
pub use mnist::{FashionMnist, Mnist, MnistFiles};
pub use news::News;
pub use photos::Photos;
pub use skipped::Skipped;

/// The names of the classes of the [`Dataset`] of this name, where the library knows them.
///
/// ```
/// assert_eq!(gan_nb::data::class_names("CIFAR-10").map(|names| names[8]), Some("ship"));
/// ```
pub fn class_names(dataset: &str) -> Option<&'static [&'static str]> {
    match dataset {
        Cifar10::NAME => Some(&Cifar10::CLASSES),
        Mnist::NAME => Some(&Mnist::CLASSES),
        FashionMnist::NAME => Some(&FashionMnist::CLASSES),
        Shapes::NAME => Some(&Shapes::CLASSES),
        _ => None,
    }
}
