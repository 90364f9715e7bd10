//! How the learning rate changes as training goes on.

use crate::platform::arithmetic::{Arithmetic, filled};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;
use tch::Tensor;

/// What an optimizer multiplies its learning rate by at each step, with Keras's names and formulas.
///
/// Steps are those of the optimizer: one that takes two steps in every iteration of a GAN goes through its schedule twice
/// as fast as the iterations are counted.
///
/// ```
/// use gan_nb::nn::Schedule;
/// let schedule = Schedule::linear(500, 1000).warm_up(100); // rises for 100 steps, holds, and from 600 falls to 0 at 1,100
/// let factors = [0, 99, 300, 850, 2000].map(|step| schedule.factor(step));
/// assert_eq!(factors, [0.01, 1.0, 1.0, 0.5, 0.0]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", deny_unknown_fields)]
pub enum Schedule {
    /// 1 at every step.
    #[default]
    Constant,
    /// (1 − `end`) · (1 − p)^`power` + `end`, where p goes from 0 at step `begin` to 1 in `decay_steps` steps and stays there.
    PolynomialDecay {
        /// The step at which it begins to fall; Keras's always begins at 0.
        begin: u64,
        /// How many steps it takes.
        decay_steps: u64,
        /// Where it ends, as a fraction of the rate.
        end: f64,
        /// 1 for a straight line.
        power: f64,
    },
    /// `decay_rate`^(step / `decay_steps`).
    ExponentialDecay {
        /// After how many steps the rate has been multiplied by `decay_rate` once.
        decay_steps: u64,
        /// What remains of the rate then.
        decay_rate: f64,
        /// Whether it falls all at once at the end of each `decay_steps` (the exponent is rounded down).
        staircase: bool,
    },
    /// (1 − `alpha`) · (1 + cos πp) / 2 + `alpha`, where p goes from 0 to 1 in `decay_steps` steps and stays there
    /// (Loshchilov & Hutter 2017).
    CosineDecay {
        /// How many steps it takes.
        decay_steps: u64,
        /// Where it ends, as a fraction of the rate.
        alpha: f64,
    },
    /// Rises in a straight line to the whole rate, which the `steps`-th step has; then another schedule begins at its
    /// step 0.
    WarmUp {
        /// How many steps it takes.
        steps: u64,
        /// What follows.
        then: Box<Schedule>,
    },
}

impl Schedule {
    /// A straight line from the whole rate at step `from` down to 0 at step `to`.
    pub fn linear(from: u64, to: u64) -> Self {
        Self::PolynomialDecay { begin: from, decay_steps: to.saturating_sub(from), end: 0.0, power: 1.0 }
    }

    /// The same schedule after a warm-up of this many steps.
    pub fn warm_up(self, steps: u64) -> Self {
        Self::WarmUp { steps, then: Box::new(self) }
    }

    /// What the rate is multiplied by when `step` steps were taken before.
    pub fn factor(&self, step: u64) -> f64 {
        let at = step as f64;
        let progress = |at: f64, steps: u64| (at.max(0.0) / steps as f64).min(1.0);
        match self {
            Self::Constant => 1.0,
            Self::PolynomialDecay { begin, decay_steps, end, power } => {
                (1.0 - end) * (1.0 - progress(at - *begin as f64, *decay_steps)).powf(*power) + end
            }
            Self::ExponentialDecay { decay_steps, decay_rate, staircase } => {
                let exponent = at / *decay_steps as f64;
                decay_rate.powf(if *staircase { exponent.floor() } else { exponent })
            }
            Self::CosineDecay { decay_steps, alpha } => {
                (1.0 - alpha) * 0.5 * (1.0 + (PI * progress(at, *decay_steps)).cos()) + alpha
            }
            Self::WarmUp { steps, then } => progress(at + 1.0, *steps) * then.factor(step.saturating_sub(*steps)),
        }
    }

