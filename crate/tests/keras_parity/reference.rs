//! Reads reference.json, and makes the weights and inputs that its numbers are for (make_reference.py says how).

use gan_nb::nn::Sequential;
use serde::Deserialize;
use tch::{Kind, Tensor};

#[derive(Deserialize)]
pub struct Reference {
    pub salt: i64,
    pub batch: i64,
    pub summary: Summary,
    pub forward: Forward,
    pub iterations: Vec<Iteration>,
}

#[derive(Deserialize)]
pub struct Summary {
    pub generator: Vec<Row>,
    pub discriminator: Vec<Row>,
    pub generator_total: usize,
    pub discriminator_total: usize,
    pub generator_non_trainable: usize,
}

#[derive(Deserialize)]
pub struct Row {
    pub layer: String,
    pub output: Vec<i64>,
    pub params: usize,
}

#[derive(Deserialize)]
pub struct Forward {
    pub generator_inference: Digest,
    pub generator_training: Digest,
    pub discriminator_real: Digest,
    pub generator_moving_after_one_training_pass: Vec<Digest>,
}

#[derive(Deserialize)]
pub struct Iteration {
    pub fake: Digest,
    pub d_loss_real: f64,
    pub d_acc_real: f64,
    pub d_loss_fake: f64,
    pub d_acc_fake: f64,
    pub d_loss: f64,
    pub g_loss: f64,
    pub generator_weights: Vec<Digest>,
    pub discriminator_weights: Vec<Digest>,
}

/// Enough of an array to tell it from any other.
#[derive(Deserialize)]
pub struct Digest {
    shape: Vec<i64>,
    sum: f64,
    abs_sum: f64,
    at: Vec<i64>,
    values: Vec<f64>,
}

impl Digest {
    /// Each recorded value within `tolerance`, and so the mean and the mean of |x| over the whole array.
    pub fn assert_matches(&self, found: &Tensor, tolerance: f64, what: &str) {
        assert_eq!(found.size(), self.shape, "{what}: shape");
        let flat = found.detach().to_kind(Kind::Double).reshape([-1]);
        for (&at, &expected) in self.at.iter().zip(&self.values) {
            let value = flat.double_value(&[at]);
            assert!((value - expected).abs() <= tolerance, "{what}[{at}]: {value}, Keras has {expected}");
        }
        let count = flat.numel() as f64;
        for (name, value, expected) in
            [("sum", flat.sum(Kind::Double), self.sum), ("sum of |x|", flat.abs().sum(Kind::Double), self.abs_sum)]
        {
            let value = value.double_value(&[]);
            assert!((value - expected).abs() / count <= tolerance, "{what}, {name}: {value}, Keras has {expected}");
        }
    }
}

impl Reference {
    /// The file that GAN_NB_KERAS_REFERENCE names, or the one beside this source.
    pub fn load() -> Self {
        // Sums in one order on every machine: an activation within a rounding error of 0 may fall on either side of its
        // kink, and Adam makes of that one flip a whole step of some weights.
        tch::set_num_threads(1);
        let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keras_parity/reference.json");
        let path = std::env::var("GAN_NB_KERAS_REFERENCE").unwrap_or_else(|_| own.into());
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// sin(0.7 i + k + salt), computed in float64.
    fn fill(&self, shape: &[i64], k: i64) -> Tensor {
        let count: i64 = shape.iter().product();
        let i = Tensor::arange(count, (Kind::Double, tch::Device::Cpu));
        (i * 0.7 + (k + self.salt) as f64).sin().reshape(shape)
    }

    pub fn real_images(&self, k: i64) -> Tensor {
        self.fill(&[self.batch, 32, 32, 3], k).to_kind(Kind::Float)
    }

    pub fn noise(&self, k: i64) -> Tensor {
        (self.fill(&[self.batch, 100], k) * 1.5).to_kind(Kind::Float)
    }

    /// Gives a model the weights that the file is for, numbered from `k0`.
    pub fn set_weights(&self, model: &mut Sequential, k0: i64) {
        let values: Vec<Tensor> = (k0..)
            .zip(model.weights())
            .map(|(k, (name, weight))| {
                let shape = weight.value.size();
                let fill = self.fill(&shape, k);
                let value = match weight.name.as_str() {
                    "kernel" => {
                        let (field, ends) = shape.split_at(shape.len() - 2);
                        let fans = field.iter().product::<i64>() * (ends[0] + ends[1]);
                        fill * (6.0 / fans as f64).sqrt()
                    }
                    "bias" | "beta" | "moving_mean" => fill * 0.1,
                    "gamma" => fill * 0.1 + 1.0,
                    "moving_variance" => fill.abs() * 0.5 + 1.0,
                    _ => panic!("unknown weight {name}"),
                };
                value.to_kind(Kind::Float)
            })
            .collect();
        model.set_weights(&values).unwrap();
    }
}
