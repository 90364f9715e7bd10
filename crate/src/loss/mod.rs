//! Loss and accuracy of the two players.

use crate::{Error, Result};
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
    let labels = logits.f_full_like(label)?;
    Ok(logits.f_binary_cross_entropy_with_logits(&labels, None::<&Tensor>, None::<&Tensor>, Reduction::Mean)?)
}

/// Mean of |y_true − y_pred| over all values, Keras's loss of that name: the L1 distance between pictures.
///
/// # Shapes
/// `y_true` and `y_pred`: any, the same; result: ().
///
/// # Errors
/// [`Error::Shape`] when the shapes differ (libtorch would repeat the smaller one).
///
/// ```
/// use gan_nb::{loss::mean_absolute_error, tch::Tensor};
/// let loss = mean_absolute_error(&Tensor::from_slice(&[1.0f32, -1.0]), &Tensor::from_slice(&[0.5f32, 0.5]))?;
/// assert_eq!(loss.double_value(&[]), 1.0);
/// # Ok::<(), gan_nb::Error>(())
/// ```
pub fn mean_absolute_error(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    if y_true.size() != y_pred.size() {
        return Err(Error::Shape {
            layer: "mean_absolute_error".into(),
            found: format!("{:?}", y_pred.size()),
            expected: format!("{:?}, as y_true", y_true.size()),
            hint: "Both are compared value by value.".into(),
        });
    }
    Ok(y_pred.f_l1_loss(y_true, Reduction::Mean)?)
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
    let right = if label > 0.5 { logits.f_gt(0.0)? } else { logits.f_le(0.0)? };
    Ok(right.f_to_kind(tch::Kind::Float)?.f_mean(tch::Kind::Float)?)
}
