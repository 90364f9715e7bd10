//! Spectral normalization of a kernel.

use super::layer::{Context, Weight};
use super::{Init, Initializer};
use crate::Result;
use crate::platform::arithmetic::Arithmetic;
use crate::platform::ffi;
use tch::{Tensor, no_grad};

/// Steps of power iteration before the first use; from then on one step follows the slowly changing kernel.
const FIRST_STEPS: usize = 5;

/// W/σ(W), where σ(W) is the largest factor by which W stretches a vector (Miyato et al. 2018). A layer with such a kernel, and
/// so a network of such layers, can't change its answer faster than its input changes.
///
/// The two vectors approach those that W stretches most, one step of power iteration at each forward pass in training.
#[derive(Debug)]
pub(super) struct SpectralNorm {
    /// (filters)
    u: Tensor,
    /// (everything else)
    v: Tensor,
    /// Which axis of the kernel has the filters.
    axis: i64,
}

impl SpectralNorm {
    /// For a kernel whose `axis` has the filters.
    ///
    /// # Errors
    /// When libtorch can't hold it.
    pub(super) fn new(kernel: &Tensor, axis: i64, init: &mut Init) -> Result<Self> {
        let matrix = no_grad(|| as_matrix(kernel, axis))?;
        let (rows, columns) = matrix.size2()?;
        let u = init.weight(Initializer::normal(1.0), &[rows], false)?;
        let norm = Self { u, v: init.statistic(columns, 0.0)?, axis };
        for _ in 0..FIRST_STEPS {
            norm.iterate(&matrix)?;
        }
        Ok(norm)
    }

    /// The kernel that a layer computes with: its own, divided where it has a norm.
    ///
    /// # Errors
    /// When libtorch refuses.
    pub(super) fn apply(norm: &Option<Self>, kernel: &Tensor, context: Context) -> Result<Tensor> {
        norm.as_ref().map_or_else(|| Ok(kernel.shallow_clone()), |norm| norm.divide(kernel, context.train))
    }

    /// v ← Wᵀu / ‖Wᵀu‖, u ← Wv / ‖Wv‖
    fn iterate(&self, matrix: &Tensor) -> Result<()> {
        no_grad(|| {
            let v = unit(&matrix.f_tr()?.f_mv(&self.u)?)?;
            let u = unit(&matrix.f_mv(&v)?)?;
            self.v.shallow_clone().f_copy_(&v)?;
            Ok(self.u.shallow_clone().f_copy_(&u)?)
        })
    }

    /// W/σ(W) with σ(W) = uᵀWv, through which gradients flow.
    ///
    /// # Shapes
    /// `kernel`: that of the layer, unchanged
    ///
    /// # Errors
    /// When libtorch refuses.
    pub(super) fn divide(&self, kernel: &Tensor, train: bool) -> Result<Tensor> {
        // In 16 bits σ would be off by a percent.
        ffi::full_precision(kernel.device(), || {
            let matrix = as_matrix(kernel, self.axis)?;
            if train {
                self.iterate(&matrix)?;
            }
            // Copies, because the way back needs these values, and the next forward pass writes over the vectors.
            let (u, v) = (self.u.f_detach_copy()?, self.v.f_detach_copy()?);
            Ok(kernel.f_div(&u.f_dot(&matrix.f_mv(&v)?)?)?)
        })
    }

    /// The two vectors.
    pub(super) fn weights(&self) -> [Weight; 2] {
        [Weight::new("u", &self.u, false), Weight::new("v", &self.v, false)]
    }

    /// The same of a layer that may have a norm.
    pub(super) fn weights_of(norm: &Option<Self>) -> Vec<Weight> {
        norm.iter().flat_map(Self::weights).collect()
    }
}

/// The kernel as a matrix with a row for each filter.
fn as_matrix(kernel: &Tensor, axis: i64) -> Result<Tensor> {
    Ok(kernel.f_movedim_int(axis, 0)?.f_flatten(1, -1)?)
}

/// x / ‖x‖
fn unit(x: &Tensor) -> Result<Tensor> {
    // A kernel of zeros has no direction, and stays as it is.
    Ok(x.f_div(&x.f_norm()?.at_least(1e-12)?)?)
}
