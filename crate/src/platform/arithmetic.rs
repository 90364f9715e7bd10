//! Arithmetic of a tensor with a number, which gives an error where tch's own panics.
//!
//! tch passes a number to libtorch as a `Scalar`, which is dropped before libtorch's refusal is read; dropping it finds the
//! refusal, and unwraps it. So a GPU that is full would end the process in the midst of an `f_add_scalar`. A tensor without axes
//! counts as a number too: it takes the kind of the other tensor, and may stay on the CPU when that is on a GPU.

use crate::Result;
use tch::{Device, Kind, Tensor};

/// Operators with a number. The result has the kind and device of the tensor.
pub(crate) trait Arithmetic {
    /// x + number
    fn plus(&self, number: f64) -> Result<Tensor>;
    /// x − number
    fn minus(&self, number: f64) -> Result<Tensor>;
    /// x · number
    fn times(&self, number: f64) -> Result<Tensor>;
    /// x / number
    fn over(&self, number: f64) -> Result<Tensor>;
    /// x to the power of number
    fn power(&self, number: f64) -> Result<Tensor>;
    /// The larger of x and number.
    fn at_least(&self, number: f64) -> Result<Tensor>;
    /// The smaller of x and number.
    fn at_most(&self, number: f64) -> Result<Tensor>;
    /// Whether x > number.
    fn is_above(&self, number: f64) -> Result<Tensor>;
    /// x − number, written over x.
    fn minus_in_place(&mut self, number: f64) -> Result<()>;
    /// x / number, written over x.
    fn over_in_place(&mut self, number: f64) -> Result<()>;
    /// Moves x this part of the way to `end`, in place.
    fn approach(&self, end: &Tensor, way: f64) -> Result<()>;
    /// The same with the part as a number on the device: () float32.
    fn approach_by(&self, end: &Tensor, way: &Tensor) -> Result<()>;
}

impl Arithmetic for Tensor {
    fn plus(&self, number: f64) -> Result<Tensor> {
        Ok(self.f_add(&scalar(number)?)?)
    }

    fn minus(&self, number: f64) -> Result<Tensor> {
        Ok(self.f_sub(&scalar(number)?)?)
    }

    fn times(&self, number: f64) -> Result<Tensor> {
        Ok(self.f_mul(&scalar(number)?)?)
    }

    fn over(&self, number: f64) -> Result<Tensor> {
        Ok(self.f_div(&scalar(number)?)?)
    }

    fn power(&self, number: f64) -> Result<Tensor> {
        Ok(self.f_pow(&scalar(number)?)?)
    }

    fn at_least(&self, number: f64) -> Result<Tensor> {
        Ok(self.f_maximum(&scalar(number)?)?)
    }

    fn at_most(&self, number: f64) -> Result<Tensor> {
        Ok(self.f_minimum(&scalar(number)?)?)
    }

    fn is_above(&self, number: f64) -> Result<Tensor> {
        Ok(self.f_gt_tensor(&scalar(number)?)?)
    }

    fn minus_in_place(&mut self, number: f64) -> Result<()> {
        let _ = self.f_sub_(&scalar(number)?)?;
        Ok(())
    }

    fn over_in_place(&mut self, number: f64) -> Result<()> {
        let _ = self.f_div_(&scalar(number)?)?;
        Ok(())
    }

    fn approach(&self, end: &Tensor, way: f64) -> Result<()> {
        self.approach_by(end, &scalar(way)?)
    }

    fn approach_by(&self, end: &Tensor, way: &Tensor) -> Result<()> {
        let step = end.f_to_kind(self.f_kind()?)?.f_sub(self)?.f_mul(way)?;
        let _ = self.shallow_clone().f_add_(&step)?;
        Ok(())
    }
}

/// A tensor of this shape that holds one number everywhere.
///
/// # Errors
/// When libtorch can't hold it.
pub(crate) fn filled(shape: &[i64], number: f64, (kind, device): (Kind, Device)) -> Result<Tensor> {
    // To its kind again: whole numbers plus a number are floats.
    Ok(Tensor::f_zeros(shape, (kind, device))?.plus(number)?.f_to_kind(kind)?)
}

