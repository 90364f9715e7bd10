//! The tutorial's two networks.

mod discriminator;
mod generator;

pub use discriminator::build_discriminator;
pub use generator::build_generator;

/// How many numbers of noise make one image.
pub const LATENT_DIM: i64 = 100;
