//! Classes as a condition.

use crate::{Error, Result};
use tch::{Device, Kind, Tensor};

/// (B, classes): 1 at each input's class, 0 elsewhere. A condition that has the shares of the classes already is taken as it is.
///
/// # Errors
/// [`Error::Value`] for a condition of another shape or kind, and, on the CPU, for a class that is not there. (On a GPU such a
/// class becomes a row of zeros: to look, the program would have to wait.)
pub(super) fn one_hot(classes: &Tensor, count: i64, kind: Kind) -> Result<Tensor> {
    let found = (classes.size(), classes.f_kind()?);
    match (&found.0[..], found.1) {
        ([_, shares], Kind::Float | Kind::Double | Kind::Half | Kind::BFloat16) if *shares == count => {
            Ok(classes.f_to_kind(kind)?)
        }
        ([_], Kind::Int64) => {
            check_range(classes, count)?;
            let all = Tensor::f_from_slice(&(0..count).collect::<Vec<i64>>())?.f_to_device(classes.device())?;
            Ok(classes.f_unsqueeze(1)?.f_eq_tensor(&all)?.f_to_kind(kind)?)
        }
        _ => {
            let expected = format!("class numbers (B) Int64, or shares (B, {count}) of a kind of float");
            let hint = "A batch's labels are such class numbers.";
            Err(Error::value("the condition", format!("{:?} of shape {:?}", found.1, found.0), expected, hint))
        }
    }
}

fn check_range(classes: &Tensor, count: i64) -> Result<()> {
    if classes.device() != Device::Cpu || classes.numel() == 0 {
        return Ok(());
    }
    let ends = [classes.f_min()?, classes.f_max()?].map(|end| end.int64_value(&[]));
    match ends.into_iter().find(|class| !(0..count).contains(class)) {
        None => Ok(()),
        Some(class) => {
            let hint = "Build the model for as many classes as the data has.";
            Err(Error::value("a class of the condition", class, format!("0 to {}", count - 1), hint))
        }
    }
}

/// The rows of a table (classes, n) that belong to these classes: (B, n). As a product, because its gradient is one too, which
/// is faster and always adds up in the same order.
///
/// # Errors
/// As [`one_hot`].
pub(super) fn rows_of_classes(table: &Tensor, classes: &Tensor) -> Result<Tensor> {
    Ok(one_hot(classes, table.size()[0], table.f_kind()?)?.f_mm(table)?)
}