/// 0, 1, 2 … up to `count` − 1, of this kind.
///
/// # Errors
/// When libtorch can't hold it.
pub(crate) fn counting(count: i64, (kind, device): (Kind, Device)) -> Result<Tensor> {
    // As whole numbers: CUDA has no deterministic sum of floats.
    let ones = Tensor::f_ones([count], (Kind::Int64, device))?;
    Ok(ones.f_cumsum(0, Kind::Int64)?.f_sub(&ones)?.f_to_kind(kind)?)
}

/// A tensor without axes.
fn scalar(number: f64) -> Result<Tensor> {
    Ok(Tensor::f_from_slice(&[number])?.f_view([0i64; 0])?)
}

#[cfg(test)]
mod tests {
    use super::{Arithmetic, counting, filled};
    use tch::{Device, Kind, Tensor};

    #[test]
    fn it_is_that_of_numbers_in_the_tensor_s_kind() {
        for kind in [Kind::Float, Kind::Double, Kind::BFloat16] {
            let x = Tensor::from_slice(&[1.0, 4.0]).to_kind(kind);
            let results = [
                (x.plus(0.5), [1.5, 4.5]),
                (x.minus(0.5), [0.5, 3.5]),
                (x.times(0.5), [0.5, 2.0]),
                (x.over(0.5), [2.0, 8.0]),
                (x.power(0.5), [1.0, 2.0]),
                (x.at_least(2.0), [2.0, 4.0]),
                (x.at_most(2.0), [1.0, 2.0]),
                (filled(&[2], 3.0, (kind, Device::Cpu)), [3.0, 3.0]),
            ];
            for (i, (result, expected)) in results.into_iter().enumerate() {
                let result = result.unwrap();
                assert_eq!(result.kind(), kind, "result {i}");
                assert_eq!(Vec::<f64>::try_from(result.to_kind(Kind::Double)).unwrap(), expected, "result {i}");
            }
            assert_eq!(Vec::<bool>::try_from(x.is_above(1.0).unwrap()).unwrap(), [false, true]);
            let mut y = x.copy();
            y.minus_in_place(2.0).unwrap();
            y.over_in_place(0.5).unwrap();
            assert_eq!(Vec::<f64>::try_from(y.to_kind(Kind::Double)).unwrap(), [-2.0, 4.0]);
            assert_eq!(y.kind(), kind);
            x.approach(&Tensor::from_slice(&[3.0f32, 0.0]), 0.25).unwrap();
            assert_eq!(Vec::<f64>::try_from(x.to_kind(Kind::Double)).unwrap(), [1.5, 3.0]);
        }
    }

    #[test]
    fn counting_begins_at_0() {
        let counted =
            |kind| Vec::<f64>::try_from(counting(3, (kind, Device::Cpu)).unwrap().to_kind(Kind::Double)).unwrap();
        assert_eq!([counted(Kind::Int64), counted(Kind::Float)], [[0.0, 1.0, 2.0]; 2]);
    }

    /// What libtorch refuses is an error; with a number of tch's it would be a panic.
    #[test]
    fn what_libtorch_refuses_is_an_error() {
        let (none, one) = (Tensor::new(), Tensor::from(1.0f32));
        assert!(none.plus(1.0).is_err());
        assert!(none.minus(1.0).is_err());
        assert!(none.times(1.0).is_err());
        assert!(none.over(1.0).is_err());
        assert!(none.power(1.0).is_err());
        assert!(none.at_least(1.0).is_err());
        assert!(none.at_most(1.0).is_err());
        assert!(none.is_above(1.0).is_err());
        assert!(Tensor::new().minus_in_place(1.0).is_err());
        assert!(Tensor::new().over_in_place(1.0).is_err());
        assert!(one.approach(&none, 1.0).is_err());
        assert!(filled(&[-1], 1.0, (Kind::Float, Device::Cpu)).is_err());
        assert!(
            std::panic::catch_unwind(|| Tensor::new().f_add_scalar(1.0)).is_err(),
            "tch's panics no longer: use it"
        );
    }
}
