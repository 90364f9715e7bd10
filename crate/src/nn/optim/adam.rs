//! Adam, Keras's way.

use super::clock::{Clock, corrected_rate_on_device};
use super::loss_scale::{LossScale, or_undefined};
use super::settings::AdamSettings;
use super::{Gradients, Optimizer, Schedule, Unreached};
use crate::platform::arithmetic::Arithmetic;
use crate::platform::ffi;
use crate::{Error, Result};
use tch::{Tensor, no_grad};

/// Adam (Kingma & Ba 2015) in the form of Keras 2 and of the end of the paper's section 2:
///
/// ```text
/// m ← m + (1 − β₁)(g − m)        v ← v + (1 − β₂)(g² − v)
/// w ← w − α √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε)
/// ```
///
/// ε is added before the bias of v is corrected. (PyTorch adds it after, which for small gradients is a different step.)
/// `minimize` and the rest are methods of [`Optimizer`].
///
/// Settings out of range are refused at the first step.
#[derive(Debug)]
pub struct Adam {
    weights: Vec<Tensor>,
    m: Vec<Tensor>,
    v: Vec<Tensor>,
    clock: Clock,
    loss_scale: Option<LossScale>,
}

impl Adam {
    /// For these weights, with Keras's defaults: learning rate 1e-3, beta_1 0.9, beta_2 0.999, epsilon 1e-7.
    pub fn new(weights: Vec<Tensor>) -> Self {
        // An undefined weight has no moments; the first step reports it.
        let zeros = |weight: &Tensor| or_undefined(weight.f_detach().and_then(|weight| weight.f_zeros_like()));
        let (m, v) = (weights.iter().map(zeros).collect(), weights.iter().map(zeros).collect());
        Self { weights, m, v, clock: Clock::new(), loss_scale: None }
    }

    /// α, the size of a step: from 0 to 1. (Of a `dyn Optimizer` the method of this name gives it back.)
    pub fn learning_rate(self, learning_rate: f64) -> Self {
        self.clock.state().settings.learning_rate = learning_rate;
        self
    }

    /// β₁, how much of the mean gradient is kept at each step, its momentum: at least 0, below 1.
    pub fn beta_1(self, beta_1: f64) -> Self {
        self.clock.state().settings.beta_1 = beta_1;
        self
    }

    /// β₂, the same for the mean squared gradient.
    pub fn beta_2(self, beta_2: f64) -> Self {
        self.clock.state().settings.beta_2 = beta_2;
        self
    }

    /// ε, which keeps the division away from 0; above 0.
    pub fn epsilon(self, epsilon: f64) -> Self {
        self.clock.state().settings.epsilon = epsilon;
        self
    }

    /// What the learning rate is multiplied by at each step; 1 by default.
    pub fn schedule(self, schedule: Schedule) -> Self {
        self.clock.state().settings.schedule = schedule;
        self
    }

    /// With a scaled loss from the start: see [`Optimizer::scale_loss`].
    pub fn with_scaled_loss(mut self) -> Self {
        self.scale_loss();
        self
    }

    /// [`Optimizer::minimize`] where the trait is not in scope, as in a cell that names only `Adam`.
    ///
    /// # Errors
    /// As [`Optimizer::minimize`].
    pub fn minimize(&mut self, loss: &Tensor) -> Result<()> {
        Optimizer::minimize(self, loss)
    }

    /// One fused step for the weights that have a gradient.
    fn step(&self, gradients: &Gradients, rate: &Tensor, found_inf: Option<&Tensor>) -> Result<()> {
        let reached = self.weights.iter().zip(&self.m).zip(&self.v).zip(gradients.tensors());
        let reached: Vec<_> = reached.filter_map(|(own, gradient)| Some((own, gradient.as_ref()?))).collect();
        let weights: Vec<_> = reached.iter().map(|(((weight, _), _), _)| *weight).collect();
        let m: Vec<_> = reached.iter().map(|(((_, m), _), _)| *m).collect();
        let v: Vec<_> = reached.iter().map(|((_, v), _)| *v).collect();
        let gradients: Vec<_> = reached.iter().map(|(_, gradient)| *gradient).collect();
        let AdamSettings { beta_1, beta_2, epsilon, .. } = self.clock.settings();
        ffi::adam(&weights, &gradients, [&m, &v], ffi::Step { rate, beta_1, beta_2, epsilon, found_inf })
    }

