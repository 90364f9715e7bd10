//! Adam, Keras's way.

use super::loss_scale::{LossScale, or_undefined};
use super::settings::AdamSettings;
use super::{Gradients, Optimizer, Schedule, Unreached};
use crate::platform::arithmetic::{Arithmetic, filled};
use crate::platform::ffi;
use crate::{Error, Result};
use tch::{Kind, Tensor, no_grad};

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
    /// t, where the loss is not scaled; else the count is on the device, in `loss_scale`.
    step: u64,
    settings: AdamSettings,
    loss_scale: Option<LossScale>,
}

impl Adam {
    /// For these weights, with Keras's defaults: learning rate 1e-3, beta_1 0.9, beta_2 0.999, epsilon 1e-7.
    pub fn new(weights: Vec<Tensor>) -> Self {
        // An undefined weight has no moments; the first step reports it.
        let zeros = |weight: &Tensor| or_undefined(weight.f_detach().and_then(|weight| weight.f_zeros_like()));
        let (m, v) = (weights.iter().map(zeros).collect(), weights.iter().map(zeros).collect());
        Self { weights, m, v, step: 0, settings: AdamSettings::default(), loss_scale: None }
    }

    /// α, the size of a step: from 0 to 1. (Of a `dyn Optimizer` the method of this name gives it back.)
    pub fn learning_rate(mut self, learning_rate: f64) -> Self {
        self.settings.learning_rate = learning_rate;
        self
    }

    /// β₁, how much of the mean gradient is kept at each step, its momentum: at least 0, below 1.
    pub fn beta_1(mut self, beta_1: f64) -> Self {
        self.settings.beta_1 = beta_1;
        self
    }

    /// β₂, the same for the mean squared gradient.
    pub fn beta_2(mut self, beta_2: f64) -> Self {
        self.settings.beta_2 = beta_2;
        self
    }

    /// ε, which keeps the division away from 0; above 0.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.settings.epsilon = epsilon;
        self
    }

    /// What the learning rate is multiplied by at each step; 1 by default.
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.settings.schedule = schedule;
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

    /// α √(1 − β₂ᵗ) / (1 − β₁ᵗ) of the `t`-th step, in float32 as Keras computes it.
    ///
    /// The last digit of βᵗ counts: 1 − 0.999 is 1.29e-5 too small in float32, which changes the generator's loss by 0.25 %
    /// within three iterations of the lesson's networks at 1e-3. So βᵗ is rounded once, as a good power function does, not
    /// at each of t multiplications.
    fn corrected_rate(&self, t: u64) -> f64 {
        let AdamSettings { learning_rate, beta_1, beta_2, .. } = self.settings;
        let rate = learning_rate * self.settings.schedule.factor(t - 1);
        let correction = |beta: f64| 1.0 - f64::from(beta as f32).powi(exponent(t)) as f32;
        f64::from(rate as f32 * correction(beta_2).sqrt() / correction(beta_1))
    }

    /// The same where `t` is known only on the device.
    ///
    /// # Shapes
    /// `t`: (1) float64, 1 or more; result: (1) float32
    fn corrected_rate_on_device(&self, t: &Tensor) -> Result<Tensor> {
        let AdamSettings { learning_rate, beta_1, beta_2, .. } = self.settings;
        let factor = self.settings.schedule.factor_on_device(&t.minus(1.0)?)?;
        let rate = factor.times(learning_rate)?.f_to_kind(Kind::Float)?;
        let correction = |beta: f64| -> Result<Tensor> {
            let power = filled(&t.size(), f64::from(beta as f32), (t.f_kind()?, t.device()))?
                .f_pow(t)?
                .f_to_kind(Kind::Float)?;
            power.f_neg()?.plus(1.0)
        };
        Ok(rate.f_mul(&correction(beta_2)?.f_sqrt()?)?.f_div(&correction(beta_1)?)?)
    }

    /// One fused step for the weights that have a gradient.
    fn step(&self, gradients: &Gradients, step: ffi::Step) -> Result<()> {
        let reached = self.weights.iter().zip(&self.m).zip(&self.v).zip(gradients.tensors());
        let reached: Vec<_> = reached.filter_map(|(own, gradient)| Some((own, gradient.as_ref()?))).collect();
        let weights: Vec<_> = reached.iter().map(|(((weight, _), _), _)| *weight).collect();
        let m: Vec<_> = reached.iter().map(|(((_, m), _), _)| *m).collect();
        let v: Vec<_> = reached.iter().map(|((_, v), _)| *v).collect();
        let gradients: Vec<_> = reached.iter().map(|(_, gradient)| *gradient).collect();
        ffi::adam(&weights, &gradients, [&m, &v], step, [self.settings.beta_1, self.settings.beta_2])
    }

    /// A step that counts.
    fn step_on_host(&mut self, gradients: &Gradients) -> Result<()> {
        let t = self.step + 1;
        // PyTorch's fused step is w − α' / c₁ · m / (√v / √c₂ + ε'), with c = 1 − βᵗ in float64. With this α' and ε' it is
        // the formula above.
        let AdamSettings { beta_1, beta_2, epsilon, .. } = self.settings;
        let [c_1, c_2] = [beta_1, beta_2].map(|beta| 1.0 - beta.powi(exponent(t)));
        let (rate, epsilon) = (self.corrected_rate(t) * c_1 / c_2.sqrt(), epsilon / c_2.sqrt());
        self.step(gradients, ffi::Step::Counted { count: t, rate, epsilon })?;
        self.step = t;
        Ok(())
    }

    /// A step that counts only where the gradients are finite, which only the device knows; nobody waits for its answer.
    fn step_on_device(&self, scale: &mut LossScale, gradients: &Gradients) -> Result<()> {
        let (found_inf, taken) = scale.after(gradients)?;
        // A first step that is skipped is computed all the same, as if it were taken.
        let rate = self.corrected_rate_on_device(&taken.at_least(1.0)?)?;
        let step = ffi::Step::Corrected { rate: &rate, found_inf: &found_inf, epsilon: self.settings.epsilon };
        self.step(gradients, step)?;
        scale.advance(&found_inf, taken)
    }
}