    /// The same where the number of steps is known only on the device.
    ///
    /// # Shapes
    /// `step`: any, float64; unchanged
    ///
    /// # Errors
    /// When libtorch refuses.
    pub(super) fn factor_on_device(&self, step: &Tensor) -> Result<Tensor> {
        let progress = |at: &Tensor, steps: u64| at.over(steps as f64)?.at_least(0.0)?.at_most(1.0);
        Ok(match self {
            Self::Constant => step.f_ones_like()?,
            Self::PolynomialDecay { begin, decay_steps, end, power } => {
                let left = progress(&step.minus(*begin as f64)?, *decay_steps)?.f_neg()?.plus(1.0)?;
                left.power(*power)?.times(1.0 - end)?.plus(*end)?
            }
            Self::ExponentialDecay { decay_steps, decay_rate, staircase } => {
                let exponent = step.over(*decay_steps as f64)?;
                let exponent = if *staircase { exponent.f_floor()? } else { exponent };
                filled(&step.size(), *decay_rate, (step.f_kind()?, step.device()))?.f_pow(&exponent)?
            }
            Self::CosineDecay { decay_steps, alpha } => {
                let cosine = progress(step, *decay_steps)?.times(PI)?.f_cos()?;
                cosine.plus(1.0)?.times((1.0 - alpha) * 0.5)?.plus(*alpha)?
            }
            Self::WarmUp { steps, then } => {
                let rest = then.factor_on_device(&step.minus(*steps as f64)?.at_least(0.0)?)?;
                progress(&step.plus(1.0)?, *steps)?.f_mul(&rest)?
            }
        })
    }

    /// Checks each setting's range.
    ///
    /// # Errors
    /// [`Error::Value`] for the first that is out of it.
    pub fn validate(&self) -> Result<()> {
        let steps = |name: &str, steps: u64| match steps {
            0 => Err(Error::value(&format!("the schedule's {name}"), 0, "1 or more", "Let it take some steps.")),
            _ => Ok(()),
        };
        let fraction = |name: &str, value: f64| match (0.0..=1.0).contains(&value) {
            true => Ok(()),
            false => {
                let hint = "It is a fraction of the optimizer's learning_rate.";
                Err(Error::value(&format!("the schedule's {name}"), value, "0 to 1", hint))
            }
        };
        match self {
            Self::Constant => Ok(()),
            Self::PolynomialDecay { decay_steps, end, power, .. } => {
                if !(power.is_finite() && *power > 0.0) {
                    let hint = "1 gives a straight line.";
                    return Err(Error::value("the schedule's power", power, "a finite number above 0", hint));
                }
                steps("decay_steps", *decay_steps).and_then(|()| fraction("end", *end))
            }
            Self::ExponentialDecay { decay_steps, decay_rate, .. } => {
                steps("decay_steps", *decay_steps).and_then(|()| fraction("decay_rate", *decay_rate))
            }
            Self::CosineDecay { decay_steps, alpha } => {
                steps("decay_steps", *decay_steps).and_then(|()| fraction("alpha", *alpha))
            }
            Self::WarmUp { steps: rising, then } => steps("warm-up steps", *rising).and_then(|()| then.validate()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule;
    use tch::{Kind, Tensor};

    #[test]
    fn the_device_computes_the_same_factors() {
        let staircase = |staircase| Schedule::ExponentialDecay { decay_steps: 7, decay_rate: 0.5, staircase };
        let polynomial = Schedule::PolynomialDecay { begin: 3, decay_steps: 11, end: 0.25, power: 2.0 };
        let cosine = Schedule::CosineDecay { decay_steps: 13, alpha: 0.1 };
        for schedule in
            [Schedule::Constant, polynomial, staircase(false), staircase(true), cosine.clone(), cosine.warm_up(4)]
        {
            for step in 0..20u64 {
                let found = schedule.factor_on_device(&Tensor::from(step as f64)).unwrap();
                assert_eq!(found.kind(), Kind::Double);
                let difference = (found.double_value(&[]) - schedule.factor(step)).abs();
                assert!(difference < 1e-15, "{schedule:?} at {step}: {difference:e}");
            }
        }
    }
}
