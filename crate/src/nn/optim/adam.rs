//! Adam, Keras's way.

use crate::platform::ffi;
use crate::{Error, Result};
use tch::Tensor;

/// Adam (Kingma & Ba 2015) in the form of Keras 2 and of the end of the paper's section 2:
///
/// ```text
/// m ← m + (1 − β₁)(g − m)        v ← v + (1 − β₂)(g² − v)
/// w ← w − α √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε)
/// ```
///
/// ε is added before the bias of v is corrected (PyTorch adds it after), which for small gradients is another step.
#[derive(Debug)]
pub struct Adam {
    weights: Vec<Tensor>,
    m: Vec<Tensor>,
    v: Vec<Tensor>,
    step: i32,
    learning_rate: f64,
    beta_1: f64,
    beta_2: f64,
    epsilon: f64,
    /// For gradients in 16 bits: the loss is multiplied by the first (1); the second (1) counts steps since it changed.
    loss_scale: Option<(Tensor, Tensor)>,
}

impl Adam {
    /// For these weights, with Keras's defaults: learning rate 1e-3, beta_1 0.9, beta_2 0.999, epsilon 1e-7.
    pub fn new(weights: Vec<Tensor>) -> Self {
        let zeros = |w: &Tensor| w.detach().zeros_like();
        let (m, v) = (weights.iter().map(zeros).collect(), weights.iter().map(zeros).collect());
        Self {
            weights,
            m,
            v,
            step: 0,
            learning_rate: 1e-3,
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-7,
            loss_scale: None,
        }
    }

    /// α, the size of a step.
    pub fn learning_rate(mut self, learning_rate: f64) -> Self {
        self.learning_rate = learning_rate;
        self
    }

    /// β₁, how much of the mean gradient is kept at each step: its momentum.
    pub fn beta_1(mut self, beta_1: f64) -> Self {
        self.beta_1 = beta_1;
        self
    }

    /// Scales the loss before its gradients are computed, and them back after it, so that in 16 bits the small ones do not
    /// become 0: Keras's `LossScaleOptimizer` (Micikevicius et al. 2018). A step with gradients that are not finite is left
    /// out, and the scale halved. For models in [mixed precision](crate::nn::Sequential::set_mixed_precision).
    pub fn scale_loss(mut self) -> Self {
        self.set_loss_scale();
        self
    }

    pub(crate) fn set_loss_scale(&mut self) {
        self.loss_scale = self.weights.first().map(|weight| {
            let device = weight.device();
            let scale = Tensor::full([1], f64::from(1 << 15), (tch::Kind::Float, device));
            (scale, Tensor::zeros([1], (tch::Kind::Int, device)))
        });
    }

    /// The number of weights (tensors) that it changes.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether it changes none: everything was frozen when it was made.
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// How many steps it has done.
    pub(crate) fn steps(&self) -> i32 {
        self.step
    }

    /// As if it had done so many.
    pub(crate) fn set_steps(&mut self, steps: i32) {
        self.step = steps;
    }

    /// What else it carries from one step to the next, under lasting names: the moments of each weight, in the order of the
    /// weights, and the scale of the loss. These handles share their values with the optimizer.
    pub(crate) fn state(&self) -> Vec<(String, Tensor)> {
        let moments = [("m", &self.m), ("v", &self.v)];
        let named = moments.into_iter().flat_map(|(name, moments)| {
            moments.iter().enumerate().map(move |(i, moment)| (format!("{name}/{i}"), moment.shallow_clone()))
        });
        let scale = self.loss_scale.iter().flat_map(|(scale, growth_tracker)| {
            [("loss_scale", scale), ("growth_tracker", growth_tracker)]
                .map(|(name, x)| (name.into(), x.shallow_clone()))
        });
        named.chain(scale).collect()
    }

    /// One step down the gradient of `loss`, for the weights that it was given and no others.
    ///
    /// # Shapes
    /// `loss`: ()
    ///
    /// # Errors
    /// [`Error::Value`] when it has no weights, or `loss` does not depend on each of them; nothing is changed then.
    pub fn minimize(&mut self, loss: &Tensor) -> Result<()> {
        if self.is_empty() {
            let hint = "Make the optimizer before you freeze the model.";
            return Err(Error::value("the number of trainable weights", 0, "1 or more", hint));
        }
        let unrelated = |found| {
            let hint = "Compute the loss with forward() or logits() of the model that this optimizer was made for.";
            Error::value("the loss", found, "a function of all its weights, outside of no_grad and predict", hint)
        };
        // Without this question libtorch would crash.
        if !loss.requires_grad() {
            return Err(unrelated("a constant".to_string()));
        }
        let scaled = match &self.loss_scale {
            Some((scale, _)) => loss.f_mul(&scale.f_reshape([0i64; 0])?)?,
            None => loss.shallow_clone(),
        };
        let gradients = Tensor::f_run_backward(&[scaled], &self.weights, false, false)?;
        let missing = gradients.iter().filter(|gradient| !gradient.defined()).count();
        if missing > 0 {
            return Err(unrelated(format!("independent of {missing} of the optimizer's {} weights", self.len())));
        }
        let found_inf = match &mut self.loss_scale {
            Some((scale, growth_tracker)) => Some(ffi::unscale(&gradients, scale, growth_tracker)?),
            None => None,
        };
        self.step += 1;
        // PyTorch's fused step is w − α' / c₁ · m / (√v / √c₂ + ε'), with c = 1 − βᵗ in float64. With these α' and ε' it is
        // the formula above.
        let [c_1, c_2] = [self.beta_1, self.beta_2].map(|beta| 1.0 - beta.powi(self.step));
        let (rate, epsilon) = (self.corrected_rate() * c_1 / c_2.sqrt(), self.epsilon / c_2.sqrt());
        let (step, betas) = (f64::from(self.step), [self.beta_1, self.beta_2]);
        ffi::adam(&self.weights, &gradients, &self.m, &self.v, step, rate, betas, epsilon, found_inf.as_ref())
    }

    /// α √(1 − β₂ᵗ) / (1 − β₁ᵗ), in float32 as Keras computes it.
    ///
    /// The last digit of βᵗ counts: 1 − 0.999 is 1.29e-5 too small there, which three iterations of the lesson's networks
    /// at 1e-3 make a difference of 0.25 % in the generator's loss. So βᵗ is rounded once, as a good power function does,
    /// not at each of t multiplications.
    fn corrected_rate(&self) -> f64 {
        let correction = |beta: f64| 1.0 - f64::from(beta as f32).powi(self.step) as f32;
        let rate = self.learning_rate as f32 * correction(self.beta_2).sqrt() / correction(self.beta_1);
        f64::from(rate)
    }
}
