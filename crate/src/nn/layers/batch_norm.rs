//! BatchNormalization.

use crate::nn::layer::{Context, Layer, LayerConfig, Output, Weight, keras_shape};
use crate::nn::{Init, Initializer};
use crate::platform::arithmetic::Arithmetic;
use crate::{Error, Result};
use tch::{Device, Tensor};

/// gamma · (x − mean) / √(variance + epsilon) + beta, channel by channel (Ioffe & Szegedy 2015).
///
/// In training it uses the batch's own mean and variance, and moves the moving ones `1 − momentum` of the way towards them;
/// in inference it uses the moving ones. As in Keras 2, the moving variance of images (its fused kernel) follows the batch's
/// unbiased variance, that of vectors the biased one.
///
/// # Shapes
/// (B, H, W, C) or (B, C), unchanged
#[derive(Debug, Clone, Copy)]
pub struct BatchNormalization {
    momentum: f64,
    epsilon: f64,
    gamma_initializer: Option<Initializer>,
}

impl Default for BatchNormalization {
    fn default() -> Self {
        Self { momentum: 0.99, epsilon: 1e-3, gamma_initializer: None }
    }
}

impl BatchNormalization {
    /// Keras's defaults: momentum 0.99, epsilon 1e-3.
    pub fn new() -> Self {
        Self::default()
    }

    /// How much of the moving statistics is kept at each step, from 0 to 1 (libtorch's momentum is 1 minus this).
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// Added to the variance, so that the root is never 0.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// What gamma starts as; by default the [model's choice](crate::nn::Sequential::set_gamma_initializer), which is 1.
    pub fn gamma_initializer(mut self, initializer: Initializer) -> Self {
        self.gamma_initializer = Some(initializer);
        self
    }
}

impl LayerConfig for BatchNormalization {
    fn build(&self, input_shape: &[i64], init: &mut Init) -> Result<Box<dyn Layer>> {
        let statistics = Statistics::new("BatchNormalization", input_shape, self.momentum, self.epsilon, init)?;
        Ok(Box::new(Built {
            gamma: init.gamma(self.gamma_initializer, statistics.channels)?,
            beta: init.constant(statistics.channels, 0.0)?,
            statistics,
            shape: input_shape.to_vec(),
        }))
    }
}

#[derive(Debug)]
struct Built {
    /// (C), both
    gamma: Tensor,
    beta: Tensor,
    statistics: Statistics,
    shape: Vec<i64>,
}

/// What batch normalization knows of its inputs.
#[derive(Debug)]
pub(super) struct Statistics {
    pub(super) channels: i64,
    /// (C), both
    moving_mean: Tensor,
    moving_variance: Tensor,
    momentum: f64,
    epsilon: f64,
    of_images: bool,
}

impl Statistics {
    pub(super) fn new(layer: &str, input_shape: &[i64], momentum: f64, epsilon: f64, init: &mut Init) -> Result<Self> {
        let ([channels] | [_, _, channels]) = *input_shape else {
            return Err(Error::Shape {
                layer: layer.into(),
                found: keras_shape(input_shape),
                expected: "(None, height, width, channels) or (None, channels)".into(),
                hint: "Put a Reshape before it.".into(),
            });
        };
        if !(0.0..=1.0).contains(&momentum) {
            return Err(Error::value(&format!("{layer}'s momentum"), momentum, "0 to 1", "Change the layer."));
        }
        Ok(Self {
            channels,
            moving_mean: init.statistic(channels, 0.0)?,
            moving_variance: init.statistic(channels, 1.0)?,
            momentum,
            epsilon,
            of_images: input_shape.len() == 3,
        })
    }

    /// gamma · (x − mean) / √(variance + epsilon) + beta, without the two where there are none.
    pub(super) fn normalize(&self, x: &Tensor, affine: Option<(&Tensor, &Tensor)>, context: Context) -> Result<Tensor> {
        // How far the moving statistics move; for plain means over the batches, the n-th counts 1/n.
        let update = context.collecting.map_or(1.0 - self.momentum, |batch| 1.0 / batch as f64);
        if self.of_images {
            // libtorch expects the channels second; this view of channels-last memory is just as fast.
            let y = self.batch_norm(&x.f_permute([0, 3, 1, 2])?, affine, context.train, update)?;
            return Ok(y.f_permute([0, 2, 3, 1])?);
        }
        if context.train {
            tch::no_grad(|| -> Result<()> {
                // In mixed precision x has 16 bits, and the statistics 32.
                let x = x.f_to_kind(self.moving_mean.f_kind()?)?;
                let (variance, mean) = x.f_var_mean_dim(Some(&[0i64][..]), false, false)?;
                self.moving_mean.approach(&mean, update)?;
                self.moving_variance.approach(&variance, update)
            })?;
        }
        self.batch_norm(x, affine, context.train, 0.0)
    }

    fn batch_norm(&self, x: &Tensor, affine: Option<(&Tensor, &Tensor)>, train: bool, update: f64) -> Result<Tensor> {
        let (gamma, beta) = affine.unzip();
        let (mean, variance) = (Some(&self.moving_mean), Some(&self.moving_variance));
        Ok(x.f_batch_norm(gamma, beta, mean, variance, train, update, self.epsilon, false)?)
    }

    /// 1 / √(moving variance + epsilon), for inference by hand.
    fn scale(&self) -> Result<Tensor> {
        Ok(self.moving_variance.plus(self.epsilon)?.f_rsqrt_()?)
    }

    pub(super) fn weights(&self) -> [Weight; 2] {
        [
            Weight::new("moving_mean", &self.moving_mean, false),
            Weight::new("moving_variance", &self.moving_variance, false),
        ]
    }
}

impl Layer for Built {
    fn class_name(&self) -> &'static str {
        "BatchNormalization"
    }

    fn output_shape(&self) -> &[i64] {
        &self.shape
    }

    fn output(&self) -> Output {
        Output::New
    }

    fn forward(&self, x: &Tensor, context: Context) -> Result<Tensor> {
        self.statistics.normalize(x, Some((&self.gamma, &self.beta)), context)
    }

    /// In inference this is x · scale + shift, channel by channel. On a GPU the fused kernel is faster, and so it is for 16 bits,
    /// which would become 32 here and 16 again.
    fn forward_owned(&self, x: Tensor, context: Context) -> Result<Tensor> {
        let is_mixed = x.f_kind()? != self.gamma.f_kind()?;
        if context.train || x.requires_grad() || x.device() != Device::Cpu || is_mixed {
            return self.forward(&x, context);
        }
        let scale = self.statistics.scale()?.f_mul(&self.gamma)?;
        let shift = self.beta.f_sub(&self.statistics.moving_mean.f_mul(&scale)?)?;
        if shift.requires_grad() {
            return self.forward(&x, context);
        }
        Ok(shift.f_addcmul_out(&x, &x, &scale)?)
    }

    fn weights(&self) -> Vec<Weight> {
        let own = [Weight::new("gamma", &self.gamma, true), Weight::new("beta", &self.beta, true)];
        own.into_iter().chain(self.statistics.weights()).collect()
    }
}
