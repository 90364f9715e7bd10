//! The gradients of a loss.

use crate::platform::arithmetic::Arithmetic;
use crate::platform::device::make_ready;
use crate::platform::ffi;
use crate::{Error, Result};
use tch::{Kind, Tensor, no_grad};

/// Whether a loss may leave out some of an optimizer's weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unreached {
    /// No: such a loss is refused. It is nearly always a mistake.
    #[default]
    Refused,
    /// Yes: those weights have no gradient and are left alone, as PyTorch and Keras leave them.
    Allowed,
}

/// The gradients of a loss for an optimizer's weights, in their order.
///
/// Between [`compute_gradients`](super::Optimizer::compute_gradients) and
/// [`apply_gradients`](super::Optimizer::apply_gradients) they can be looked at, clipped and added up:
///
/// ```
/// use gan_nb::nn::{Adam, Dense, Optimizer, Sequential};
/// use gan_nb::tch::{Kind, Tensor};
/// # fn main() -> gan_nb::Result<()> {
/// let mut model = Sequential::new("tiny", [2], 42);
/// model.add(Dense::new(1))?;
/// let mut optimizer = Adam::new(model.trainable_weights());
/// let loss = || -> gan_nb::Result<Tensor> {
///     let x = Tensor::randn([8, 2], (Kind::Float, model.device()));
///     Ok(model.forward(&x, true)?.square().mean(Kind::Float))
/// };
/// let mut gradients = optimizer.compute_gradients(&loss()?)?;
/// gradients.accumulate(optimizer.compute_gradients(&loss()?)?)?;
/// gradients.clip_by_global_norm(1.0)?;
/// assert!(gradients.global_norm()?.double_value(&[]) < 1.001);
/// optimizer.apply_gradients(gradients)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Gradients {
    tensors: Vec<Option<Tensor>>,
    found_inf: Option<Tensor>,
}

impl Gradients {
    /// Those of `loss` for `weights`. With a `scale` the loss is multiplied by it first and the gradients are divided by it
    /// afterwards, and whether they are finite is noted on the device.
    ///
    /// # Shapes
    /// `loss`: a single number; `scale`: (1) float32
    ///
    /// # Errors
    /// [`Error::Value`] as [`compute_gradients_of`](super::Optimizer::compute_gradients_of).
    pub fn compute(loss: &Tensor, weights: &[Tensor], unreached: Unreached, scale: Option<&Tensor>) -> Result<Self> {
        make_ready();
        check(loss, weights)?;
        let scaled = match scale {
            Some(scale) => loss.f_mul(&scale.f_reshape([0i64; 0])?)?,
            None => loss.shallow_clone(),
        };
        let (keep_graph, create_graph) = (false, false);
        let mut tensors = Tensor::f_run_backward(&[scaled], weights, keep_graph, create_graph)?;
        let missing = tensors.iter().filter(|gradient| !gradient.defined()).count();
        if missing == weights.len() || (missing > 0 && unreached == Unreached::Refused) {
            return Err(unrelated(format!("independent of {missing} of the optimizer's {} weights", weights.len())));
        }
        let mut reached: Vec<&mut Tensor> = tensors.iter_mut().filter(|gradient| gradient.defined()).collect();
        let found_inf = scale.map(|scale| ffi::unscale(&mut reached, scale)).transpose()?;
        let tensors = tensors.into_iter().map(|gradient| gradient.defined().then_some(gradient));
        Ok(Self { tensors: tensors.collect(), found_inf })
    }

    /// One for each weight, in the order of the weights and of their shapes; none for a weight that the loss does not reach.
    pub fn tensors(&self) -> &[Option<Tensor>] {
        &self.tensors
    }

    /// (1), float32, on the weights' device: 1 where a gradient of a scaled loss is not finite, else 0. None where the loss
    /// was not scaled.
    pub fn found_inf(&self) -> Option<&Tensor> {
        self.found_inf.as_ref()
    }

    /// The length of all gradients taken as one vector: the root of the sum of all squares.
    ///
    /// # Shapes
    /// result: (), on the weights' device, where nobody waits for it
    ///
    /// # Errors
    /// When libtorch refuses.
    pub fn global_norm(&self) -> Result<Tensor> {
        no_grad(|| {
            let norms = self.tensors.iter().flatten().map(|gradient| Ok(gradient.f_norm()?));
            Ok(Tensor::f_stack(&norms.collect::<Result<Vec<_>>>()?, 0)?.f_norm()?)
        })
    }

