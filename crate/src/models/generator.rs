//! The generator: noise becomes an image.

use super::LATENT_DIM;
use crate::Result;
use crate::nn::{
    Activation, BatchNormalization, Conv2D, Conv2DTranspose, Dense, LeakyReLU, Padding, Reshape, Sequential,
};

/// The tutorial's generator: 2,313,859 parameters, 896 of them not trainable.
///
/// # Shapes
/// (B, 100) → (B, 32, 32, 3) in [−1, 1]
///
/// # Errors
/// When libtorch can't hold it.
pub fn build_generator(seed: u64) -> Result<Sequential> {
    let mut model = Sequential::new("generator", [LATENT_DIM], seed);
    model.add(Dense::new(8 * 8 * 256).activation(Activation::Relu))?;
    model.add(Reshape::new([8, 8, 256]))?;
    model.add(BatchNormalization::new().momentum(0.8))?;
    model.add(Conv2DTranspose::new(128, 4).strides(2).padding(Padding::Same))?;
    model.add(LeakyReLU::new(0.2))?;
    model.add(BatchNormalization::new().momentum(0.8))?;
    model.add(Conv2DTranspose::new(64, 4).strides(2).padding(Padding::Same))?;
    model.add(LeakyReLU::new(0.2))?;
    model.add(BatchNormalization::new().momentum(0.8))?;
    model.add(Conv2D::new(3, 3).padding(Padding::Same).activation(Activation::Tanh))?;
    Ok(model)
}
