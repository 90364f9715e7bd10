//! The distance between pictures.

use crate::platform::device::make_ready;
use crate::{Error, Result};
use tch::{Reduction, Tensor};

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
    make_ready();
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
