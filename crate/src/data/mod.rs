//! The pictures a GAN learns from: [`Cifar10`], or the drawn [`Shapes`] without a network.
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
mod drawn;
mod loading;
mod news;
mod sampling;

pub use cifar10::Cifar10;
#[cfg(feature = "download")]
pub use cifar10::fetch;
pub use dataset::Dataset;
pub use drawn::{Shapes, Textures, brushstrokes};
pub use news::News;

/// The names of the classes of the [`Dataset`] of this name, where the library knows them.
///
/// ```
/// assert_eq!(gan_nb::data::class_names("CIFAR-10").map(|names| names[8]), Some("ship"));
/// ```
pub fn class_names(dataset: &str) -> Option<&'static [&'static str]> {
    match dataset {
        Cifar10::NAME => Some(&Cifar10::CLASSES),
        Shapes::NAME => Some(&Shapes::CLASSES),
        _ => None,
    }
}
