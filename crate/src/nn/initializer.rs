//! What a weight's first values are drawn from.

use crate::platform::arithmetic::{Arithmetic, filled};
use crate::{Error, Result, random};
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

/// How the first values of a weight are chosen, with Keras's names.
///
/// ```
/// use gan_nb::nn::{BatchNormalization, Conv2D, Initializer, Sequential};
/// # fn main() -> gan_nb::Result<()> {
/// let mut model = Sequential::new("judge", [8, 8, 3], 42);
/// // For one layer …
/// model.add(Conv2D::new(16, 3).kernel_initializer(Initializer::normal(0.02)))?;
/// // … or for all that follow, as in DCGAN (Radford, Metz & Chintala 2015).
/// model.set_kernel_initializer(Initializer::normal(0.02));
/// model.set_gamma_initializer(Initializer::RandomNormal { mean: 1.0, stddev: 0.02 });
/// model.add(BatchNormalization::new())?.add(Conv2D::new(32, 3))?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", deny_unknown_fields)]
pub enum Initializer {
    /// U(−l, l) with l = √(6 / (fan_in + fan_out)), Keras's default for kernels (Glorot & Bengio 2010). The fans are a
    /// matrix's two sizes, and for a convolution's (kh, kw, a, b) those of (a, b) times kh·kw.
    #[default]
    GlorotUniform,
    /// N(mean, stddev²).
    RandomNormal {
        /// Its mean.
        mean: f64,
        /// Its standard deviation, 0 or more.
        stddev: f64,
    },
    /// One value everywhere.
    Constant {
        /// The value.
        value: f64,
    },
}

impl Initializer {
    /// N(0, stddev²): `normal(0.02)` is what DCGAN draws all kernels from.
    pub fn normal(stddev: f64) -> Self {
        Self::RandomNormal { mean: 0.0, stddev }
    }

    /// A float32 tensor of this shape, not trainable.
    ///
    /// # Errors
    /// [`Error::Value`] for a standard deviation below 0 or numbers that are not finite, or when libtorch can't hold it.
    pub fn draw(self, rng: &mut random::Stream, shape: &[i64], device: Device) -> Result<Tensor> {
        let finite = |name: &str, value: f64, fits: bool, expected: &str| match value.is_finite() && fits {
            true => Ok(()),
            false => {
                Err(Error::value(&format!("the initializer's {name}"), value, expected, "Change the initializer."))
            }
        };
        match self {
            Self::GlorotUniform => {
                let (field, ends) = shape.split_at(shape.len().saturating_sub(2));
                let fans = ends.iter().sum::<i64>() * field.iter().product::<i64>();
                let limit = (6.0 / fans as f64).sqrt() as f32;
                random::uniform(rng, limit, shape, device)
            }
            Self::RandomNormal { mean, stddev } => {
                finite("mean", mean, true, "finite")?;
                finite("stddev", stddev, stddev >= 0.0, "a finite number, 0 or more")?;
                let drawn = random::normal(rng, shape, device)?;
                drawn.times(stddev)?.plus(mean)
            }
            Self::Constant { value } => {
                finite("value", value, true, "finite")?;
                filled(shape, value, (Kind::Float, device))
            }
        }
    }
}
