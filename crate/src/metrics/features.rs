//! What the distances between sets of features ask of them.

use crate::{Error, Result};
use tch::{Device, Kind, Tensor};

/// Two sets of points as rows of float64 on the CPU, which must have as many coordinates and at least `least` points each.
pub(super) fn both(metric: &str, a: &Tensor, b: &Tensor, least: i64) -> Result<[Tensor; 2]> {
    let fits = |x: &Tensor| x.dim() == 2 && x.size()[0] >= least && x.size()[1] > 0;
    if !fits(a) || !fits(b) || a.size()[1] != b.size()[1] {
        return Err(Error::Shape {
            layer: metric.into(),
            found: format!("{:?} and {:?}", a.size(), b.size()),
            expected: format!("two sets [N, F] of the same F, with {least} points or more"),
            hint: "Give the features of two sets of images, one row an image.".into(),
        });
    }
    Ok([of_kind(a, Kind::Double)?, of_kind(b, Kind::Double)?])
}

/// The same numbers on the CPU and in this kind, nothing recorded.
pub(super) fn of_kind(x: &Tensor, kind: Kind) -> Result<Tensor> {
    Ok(x.f_detach()?.f_to_device(Device::Cpu)?.f_to_kind(kind)?)
}
