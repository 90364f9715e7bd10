//! The generator: noise becomes an image.

use super::{BATCH_NORM_MOMENTUM, LATENT_DIM};
use crate::Result;
use crate::nn::{
    Activation, BatchNormalization, Conv2D, Conv2DTranspose, Dense, LeakyReLU, Padding, Reshape, Sequential,
};

/// What the noise becomes at first: the height, width and channels of a coarse image.
const FIRST: [i64; 3] = [8, 8, 256];

/// The tutorial's generator: 2,313,859 parameters, 896 of them not trainable.
///
/// # Shapes
/// (B, 100) → (B, 32, 32, 3) in [−1, 1]
///
/// # Errors
/// When libtorch can't hold it.
pub fn build_generator(seed: u64) -> Result<Sequential> {
    build_generator_with(seed, LATENT_DIM, BATCH_NORM_MOMENTUM)
}

/// The same for another size of the noise and another momentum of its three batch normalizations.
///
/// # Shapes
/// (B, latent_dim) → (B, 32, 32, 3) in [−1, 1]
///
/// # Errors
/// When libtorch can't hold it.
pub fn build_generator_with(seed: u64, latent_dim: i64, batch_norm_momentum: f64) -> Result<Sequential> {
    let batch_norm = || BatchNormalization::new().momentum(batch_norm_momentum);
    let mut model = Sequential::new("generator", [latent_dim], seed);
    model.add(Dense::new(FIRST.iter().product()).activation(Activation::Relu))?;
    model.add(Reshape::new(FIRST))?;
    model.add(batch_norm())?;
    model.add(Conv2DTranspose::new(128, 4).strides(2).padding(Padding::Same))?;
    model.add(LeakyReLU::new(0.2))?;
    model.add(batch_norm())?;
    model.add(Conv2DTranspose::new(64, 4).strides(2).padding(Padding::Same))?;
    model.add(LeakyReLU::new(0.2))?;
    model.add(batch_norm())?;
    model.add(Conv2D::new(3, 3).padding(Padding::Same).activation(Activation::Tanh))?;
    Ok(model)
}