    /// Shortens all gradients by the same factor so that their [global norm](Self::global_norm) is at most `max`, Keras's
    /// `global_clipnorm`. Shorter ones stay as they are.
    ///
    /// # Errors
    /// [`Error::Value`] unless `max` is above 0 and finite.
    pub fn clip_by_global_norm(&mut self, max: f64) -> Result<()> {
        if !(max.is_finite() && max > 0.0) {
            let hint = "1 is a usual choice.";
            return Err(Error::value("clip_by_global_norm's max", max, "a finite number above 0", hint));
        }
        let norm = self.global_norm()?;
        no_grad(|| {
            let factor = norm.at_least(max)?.f_reciprocal()?.times(max)?;
            for gradient in self.tensors.iter_mut().flatten() {
                *gradient = gradient.f_mul(&factor)?;
            }
            Ok(())
        })
    }

    /// Adds the gradients of another loss for the same weights, as if the two losses had been added.
    ///
    /// # Errors
    /// [`Error::Value`] when the other's number of weights or a shape differs; nothing is changed then.
    pub fn accumulate(&mut self, other: Self) -> Result<()> {
        let sizes =
            |gradients: &Self| gradients.tensors.iter().map(|g| g.as_ref().map(Tensor::size)).collect::<Vec<_>>();
        let (own, others) = (sizes(self), sizes(&other));
        if own.len() != others.len() || own.iter().zip(&others).any(|(a, b)| a.is_some() && b.is_some() && a != b) {
            let hint = "Add up only gradients that one optimizer computed.";
            return Err(Error::value("the other gradients' shapes", format!("{others:?}"), format!("{own:?}"), hint));
        }
        no_grad(|| {
            let sum = |a: Option<Tensor>, b: Option<Tensor>| match (a, b) {
                (Some(a), Some(b)) => Ok(Some(a.f_add(&b)?)),
                (a, b) => Ok(a.or(b)),
            };
            let pairs =
                self.tensors.iter().zip(other.tensors).map(|(a, b)| sum(a.as_ref().map(Tensor::shallow_clone), b));
            let tensors = pairs.collect::<Result<Vec<_>>>()?;
            let found_inf = match (&self.found_inf, other.found_inf) {
                (Some(a), Some(b)) => Some(a.f_maximum(&b)?),
                (a, b) => a.as_ref().map(Tensor::shallow_clone).or(b),
            };
            (self.tensors, self.found_inf) = (tensors, found_inf);
            Ok(())
        })
    }
}

/// Whether gradients of this loss for these weights can be computed at all.
fn check(loss: &Tensor, weights: &[Tensor]) -> Result<()> {
    let Some(weight) = weights.first() else {
        let hint = "Make the optimizer before you freeze the model.";
        return Err(Error::value("the number of trainable weights", 0, "1 or more", hint));
    };
    let refused = |found: String, expected: &str, hint: &str| Err(Error::value("the loss", found, expected, hint));
    if !loss.defined() || !weight.defined() {
        return refused("undefined".into(), "a single number, of weights that are defined", "Compute it first.");
    }
    // Checked first, because libtorch would crash.
    if !loss.requires_grad() {
        return Err(unrelated("a constant".into()));
    }
    if loss.numel() != 1 {
        let found = format!("a tensor of shape {:?}", loss.size());
        return refused(found, "a single number", "Take its mean: loss.mean(Kind::Float).");
    }
    let (found, expected) = ((loss.f_kind()?, loss.device()), (weight.f_kind()?, weight.device()));
    if found != expected {
        let shown = |(kind, device): (Kind, tch::Device)| format!("{kind:?} on {device:?}");
        let hint = "Convert it with to_kind or to_device, or compute it from the model's own output.";
        return refused(shown(found), &format!("{}, as the weights", shown(expected)), hint);
    }
    Ok(())
}

fn unrelated(found: String) -> Error {
    let hint = "Compute the loss with forward() or logits() of the model that this optimizer was made for.";
    Error::value("the loss", found, "a function of all its weights, outside of no_grad and predict", hint)
}
