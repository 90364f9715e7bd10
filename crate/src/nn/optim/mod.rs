//! Optimizers: how weights follow the gradients of a loss.
//!
//! ```
//! use gan_nb::nn::{Adam, Dense, Optimizer, Schedule, Sequential};
//! use gan_nb::tch::{Kind, Tensor};
//! # fn main() -> gan_nb::Result<()> {
//! let mut model = Sequential::new("tiny", [2], 42);
//! model.add(Dense::new(1))?;
//! // The learning rate falls to 0 over the second half of 1,000 steps.
//! let mut optimizer = Adam::new(model.trainable_weights()).learning_rate(2e-4).schedule(Schedule::linear(500, 1000));
//! let x = Tensor::ones([8, 2], (Kind::Float, model.device()));
//! optimizer.minimize(&model.forward(&x, true)?.square().mean(Kind::Float))?;
//! assert_eq!(optimizer.steps(), 1);
//! # Ok(())
//! # }
//! ```

mod adam;
mod clock;
mod gradients;
mod loss_scale;
mod schedule;
mod settings;

pub use adam::Adam;
pub use gradients::{Gradients, Unreached};
pub use schedule::Schedule;

use crate::Result;
use std::fmt;
use tch::Tensor;

/// What changes weights so that a loss falls.
///
/// An optimizer holds its weights from the start, as a compiled model of Keras 2 does: freezing a model later does not take
/// them away. The trait is object-safe, so a training can hold a `Box<dyn Optimizer>` of any kind.
pub trait Optimizer: fmt::Debug + Send {
    /// The weights that it changes. These handles share their values with the model.
    fn weights(&self) -> &[Tensor];

    /// The gradients of `loss` for its weights, with `unreached` saying whether every weight must have one. Where the loss
    /// is [scaled](Self::scale_loss) they are scaled back.
    ///
    /// # Shapes
    /// `loss`: a single number
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) when the optimizer has no weights, when a setting is out of range, or when
    /// `loss` is not a single number, is of another kind or on another device than the weights, or does not depend on them.
    fn compute_gradients_of(&self, loss: &Tensor, unreached: Unreached) -> Result<Gradients>;

    /// One step with these gradients. A weight without one keeps its value and its moments.
    ///
    /// Where the loss is scaled, gradients that are not finite cause no step at all, and the scale is halved.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) when a setting is out of range or the gradients don't fit the weights; nothing
    /// is changed then.
    fn apply_gradients(&mut self, gradients: Gradients) -> Result<()>;

    /// The learning rate as it was set, before any [`Schedule`].
    fn learning_rate(&self) -> f64;

    /// Sets the learning rate from the next step on. With a [`Schedule`] this is the rate that the schedule multiplies.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) unless it is 0 to 1; the rate then stays as it was.
    fn set_learning_rate(&mut self, learning_rate: f64) -> Result<()>;

    /// How many steps were taken. Skipped ones don't count. With a scaled loss the count is on the weights' device, and
    /// reading it waits for that.
    fn steps(&self) -> u64;

    /// Continues as if this many steps had been taken.
    fn set_steps(&mut self, steps: u64);

    /// Everything else that one step passes on to the next, under names that stay the same from version to version. These
    /// handles share their values with the optimizer: copying into them restores a saved state.
    fn state(&self) -> Vec<(String, Tensor)>;

    /// The kind of optimizer with all its settings, for [`load_settings`](Self::load_settings).
    fn settings(&self) -> serde_json::Value;

    /// Takes over the settings of another optimizer of this kind, bit for bit.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) for those of another kind or out of range; nothing is changed then.
    fn load_settings(&mut self, settings: &serde_json::Value) -> Result<()>;

    /// Scales the loss before its gradients are computed, and the gradients back afterwards, so that in 16 bits the small
    /// ones don't become 0: Keras's `LossScaleOptimizer` (Micikevicius et al. 2018). For models in
    /// [mixed precision](crate::nn::Sequential::set_mixed_precision).
    fn scale_loss(&mut self);

    /// Whether it scales the loss.
    fn is_scaling_loss(&self) -> bool;

    /// What of its settings is fixed while an iteration is [recorded](crate::platform#recorded-iterations) and repeated. None for an
    /// optimizer whose step depends on other numbers that only the host knows: it can't be recorded.
    fn recorded_settings(&self) -> Option<serde_json::Value> {
        None
    }

    /// The gradients of `loss` for all its weights.
    ///
    /// # Shapes
    /// `loss`: a single number
    ///
    /// # Errors
    /// As [`compute_gradients_of`](Self::compute_gradients_of), and when `loss` does not depend on every weight.
    fn compute_gradients(&self, loss: &Tensor) -> Result<Gradients> {
        self.compute_gradients_of(loss, Unreached::Refused)
    }

    /// One step down the gradient of `loss`, for its own weights and no others.
    ///
    /// # Shapes
    /// `loss`: a single number
    ///
    /// # Errors
    /// As [`compute_gradients`](Self::compute_gradients) and [`apply_gradients`](Self::apply_gradients); nothing is changed
    /// then.
    fn minimize(&mut self, loss: &Tensor) -> Result<()> {
        let gradients = self.compute_gradients(loss)?;
        self.apply_gradients(gradients)
    }

    /// The same for a `loss` that may leave out some of the weights, such as a gradient penalty on its own, which does not
    /// depend on the last bias. Those weights keep their values and moments.
    ///
    /// # Shapes
    /// `loss`: a single number
    ///
    /// # Errors
    /// As [`minimize`](Self::minimize), but only when `loss` depends on none of the weights.
    fn minimize_reached(&mut self, loss: &Tensor) -> Result<()> {
        let gradients = self.compute_gradients_of(loss, Unreached::Allowed)?;
        self.apply_gradients(gradients)
    }

    /// The number of weights (tensors) that it changes.
    fn len(&self) -> usize {
        self.weights().len()
    }

    /// Whether it changes none: everything was frozen when it was made.
    fn is_empty(&self) -> bool {
        self.weights().is_empty()
    }
}
