//! Reads reference.json, and makes the weights and inputs that its numbers are for (make_reference.py says how).

use crate::common::device;
use crate::library::Inputs;
use gan_nb::nn::Sequential;
use serde::Deserialize;
use std::ops::Index;
use tch::{Kind, Tensor};

#[derive(Deserialize)]
pub struct Reference {
    pub salt: i64,
    pub batch: i64,
    pub summary: Summary,
    pub forward: Forward,
    pub iterations: Vec<Iteration>,
    pub iterations_in_float64: Option<Vec<Iteration>>,
    /// At weights that no training has touched, with each iteration's inputs. Files made before they were recorded
    /// have none.
    pub gradients: Option<Vec<Steps<Untrained>>>,
}

/// The three optimizer steps of an iteration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    DReal,
    DFake,
    G,
}

impl Step {
    pub const ALL: [Self; 3] = [Self::DReal, Self::DFake, Self::G];
}

/// Something of each step.
#[derive(Deserialize)]
pub struct Steps<T> {
    d_real: T,
    d_fake: T,
    g: T,
}

impl<T> Index<Step> for Steps<T> {
    type Output = T;

    fn index(&self, step: Step) -> &T {
        match step {
            Step::DReal => &self.d_real,
            Step::DFake => &self.d_fake,
            Step::G => &self.g,
        }
    }
}

#[derive(Deserialize)]
pub struct Untrained {
    pub loss: f64,
    pub gradients: Vec<GradientDigest>,
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
    /// Of each weight that a step changes, the gradient where the weight's digest has its values.
    pub gradients: Option<Steps<Vec<Vec<f64>>>>,
}

/// Enough of an array to tell it from any other.
#[derive(Deserialize)]
pub struct Digest {
    pub shape: Vec<i64>,
    sum: f64,
    abs_sum: f64,
    pub at: Vec<i64>,
    pub values: Vec<f64>,
}

#[derive(Deserialize)]
pub struct GradientDigest {
    #[serde(flatten)]
    pub digest: Digest,
    /// √Σx²
    pub norm: f64,
    /// Σ x · fill(shape, 0), which sees every number and its place.
    pub product: f64,
}

impl Digest {
    /// Each recorded value within `tolerance`, and so the mean and the mean of |x| over the whole array.
    pub fn assert_matches(&self, found: &Tensor, tolerance: f64, what: &str) {
        for ((at, expected), error) in self.at.iter().zip(&self.values).zip(self.errors(found)) {
            assert!(error <= tolerance, "{what}[{at}]: {error:.1e} off, Keras has {expected}");
        }
        self.assert_means_match(found, tolerance, what);
    }

    pub fn assert_means_match(&self, found: &Tensor, tolerance: f64, what: &str) {
        let found = found.detach().to_kind(Kind::Double);
        let count = found.numel() as f64;
        for (name, value, expected) in
            [("sum", found.sum(Kind::Double), self.sum), ("sum of |x|", found.abs().sum(Kind::Double), self.abs_sum)]
        {
            let value = value.double_value(&[]);
            assert!((value - expected).abs() / count <= tolerance, "{what}, {name}: {value}, Keras has {expected}");
        }
    }

    /// How far off each recorded value is.
    pub fn errors(&self, found: &Tensor) -> Vec<f64> {
        let values = self.values_of(found);
        values.iter().zip(&self.values).map(|(found, expected)| (found - expected).abs()).collect()
    }

    /// The values that would have been recorded of this array.
    pub fn values_of(&self, found: &Tensor) -> Vec<f64> {
        assert_eq!(found.size(), self.shape);
        let flat = found.detach().to_device(tch::Device::Cpu).to_kind(Kind::Double).reshape([-1]);
        self.at.iter().map(|&at| flat.double_value(&[at])).collect()
    }
}

impl Reference {
    /// The file that GAN_NB_KERAS_REFERENCE names, or the one beside this source.
    pub fn load() -> Self {
        let own = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keras_parity/reference.json");
        let path = std::env::var("GAN_NB_KERAS_REFERENCE").unwrap_or_else(|_| own.into());
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// sin(0.7 i + k + salt), computed in float64.
    pub fn fill(&self, shape: &[i64], k: i64) -> Tensor {
        let count: i64 = shape.iter().product();
        // On the CPU, as a GPU's sine may differ in the last bit.
        let i = Tensor::arange(count, (Kind::Double, tch::Device::Cpu));
        (i * 0.7 + (k + self.salt) as f64).sin().reshape(shape).to_device(device())
    }

    /// What iteration t takes, in this kind of number.
    pub fn inputs(&self, t: i64, kind: Kind) -> Inputs {
        let k = 10 * t;
        Inputs {
            real: self.fill(&[self.batch, 32, 32, 3], 201 + k).to_kind(kind),
            z_d: (self.fill(&[self.batch, 100], 202 + k) * 1.5).to_kind(kind),
            z_g: (self.fill(&[self.batch, 100], 203 + k) * 1.5).to_kind(kind),
        }
    }

    /// Gives a model the weights that the file is for, numbered from `k0`, in the kind of number that it has.
    pub fn set_weights(&self, model: &mut Sequential, k0: i64) {
        let values: Vec<Tensor> = (k0..)
            .zip(model.weights())
            .map(|(k, (name, weight))| {
                let shape = weight.value.size();
                let fill = self.fill(&shape, k);
                match weight.name.as_str() {
                    "kernel" => {
                        let (field, ends) = shape.split_at(shape.len() - 2);
                        let fans = field.iter().product::<i64>() * (ends[0] + ends[1]);
                        fill * (6.0 / fans as f64).sqrt()
                    }
                    "bias" | "beta" | "moving_mean" => fill * 0.1,
                    "gamma" => fill * 0.1 + 1.0,
                    "moving_variance" => fill.abs() * 0.5 + 1.0,
                    _ => panic!("unknown weight {name}"),
                }
            })
            .collect();
        model.set_weights(&values).unwrap();
    }
}
