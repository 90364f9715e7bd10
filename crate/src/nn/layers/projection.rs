//! Projection: the last layer of a discriminator that knows the classes.

use crate::nn::condition::rows_of_classes;
use crate::nn::layer::{Context, Layer, LayerConfig, Output, Weight, at_least_one, keras_shape};
use crate::nn::spectral_norm::SpectralNorm;
use crate::nn::{Init, Initializer};
use crate::{Error, Result};
use tch::{Kind, Tensor};

/// x · kernel + bias + ⟨x, embedding of the class⟩ (Miyato & Koyama 2018): whether the image looks real, plus whether it looks
/// like its class. The condition says which class an image is to be of.
///
/// # Shapes
/// (B, n) → (B, 1); condition: class numbers (B) int64, or shares of the classes (B, classes)
#[derive(Debug, Clone, Copy)]
pub struct Projection {
    classes: i64,
    spectral_normalization: bool,
}

impl Projection {
    /// For so many classes.
    pub fn new(classes: i64) -> Self {
        Self { classes, spectral_normalization: false }
    }

    /// Divides the kernel and the embeddings by their spectral norms (Miyato et al. 2018).
    pub fn spectral_normalization(mut self) -> Self {
        self.spectral_normalization = true;
        self
    }
}

impl LayerConfig for Projection {
    fn build(&self, input_shape: &[i64], init: &mut Init) -> Result<Box<dyn Layer>> {
        at_least_one("Projection", &[("classes", self.classes)])?;
        let [features] = *input_shape else {
            return Err(Error::Shape {
                layer: "Projection".into(),
                found: keras_shape(input_shape),
                expected: "(None, features)".into(),
                hint: "Put a Flatten or a GlobalSumPooling2D before it.".into(),
            });
        };
        let kernel = init.kernel(None, &[features, 1])?;
        let embeddings = init.weight(Initializer::GlorotUniform, &[self.classes, features], true)?;
        let norms = match self.spectral_normalization {
            true => Some([SpectralNorm::new(&kernel, 1, init)?, SpectralNorm::new(&embeddings, 0, init)?]),
            false => None,
        };
        Ok(Box::new(Built { kernel, bias: init.constant(1, 0.0)?, embeddings, norms, shape: [1] }))
    }
}

#[derive(Debug)]
struct Built {
    /// (n, 1)
    kernel: Tensor,
    /// (1)
    bias: Tensor,
    /// (classes, n)
    embeddings: Tensor,
    /// Of the kernel and of the embeddings.
    norms: Option<[SpectralNorm; 2]>,
    shape: [i64; 1],
}

impl Layer for Built {
    fn class_name(&self) -> &'static str {
        "Projection"
    }

    fn output_shape(&self) -> &[i64] {
        &self.shape
    }

    fn output(&self) -> Output {
        Output::New
    }

    fn forward(&self, x: &Tensor, context: Context) -> Result<Tensor> {
        let classes = context.condition_for("Projection")?;
        let (kernel, embeddings) = match &self.norms {
            None => (self.kernel.shallow_clone(), self.embeddings.shallow_clone()),
            Some([of_kernel, of_embeddings]) => {
                (of_kernel.divide(&self.kernel, context.train)?, of_embeddings.divide(&self.embeddings, context.train)?)
            }
        };
        let own = rows_of_classes(&embeddings, classes)?.f_mul(x)?.f_sum_dim_intlist(
            Some(&[1i64][..]),
            true,
            None::<Kind>,
        )?;
        Ok(self.bias.f_addmm(x, &kernel)?.f_add(&own)?)
    }

    fn weights(&self) -> Vec<Weight> {
        let mut weights = vec![
            Weight::new("kernel", &self.kernel, true),
            Weight::new("bias", &self.bias, true),
            Weight::new("embeddings", &self.embeddings, true),
        ];
        if let Some([of_kernel, of_embeddings]) = &self.norms {
            weights
                .extend(of_kernel.weights().map(|weight| Weight { name: format!("kernel_{}", weight.name), ..weight }));
            let renamed = |weight: Weight| Weight { name: format!("embeddings_{}", weight.name), ..weight };
            weights.extend(of_embeddings.weights().map(renamed));
        }
        weights
    }
}
