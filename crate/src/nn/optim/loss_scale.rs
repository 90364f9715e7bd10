//! The scale of a loss whose gradients are computed in 16 bits.

use super::Gradients;
use crate::Result;
use crate::platform::arithmetic::{Arithmetic, filled};
use crate::platform::ffi;
use tch::{Kind, TchError, Tensor};

/// What the first steps are scaled by. It soon becomes what the gradients allow.
const FIRST_SCALE: f64 = 32768.0;

/// The scale, and what only the device knows as long as nobody waits for it.
#[derive(Debug)]
pub(super) struct LossScale {
    /// (1) float32: what the loss is multiplied by.
    scale: Tensor,
    /// (1) int32: steps since the scale last changed.
    growth_tracker: Tensor,
    /// (1) float64: steps taken. A step with gradients that are not finite is skipped and does not count, as in PyTorch
    /// and Keras: Adam's corrections are those of the steps that its moments have seen.
    taken: Tensor,
}

impl LossScale {
    /// For an optimizer of weights like this one, after this many steps.
    pub fn new(weight: &Tensor, steps: u64) -> Self {
        let full = |value: f64, kind| match weight.defined() {
            true => filled(&[1], value, (kind, weight.device())).unwrap_or_default(),
            false => Tensor::new(),
        };
        Self {
            scale: full(FIRST_SCALE, Kind::Float),
            growth_tracker: full(0.0, Kind::Int),
            taken: full(steps as f64, Kind::Double),
        }
    }

    pub fn scale(&self) -> &Tensor {
        &self.scale
    }

    /// How many steps were taken; waits for the device. 0 when it no longer answers.
    pub fn taken(&self) -> u64 {
        self.taken.f_double_value(&[0]).map_or(0, |taken| taken as u64)
    }

    pub fn set_taken(&self, steps: u64) {
        // In place: a recorded iteration finds it where it was. A device that is lost ends the next step with an error.
        let counted = filled(&self.taken.size(), steps as f64, (Kind::Double, self.taken.device()));
        let _ = counted.map(|counted| self.taken.shallow_clone().f_copy_(&counted));
    }

    /// Under the names that they have in checkpoints. (The steps taken are counted there beside them.)
    pub fn state(&self) -> [(String, Tensor); 2] {
        [("loss_scale", &self.scale), ("growth_tracker", &self.growth_tracker)]
            .map(|(name, value)| (name.into(), value.shallow_clone()))
    }

    /// Whether a step with these gradients is skipped, and how many steps will have been taken after it.
    ///
    /// # Shapes
    /// result: (1) float32 and (1) float64
    ///
    /// # Errors
    /// When libtorch refuses.
    pub fn after(&self, gradients: &Gradients) -> Result<(Tensor, Tensor)> {
        let found_inf = match gradients.found_inf() {
            Some(found_inf) => found_inf.shallow_clone(),
            None => self.scale.f_zeros_like()?, // computed before the loss was scaled
        };
        let taken = self.taken.plus(1.0)?.f_sub(&found_inf)?;
        Ok((found_inf, taken))
    }

    /// After the step: keeps the count, halves the scale after a skipped step, and doubles it after many that were not.
    ///
    /// # Errors
    /// When libtorch refuses.
    pub fn advance(&self, found_inf: &Tensor, taken: &Tensor) -> Result<()> {
        // In place: a recorded iteration finds them where they were.
        self.taken.shallow_clone().f_copy_(taken)?;
        ffi::update_scale(&self.scale, &self.growth_tracker, found_inf)
    }
}

/// A tensor, or an undefined one where libtorch refuses to make it (there is no memory, or the device is lost): the next
/// step then ends with an error.
pub(super) fn or_undefined(made: Result<Tensor, TchError>) -> Tensor {
    made.unwrap_or_else(|_| Tensor::new())
}
