//! The tutorial's two networks, and [pairs](Pair) that go beyond them.

mod discriminator;
mod generator;
mod pair;

pub use discriminator::{build_discriminator, build_discriminator_with};
pub use generator::{build_generator, build_generator_with};
pub use pair::{Networks, Pair};

/// How many numbers of noise make one image in the tutorial.
pub const LATENT_DIM: i64 = 100;
/// How much of its moving statistics a batch normalization of the tutorial keeps at each batch.
pub const BATCH_NORM_MOMENTUM: f64 = 0.8;
/// Height and width of the tutorial's images, in pixels.
pub const SIZE: i64 = 32;
