//! BatchNormalization.

use crate::nn::layer::{Context, Layer, LayerConfig, Output, Weight, keras_shape};
use crate::nn::{Init, Initializer};
use crate::{Error, Result};
use tch::{Device, Kind, Tensor};

/// gamma · (x − mean) / √(variance + epsilon) + beta, channel by channel (Ioffe & Szegedy 2015).
///
/// In training, mean and variance are the batch's, and the moving ones go `1 − momentum` of the way towards them; in
/// inference the moving ones are used. As in Keras 2, the moving variance of images (its fused kernel) takes
/// the batch's unbiased variance, that of vectors the biased one.
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

    /// How much of the moving statistics stays at each step, from 0 to 1 (libtorch's momentum is 1 minus this).
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// Keeps the root away from 0.
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
        let ([channels] | [_, _, channels]) = *input_shape else {
            return Err(Error::Shape {
                layer: "BatchNormalization".into(),
                found: keras_shape(input_shape),
                expected: "(None, height, width, channels) or (None, channels)".into(),
                hint: "Put a Reshape before it.".into(),
            });
        };
        if !(0.0..=1.0).contains(&self.momentum) {
            return Err(Error::value("BatchNormalization's momentum", self.momentum, "0 to 1", "Change the layer."));
        }
        Ok(Box::new(Built {
            gamma: init.gamma(self.gamma_initializer, channels)?,
            beta: init.constant(channels, 0.0)?,
            moving_mean: init.statistic(channels, 0.0)?,
            moving_variance: init.statistic(channels, 1.0)?,
            momentum: self.momentum,
            epsilon: self.epsilon,
            shape: input_shape.to_vec(),
        }))
    }
}

#[derive(Debug)]
struct Built {
    /// (C), all four
    gamma: Tensor,
    beta: Tensor,
    moving_mean: Tensor,
    moving_variance: Tensor,
    momentum: f64,
    epsilon: f64,
    shape: Vec<i64>,
}

impl Built {
    fn normalize(&self, x: &Tensor, train: bool, update: f64) -> Result<Tensor> {
        let (gamma, beta) = (Some(&self.gamma), Some(&self.beta));
        let (mean, variance) = (Some(&self.moving_mean), Some(&self.moving_variance));
        Ok(x.f_batch_norm(gamma, beta, mean, variance, train, update, self.epsilon, false)?)
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
        let update = 1.0 - self.momentum;
        if self.shape.len() == 3 {
            // libtorch wants the channels second; this view of channels-last memory is as fast.
            let y = self.normalize(&x.f_permute([0, 3, 1, 2])?, context.train, update)?;
            return Ok(y.f_permute([0, 2, 3, 1])?);
        }
        if context.train {
            tch::no_grad(|| -> Result<()> {
                // In mixed precision x has 16 bits, and the statistics 32.
                let x = x.f_to_kind(Kind::Float)?;
                let (variance, mean) = x.f_var_mean_dim(Some(&[0i64][..]), false, false)?;
                let _ = self.moving_mean.shallow_clone().f_lerp_(&mean, update)?;
                let _ = self.moving_variance.shallow_clone().f_lerp_(&variance, update)?;
                Ok(())
            })?;
        }
        self.normalize(x, context.train, 0.0)
    }

    /// In inference it is x · scale + shift, channel by channel. On a GPU it stays one kernel.
    fn forward_owned(&self, x: Tensor, context: Context) -> Result<Tensor> {
        if context.train || x.requires_grad() || x.device() != Device::Cpu {
            return self.forward(&x, context);
        }
        let scale = self.moving_variance.f_add_scalar(self.epsilon)?.f_rsqrt_()?.f_mul(&self.gamma)?;
        let shift = self.beta.f_sub(&self.moving_mean.f_mul(&scale)?)?;
        if shift.requires_grad() {
            return self.forward(&x, context);
        }
        Ok(shift.f_addcmul_out(&x, &x, &scale)?)
    }

    fn weights(&self) -> Vec<Weight> {
        vec![
            Weight::new("gamma", &self.gamma, true),
            Weight::new("beta", &self.beta, true),
            Weight::new("moving_mean", &self.moving_mean, false),
            Weight::new("moving_variance", &self.moving_variance, false),
        ]
    }
}
