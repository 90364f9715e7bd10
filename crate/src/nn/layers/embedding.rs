//! Embedding: the class as a learned vector beside the input.

use super::category_encoding::appended;
use crate::Result;
use crate::nn::condition::rows_of_classes;
use crate::nn::layer::{Context, Layer, LayerConfig, Output, Weight, at_least_one};
use crate::nn::{Init, Initializer};
use tch::Tensor;

/// Appends a vector of its class to each input, one that is learned: Keras's `Embedding` and `Concatenate` in one. Unlike
/// [`CategoryEncoding`](super::CategoryEncoding) it can make related classes neighbours, and it stays short where there are many.
///
/// # Shapes
/// (B, n) → (B, n + dimensions); condition: class numbers (B) int64, or shares of the classes (B, classes)
#[derive(Debug, Clone, Copy)]
pub struct Embedding {
    classes: i64,
    dimensions: i64,
    embeddings_initializer: Initializer,
}

impl Embedding {
    /// So many classes, vectors of so many numbers. They start as N(0, 1), like the noise beside which they stand in a generator.
    /// (Keras's start within ±0.05.)
    pub fn new(classes: i64, dimensions: i64) -> Self {
        Self { classes, dimensions, embeddings_initializer: Initializer::normal(1.0) }
    }

    /// What the vectors start as.
    pub fn embeddings_initializer(mut self, initializer: Initializer) -> Self {
        self.embeddings_initializer = initializer;
        self
    }
}

impl LayerConfig for Embedding {
    fn build(&self, input_shape: &[i64], init: &mut Init) -> Result<Box<dyn Layer>> {
        let Self { classes, dimensions, embeddings_initializer } = *self;
        at_least_one("Embedding", &[("classes", classes), ("dimensions", dimensions)])?;
        let shape = appended("Embedding", input_shape, dimensions)?;
        Ok(Box::new(Built { embeddings: init.weight(embeddings_initializer, &[classes, dimensions], true)?, shape }))
    }
}

#[derive(Debug)]
struct Built {
    /// (classes, dimensions)
    embeddings: Tensor,
    shape: [i64; 1],
}

impl Layer for Built {
    fn class_name(&self) -> &'static str {
        "Embedding"
    }

    fn output_shape(&self) -> &[i64] {
        &self.shape
    }

    fn output(&self) -> Output {
        Output::New
    }

    fn forward(&self, x: &Tensor, context: Context) -> Result<Tensor> {
        let rows = rows_of_classes(&self.embeddings, context.condition_for("Embedding")?)?;
        Ok(Tensor::f_cat(&[x, &rows.f_to_kind(x.f_kind()?)?], 1)?)
    }

    fn weights(&self) -> Vec<Weight> {
        vec![Weight::new("embeddings", &self.embeddings, true)]
    }
}
