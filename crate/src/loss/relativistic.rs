//! The relativistic pairing loss (Jolicoeur-Martineau 2018): every photo is compared with a fake, and only the difference
//! counts. With [R1 and R2](super::penalty) it converges to the data where others circle round it, and no mode can be left out
//! without cost (Huang et al. 2024, "R3GAN").

use super::mean_softplus;
use crate::{Error, Result};
use tch::Tensor;

/// L_D = E[softplus(D(G(z)) − D(x))], over pairs of a photo and a fake. At balance it is ln 2.
///
/// # Shapes
/// `real`, `fake`: scores (B, …), the same; result: ()
///
/// # Errors
/// [`Error::Shape`] when the shapes differ.
pub fn discriminator(real: &Tensor, fake: &Tensor) -> Result<Tensor> {
    mean_softplus(&difference(fake, real)?)
}

/// L_G = E[softplus(D(x) − D(G(z)))], over the same pairs. At balance it is ln 2.
///
/// # Shapes
/// `real`, `fake`: scores (B, …), the same; result: ()
///
/// # Errors
/// [`Error::Shape`] when the shapes differ.
pub fn generator(real: &Tensor, fake: &Tensor) -> Result<Tensor> {
    mean_softplus(&difference(real, fake)?)
}

/// a − b, pair by pair. (libtorch would compare every one with every other, if (B) met (B, 1).)
fn difference(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    if a.size() != b.size() {
        return Err(Error::Shape {
            layer: "the relativistic loss".into(),
            found: format!("scores of shapes {:?} and {:?}", a.size(), b.size()),
            expected: "the same shape: one photo for each fake".into(),
            hint: "Score as many fakes as photos.".into(),
        });
    }
    Ok(a.f_sub(b)?)
}
