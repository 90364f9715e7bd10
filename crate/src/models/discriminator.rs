//! The discriminator: is this image real?

use super::SIZE;
use crate::Result;
use crate::nn::{Activation, Conv2D, Dense, Flatten, LeakyReLU, Padding, Sequential};

/// The tutorial's discriminator: 374,913 parameters.
///
/// # Shapes
/// (B, 32, 32, 3) in [−1, 1] → (B, 1), the probability of being real
///
/// # Errors
/// When libtorch can't hold it.
pub fn build_discriminator(seed: u64) -> Result<Sequential> {
    build_discriminator_with(seed, SIZE)
}

/// The same for images of another size, a multiple of 8.
///
/// # Shapes
/// (B, size, size, 3) in [−1, 1] → (B, 1), the probability of being real
///
/// # Errors
/// When libtorch can't hold it.
pub fn build_discriminator_with(seed: u64, size: i64) -> Result<Sequential> {
    let mut model = Sequential::new("discriminator", [size, size, 3], seed);
    model.add(Conv2D::new(64, 3).strides(2).padding(Padding::Same))?;
    model.add(LeakyReLU::new(0.2))?;
    model.add(Conv2D::new(128, 3).strides(2).padding(Padding::Same))?;
    model.add(LeakyReLU::new(0.2))?;
    model.add(Conv2D::new(256, 3).strides(2).padding(Padding::Same))?;
    model.add(LeakyReLU::new(0.2))?;
    model.add(Flatten)?;
    model.add(Dense::new(1).activation(Activation::Sigmoid))?;
    Ok(model)
}