    /// A step that counts.
    fn step_that_counts(&self, gradients: &Gradients) -> Result<()> {
        let Some(weight) = self.weights.first() else { return Ok(()) };
        let rate = self.clock.next_rate(weight.device())?;
        self.step(gradients, &rate, None).inspect_err(|_| self.clock.take_back())
    }

    /// A step that counts only where the gradients are finite, which only the device knows; nobody waits for its answer.
    fn step_if_finite(&self, scale: &LossScale, gradients: &Gradients) -> Result<()> {
        let (found_inf, taken) = scale.after(gradients)?;
        let learning_rate = self.clock.learning_rate(taken.device())?;
        // A first step that is skipped is computed all the same, as if it were taken.
        let rate = corrected_rate_on_device(&self.clock.settings(), &learning_rate, &taken.at_least(1.0)?)?;
        self.step(gradients, &rate, Some(&found_inf))?;
        scale.advance(&found_inf, &taken)
    }
}

impl Optimizer for Adam {
    fn weights(&self) -> &[Tensor] {
        &self.weights
    }

    fn compute_gradients_of(&self, loss: &Tensor, unreached: Unreached) -> Result<Gradients> {
        self.clock.settings().validate()?;
        Gradients::compute(loss, &self.weights, unreached, self.loss_scale.as_ref().map(LossScale::scale))
    }

    fn apply_gradients(&mut self, gradients: Gradients) -> Result<()> {
        self.clock.settings().validate()?;
        let (found, own) = (gradients.tensors().len(), self.weights.len());
        if found != own {
            let hint = "Apply gradients with the optimizer that computed them.";
            return Err(Error::value("the number of gradients", found, format!("{own}, one for each weight"), hint));
        }
        no_grad(|| {
            if let Some(scale) = &self.loss_scale {
                return self.step_if_finite(scale, &gradients);
            }
            // Of a loss that was scaled when they were computed.
            if let Some(found_inf) = gradients.found_inf()
                && found_inf.f_double_value(&[0])? != 0.0
            {
                return Ok(());
            }
            self.step_that_counts(&gradients)
        })
    }

    fn learning_rate(&self) -> f64 {
        self.clock.state().settings.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) -> Result<()> {
        let settings = AdamSettings { learning_rate, ..self.clock.settings() };
        settings.validate()?;
        self.clock.state().settings = settings;
        Ok(())
    }

    fn steps(&self) -> u64 {
        self.loss_scale.as_ref().map_or_else(|| self.clock.state().steps, LossScale::taken)
    }

    fn set_steps(&mut self, steps: u64) {
        self.clock.state().steps = steps;
        if let Some(scale) = &self.loss_scale {
            scale.set_taken(steps);
        }
    }

    /// `m/0`, `m/1` …, the moments in the order of the weights, then `v/0` …, and with a scaled loss `loss_scale` and
    /// `growth_tracker`.
    fn state(&self) -> Vec<(String, Tensor)> {
        let moments = [("m", &self.m), ("v", &self.v)];
        let named = moments.into_iter().flat_map(|(name, moments)| {
            moments.iter().enumerate().map(move |(i, moment)| (format!("{name}/{i}"), moment.shallow_clone()))
        });
        named.chain(self.loss_scale.iter().flat_map(LossScale::state)).collect()
    }

    fn settings(&self) -> serde_json::Value {
        self.clock.settings().to_json(self.is_scaling_loss())
    }

    fn load_settings(&mut self, settings: &serde_json::Value) -> Result<()> {
        let (settings, scales_loss) = AdamSettings::from_json(settings)?;
        self.clock.state().settings = settings;
        match scales_loss {
            true => self.scale_loss(),
            false => {
                let steps = self.steps();
                self.clock.state().steps = steps;
                self.loss_scale = None;
            }
        }
        Ok(())
    }

    fn scale_loss(&mut self) {
        if self.loss_scale.is_none() {
            self.loss_scale = self.weights.first().map(|weight| LossScale::new(weight, self.clock.state().steps));
        }
    }

    fn is_scaling_loss(&self) -> bool {
        self.loss_scale.is_some()
    }

    /// All but the learning rate, of which each step is told anew.
    fn recorded_settings(&self) -> Option<serde_json::Value> {
        let settings = AdamSettings { learning_rate: 0.0, ..self.clock.settings() };
        Some(settings.to_json(self.is_scaling_loss()))
    }
}
