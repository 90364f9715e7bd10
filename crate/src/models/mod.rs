//! The tutorial's two networks.

mod discriminator;
mod generator;

pub use discriminator::build_discriminator;
pub(crate) use generator::FIRST;
pub use generator::{build_generator, build_generator_with};

/// How many numbers of noise make one image in the tutorial.
pub const LATENT_DIM: i64 = 100;
/// How much of its moving statistics a batch normalization of the tutorial keeps at each batch.
pub const BATCH_NORM_MOMENTUM: f64 = 0.8;
