//! ConditionalBatchNormalization.

use super::batch_norm::Statistics;
use crate::Result;
use crate::nn::condition::rows_of_classes;
use crate::nn::layer::{Context, Layer, LayerConfig, Output, Weight, at_least_one};
use crate::nn::{Init, Initializer};
use tch::Tensor;

/// Batch normalization with a gamma and a beta for each class (Dumoulin, Shlens & Kudlur 2017): all classes share the layers, and
/// each has its own scale and shift for every channel. The condition says which class an input is of.
///
/// # Shapes
/// (B, H, W, C) or (B, C), unchanged; condition: class numbers (B) int64, or shares of the classes (B, classes)
#[derive(Debug, Clone, Copy)]
pub struct ConditionalBatchNormalization {
    classes: i64,
    momentum: f64,
    epsilon: f64,
}

impl ConditionalBatchNormalization {
    /// For so many classes; momentum 0.99 and epsilon 1e-3, as Keras's BatchNormalization.
    pub fn new(classes: i64) -> Self {
        Self { classes, momentum: 0.99, epsilon: 1e-3 }
    }

    /// How much of the moving statistics is kept at each step, from 0 to 1.
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// Added to the variance, so that the root is never 0.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }
}

impl LayerConfig for ConditionalBatchNormalization {
    fn build(&self, input_shape: &[i64], init: &mut Init) -> Result<Box<dyn Layer>> {
        at_least_one("ConditionalBatchNormalization", &[("classes", self.classes)])?;
        let name = "ConditionalBatchNormalization";
        let statistics = Statistics::new(name, input_shape, self.momentum, self.epsilon, init)?;
        let shape = [self.classes, statistics.channels];
        Ok(Box::new(Built {
            gamma: init.weight(Initializer::Constant { value: 1.0 }, &shape, true)?,
            beta: init.weight(Initializer::Constant { value: 0.0 }, &shape, true)?,
            statistics,
            shape: input_shape.to_vec(),
        }))
    }
}

#[derive(Debug)]
struct Built {
    /// (classes, C), both
    gamma: Tensor,
    beta: Tensor,
    statistics: Statistics,
    shape: Vec<i64>,
}

impl Layer for Built {
    fn class_name(&self) -> &'static str {
        "ConditionalBatchNormalization"
    }

    fn output_shape(&self) -> &[i64] {
        &self.shape
    }

    fn output(&self) -> Output {
        Output::New
    }

    fn forward(&self, x: &Tensor, context: Context) -> Result<Tensor> {
        let classes = context.condition_for("ConditionalBatchNormalization")?;
        let y = self.statistics.normalize(x, None, context)?;
        // (B, 1, 1, C) for images
        let mut shape = vec![1; self.shape.len() + 1];
        (shape[0], shape[self.shape.len()]) = (x.size()[0], self.statistics.channels);
        let of_each = |table: &Tensor| -> Result<Tensor> {
            // To the kind of the images: in mixed precision those have 16 bits.
            Ok(rows_of_classes(table, classes)?.f_view(&shape[..])?.f_to_kind(y.f_kind()?)?)
        };
        Ok(of_each(&self.beta)?.f_addcmul(&y, &of_each(&self.gamma)?)?)
    }

    fn weights(&self) -> Vec<Weight> {
        let own = [Weight::new("gamma", &self.gamma, true), Weight::new("beta", &self.beta, true)];
        own.into_iter().chain(self.statistics.weights()).collect()
    }
}
