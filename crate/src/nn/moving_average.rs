//! The moving average of a model's weights.

use super::Sequential;
use crate::platform::{arithmetic::Arithmetic, tape};
use crate::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tch::{Tensor, no_grad};

/// A second model that follows a first one slowly: each of its weights is the exponential moving average of the other's. What a
/// generator draws jumps about from iteration to iteration; that of the average is steadier, and better (Yazıcı et al. 2019;
/// Karras et al. 2018).
///
/// ```
/// use gan_nb::nn::{Dense, MovingAverage, Sequential};
/// # fn main() -> gan_nb::Result<()> {
/// let build = |name| -> gan_nb::Result<Sequential> {
///     let mut model = Sequential::new(name, [2], 42);
///     model.add(Dense::new(1))?;
///     Ok(model)
/// };
/// let model = build("generator")?;
/// let mut average = MovingAverage::new(build("generator_average")?, &model, 0.999)?;
/// // After each step of the optimizer:
/// average.follow(&model)?;
/// let z = gan_nb::tch::Tensor::zeros([1, 2], (gan_nb::tch::Kind::Float, average.model.device()));
/// let images = average.model.predict(&z)?;
/// # assert_eq!(images.size(), [1, 1]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct MovingAverage {
    /// The model with the averages.
    pub model: Sequential,
    decay: f64,
    /// How often it has followed.
    pub steps: u64,
    /// The same for recordings of an iteration, which count on while nobody calls [`follow`](Self::follow).
    counted: Arc<AtomicU64>,
}

impl MovingAverage {
    /// `average` becomes the average of `model`, a model of the same layers, whose weights it now gets. At each step it keeps
    /// `decay` of what it was; less at the beginning, (1 + t) / (10 + t) at step t, so that the first weights are soon forgotten.
    ///
    /// # Errors
    /// [`Error::Value`] for a decay outside of 0 to 1 or a model of another number of weights, [`Error::Shape`] for one of other
    /// shapes.
    pub fn new(mut average: Sequential, model: &Sequential, decay: f64) -> Result<Self> {
        if !(0.0..1.0).contains(&decay) {
            let hint = "0.999 averages over about a thousand steps.";
            return Err(Error::value("the moving average's decay", decay, "at least 0, below 1", hint));
        }
        let weights: Vec<Tensor> = model.weights().into_iter().map(|(_, weight)| weight.value).collect();
        average.set_weights(&weights)?;
        average.set_trainable(false);
        Ok(Self { model: average, decay, steps: 0, counted: Arc::default() })
    }

    /// Moves every trainable weight 1 − decay of the way to the model's, and takes over the other weights as they are.
    ///
    /// # Errors
    /// When libtorch refuses.
    pub fn follow(&mut self, model: &Sequential) -> Result<()> {
        if !tape::is_recording() {
            self.counted.store(self.steps, Relaxed); // where a recorded iteration will count on
        }
        self.steps += 1;
        let decay = self.decay;
        let way = tape::give(&self.counted, self.model.device(), move |counted| {
            let t = 1.0 + counted.fetch_add(1, Relaxed) as f64;
            let way = 1.0 - decay.min((1.0 + t) / (10.0 + t));
            Ok(Tensor::f_from_slice(&[way as f32])?.f_view([0i64; 0])?)
        })?;
        no_grad(|| {
            for ((_, own), (_, other)) in self.model.weights().into_iter().zip(model.weights()) {
                match other.trainable {
                    true => own.value.approach_by(&other.value, &way)?,
                    false => own.value.approach(&other.value, 1.0)?,
                }
            }
            Ok(())
        })
    }
}
