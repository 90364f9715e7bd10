//! Cross-entropy: the loss of the first GAN, with a generator's half that does not saturate (Goodfellow et al. 2014).

use super::mean_softplus;
use crate::Result;
use crate::platform::arithmetic::{Arithmetic, filled};
use crate::platform::device::make_ready;
use tch::{Reduction, Tensor};

/// Mean binary cross-entropy, −y log σ(l) − (1 − y) log(1 − σ(l)), from the values before the sigmoid.
///
/// Keras 2 too goes back to the logits of a final sigmoid when it computes this loss: the logarithm of a saturated
/// sigmoid would be −∞ and have no gradient. `label` is the one target y of the whole batch: 1 for real, 0 for fake,
/// 0.9 for real with one-sided smoothing (Salimans et al. 2016).
///
/// # Shapes
/// `logits`: any; result: ().
///
/// # Errors
/// When libtorch refuses.
///
/// ```
/// # fn main() -> gan_nb::Result<()> {
/// // A discriminator that can't tell: σ(0) = 0.5 costs ln 2.
/// let loss = gan_nb::loss::binary_crossentropy(1.0, &tch::Tensor::zeros([8, 1], tch::kind::FLOAT_CPU))?;
/// assert!((loss.double_value(&[]) - 2f64.ln()).abs() < 1e-6);
/// # Ok(())
/// # }
/// ```
pub fn binary_crossentropy(label: f64, logits: &Tensor) -> Result<Tensor> {
    make_ready();
    binary_crossentropy_to(&filled(&[], label, (logits.f_kind()?, logits.device()))?, logits)
}

/// The same for a target that is on the device.
///
/// # Shapes
/// `label`: (); `logits`: any; result: ()
///
/// # Errors
/// When libtorch refuses.
pub(crate) fn binary_crossentropy_to(label: &Tensor, logits: &Tensor) -> Result<Tensor> {
    let labels = label.f_to_kind(logits.f_kind()?)?.f_expand_as(logits)?;
    Ok(logits.f_binary_cross_entropy_with_logits(&labels, None::<&Tensor>, None::<&Tensor>, Reduction::Mean)?)
}

/// The fraction of a batch that is on the label's side (Keras's metric of that name): of images that are real (`label`
/// 1) those with σ(l) > 0.5, that is l > 0, of fakes (`label` 0) the others.
///
/// # Shapes
/// `logits`: any; result: ().
///
/// # Errors
/// When libtorch refuses.
pub fn binary_accuracy(label: f64, logits: &Tensor) -> Result<Tensor> {
    let above = logits.is_above(0.0)?;
    let right = if label > 0.5 { above } else { above.f_logical_not()? };
    Ok(right.f_to_kind(tch::Kind::Float)?.f_mean(tch::Kind::Float)?)
}

/// L_D = E[softplus(−D(x))] + E[softplus(D(G(z)))], which is −E[log σ(D(x))] − E[log(1 − σ(D(G(z))))]. At balance it is
/// 2 ln 2.
///
/// # Shapes
/// `real`, `fake`: scores before the sigmoid, any shapes; result: ()
///
/// # Errors
/// When libtorch refuses.
pub fn discriminator(real: &Tensor, fake: &Tensor) -> Result<Tensor> {
    Ok(mean_softplus(&real.f_neg()?)?.f_add(&mean_softplus(fake)?)?)
}

/// L_G = E[softplus(−D(G(z)))], which is −E[log σ(D(G(z)))]: its gradient is largest where the fakes are told apart, where
/// that of log(1 − σ(D(G(z)))) vanishes.
///
/// # Shapes
/// `fake`: scores before the sigmoid, any shape; result: ()
///
/// # Errors
/// When libtorch refuses.
pub fn generator(fake: &Tensor) -> Result<Tensor> {
    mean_softplus(&fake.f_neg()?)
}
