//! How far an Adam has come, and what its next step is multiplied by.

use super::settings::AdamSettings;
use crate::Result;
use crate::platform::arithmetic::{Arithmetic, filled};
use crate::platform::tape;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tch::{Device, Kind, Tensor};

/// The settings and the steps taken. They are shared with the recordings of an iteration, which ask for the rate of each step
/// anew: a learning rate that is set, or falls by a schedule, acts at once.
#[derive(Debug)]
pub(super) struct Clock(Arc<Mutex<State>>);

#[derive(Debug, Default)]
pub(super) struct State {
    pub settings: AdamSettings,
    /// t, where the loss is not scaled; else the count is on the device, in `loss_scale`.
    pub steps: u64,
}

impl Clock {
    pub fn new() -> Self {
        Self(Arc::default())
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }

    /// A copy of the settings.
    pub fn settings(&self) -> AdamSettings {
        self.state().settings.clone()
    }

    /// Counts a step, and gives its corrected rate.
    ///
    /// # Shapes
    /// result: (1) float32
    ///
    /// # Errors
    /// When libtorch can't hold it.
    pub fn next_rate(&self, device: Device) -> Result<Tensor> {
        tape::give(&self.0, device, |state| {
            let mut state = lock(state);
            state.steps += 1;
            Ok(Tensor::f_from_slice(&[corrected_rate(&state.settings, state.steps)])?)
        })
    }

    /// Takes back the last step counted, which was not taken.
    pub fn take_back(&self) {
        let mut state = self.state();
        state.steps = state.steps.saturating_sub(1);
    }

    /// The learning rate as it was set.
    ///
    /// # Shapes
    /// result: (1) float64
    ///
    /// # Errors
    /// When libtorch can't hold it.
    pub fn learning_rate(&self, device: Device) -> Result<Tensor> {
        tape::give(&self.0, device, |state| Ok(Tensor::f_from_slice(&[lock(state).settings.learning_rate])?))
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// α √(1 − β₂ᵗ) / (1 − β₁ᵗ) of the `t`-th step, in float32 as Keras computes it.
///
/// The last digit of βᵗ counts: 1 − 0.999 is 1.29e-5 too small in float32, which changes the generator's loss by 0.25 %
/// within three iterations of the lesson's networks at 1e-3. So βᵗ is rounded once, as a good power function does, not
/// at each of t multiplications.
fn corrected_rate(settings: &AdamSettings, t: u64) -> f32 {
    let rate = settings.learning_rate * settings.schedule.factor(t.saturating_sub(1));
    // Beyond 2³¹ steps βᵗ is 0 in any case.
    let exponent = i32::try_from(t).unwrap_or(i32::MAX);
    let correction = |beta: f64| 1.0 - f64::from(beta as f32).powi(exponent) as f32;
    rate as f32 * correction(settings.beta_2).sqrt() / correction(settings.beta_1)
}

/// The same where `t` is known only on the device.
///
/// # Shapes
/// `learning_rate`: (1) float64; `t`: (1) float64, 1 or more; result: (1) float32
///
/// # Errors
/// When libtorch refuses.
pub(super) fn corrected_rate_on_device(settings: &AdamSettings, learning_rate: &Tensor, t: &Tensor) -> Result<Tensor> {
    let factor = settings.schedule.factor_on_device(&t.minus(1.0)?)?;
    let rate = factor.f_mul(learning_rate)?.f_to_kind(Kind::Float)?;
    let correction = |beta: f64| -> Result<Tensor> {
        let beta = filled(&t.size(), f64::from(beta as f32), (t.f_kind()?, t.device()))?;
        beta.f_pow(t)?.f_to_kind(Kind::Float)?.f_neg()?.plus(1.0)
    };
    Ok(rate.f_mul(&correction(settings.beta_2)?.f_sqrt()?)?.f_div(&correction(settings.beta_1)?)?)
}