/// t as a power function takes it. Beyond 2³¹ steps βᵗ is 0 in any case.
fn exponent(t: u64) -> i32 {
    i32::try_from(t).unwrap_or(i32::MAX)
}

impl Optimizer for Adam {
    fn weights(&self) -> &[Tensor] {
        &self.weights
    }

    fn compute_gradients_of(&self, loss: &Tensor, unreached: Unreached) -> Result<Gradients> {
        self.settings.validate()?;
        Gradients::compute(loss, &self.weights, unreached, self.loss_scale.as_ref().map(LossScale::scale))
    }

    fn apply_gradients(&mut self, gradients: Gradients) -> Result<()> {
        self.settings.validate()?;
        let (found, own) = (gradients.tensors().len(), self.weights.len());
        if found != own {
            let hint = "Apply gradients with the optimizer that computed them.";
            return Err(Error::value("the number of gradients", found, format!("{own}, one for each weight"), hint));
        }
        no_grad(|| {
            if let Some(mut scale) = self.loss_scale.take() {
                let outcome = self.step_on_device(&mut scale, &gradients);
                self.loss_scale = Some(scale);
                return outcome;
            }
            // Of a loss that was scaled when they were computed.
            if let Some(found_inf) = gradients.found_inf()
                && found_inf.f_double_value(&[0])? != 0.0
            {
                return Ok(());
            }
            self.step_on_host(&gradients)
        })
    }

    fn learning_rate(&self) -> f64 {
        self.settings.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) -> Result<()> {
        let settings = AdamSettings { learning_rate, ..self.settings.clone() };
        settings.validate()?;
        self.settings = settings;
        Ok(())
    }

    fn steps(&self) -> u64 {
        self.loss_scale.as_ref().map_or(self.step, LossScale::taken)
    }

    fn set_steps(&mut self, steps: u64) {
        self.step = steps;
        if let Some(scale) = &mut self.loss_scale {
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
        self.settings.to_json(self.is_scaling_loss())
    }

    fn load_settings(&mut self, settings: &serde_json::Value) -> Result<()> {
        let (settings, scales_loss) = AdamSettings::from_json(settings)?;
        self.settings = settings;
        match scales_loss {
            true => self.scale_loss(),
            false => {
                self.step = self.steps();
                self.loss_scale = None;
            }
        }
        Ok(())
    }

    fn scale_loss(&mut self) {
        if self.loss_scale.is_none() {
            self.loss_scale = self.weights.first().map(|weight| LossScale::new(weight, self.step));
        }
    }

    fn is_scaling_loss(&self) -> bool {
        self.loss_scale.is_some()
    }
}
