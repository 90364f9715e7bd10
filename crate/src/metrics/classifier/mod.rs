//! A small classifier, whose features the distances compare.

mod network;
mod recipe;
mod training;

pub use recipe::Recipe;

use crate::data::Dataset;
use crate::imaging::resize;
use crate::nn::Sequential;
use crate::platform::device::full_float32;
use crate::{Error, Result};
use tch::{Kind, Tensor, no_grad};

/// Pictures of a dataset that are looked at together.
pub(super) const BATCH: usize = 100;

/// A network that tells the classes of a dataset apart. On the way it describes each picture by 128 numbers, its features;
/// pictures with similar contents have similar features. Papers take those of Inception (Heusel et al. 2017), a large network that
/// has to be downloaded; these take a few minutes of training. Their scale is another, so figures can't be compared with those of
/// papers.
///
/// ```
/// use gan_nb::{data::Shapes, metrics::{Classifier, Recipe}};
/// # fn main() -> gan_nb::Result<()> {
/// let shapes = Shapes::generate(200, 1)?;
/// let recipe = Recipe { filters: [8, 8, 8, 16], epochs: 1, batch_size: 20, ..Recipe::default() };
/// let classifier = Classifier::train(&shapes, &recipe, &mut |step, steps| println!("{step} of {steps}"))?;
/// let images = shapes.batch(&[0, 1, 2])?;
/// assert_eq!(classifier.features(&images)?.size(), [3, 16]);
/// assert_eq!(classifier.probabilities(&images)?.size(), [3, 10]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Classifier {
    recipe: Recipe,
    /// Pictures → features.
    body: Sequential,
    /// Features → a score for each class.
    head: Sequential,
    channels: i64,
    class_names: Vec<String>,
}

impl Classifier {
    /// With its first weights.
    fn new(recipe: &Recipe, channels: i64, class_names: &[String]) -> Result<Self> {
        Ok(Self {
            recipe: recipe.clone(),
            body: network::body(recipe, channels)?,
            head: network::head(recipe, class_names.len())?,
            channels,
            class_names: class_names.to_vec(),
        })
    }

    /// With weights that [`named_weights`](Self::named_weights) gave.
    pub(super) fn with_weights(
        recipe: &Recipe,
        channels: i64,
        class_names: &[String],
        weight: &dyn Fn(&str, &[i64]) -> Result<Tensor>,
    ) -> Result<Self> {
        let mut classifier = Self::new(recipe, channels, class_names)?;
        for model in [&mut classifier.body, &mut classifier.head] {
            model.load_weights(weight)?;
        }
        Ok(classifier)
    }

    /// All weights with the name of their network before their own, as `features/conv2d/kernel`.
    pub(super) fn named_weights(&self) -> Vec<(String, Tensor)> {
        self.body.named_weights().chain(self.head.named_weights()).collect()
    }

    /// A checksum of its weights. Classifiers of one recipe differ from machine to machine, since their sums are rounded
    /// differently, and only figures by one and the same classifier can be compared.
    ///
    /// # Errors
    /// When libtorch refuses.
    pub fn md5(&self) -> Result<String> {
        let mut sum = md5::Context::new();
        for (name, weight) in self.named_weights() {
            sum.consume(name);
            let weight = weight.f_detach()?.f_to_device(tch::Device::Cpu)?.f_contiguous()?;
            let mut values = vec![0f32; weight.numel()];
            weight.f_copy_data(&mut values, weight.numel())?;
            values.iter().for_each(|value| sum.consume(value.to_le_bytes()));
        }
        Ok(format!("{:x}", sum.finalize()))
    }

    /// How it was built and trained.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// The names of the classes that it knows.
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// The channels of the pictures that it looks at.
    pub fn channels(&self) -> i64 {
        self.channels
    }

    fn device(&self) -> tch::Device {
        self.body.device()
    }

    /// What it sees in these pictures. Those of another size than 32 × 32 are resized first.
    ///
    /// # Shapes
    /// (N, H, W, C) in [−1, 1] → float32 (N, F)
    ///
    /// # Errors
    /// [`Error::Shape`] for anything but pictures of its channels, [`Error::Value`] for bytes.
    pub fn features(&self, images: &Tensor) -> Result<Tensor> {
        full_float32(|| no_grad(|| self.body.forward(&self.prepared(images)?, false)))
    }

    /// How likely each class is for each picture.
    ///
    /// # Shapes
    /// (N, H, W, C) in [−1, 1] → float32 (N, classes)
    ///
    /// # Errors
    /// As [`features`](Self::features).
    pub fn probabilities(&self, images: &Tensor) -> Result<Tensor> {
        let features = self.features(images)?;
        full_float32(|| no_grad(|| Ok(self.head.forward(&features, false)?.f_softmax(1, Kind::Float)?)))
    }

    /// The likeliest class by these features.
    ///
    /// # Shapes
    /// (N, F) → int64 (N)
    ///
    /// # Errors
    /// [`Error::Shape`] for features that are not its own.
    pub fn classes(&self, features: &Tensor) -> Result<Tensor> {
        full_float32(|| no_grad(|| Ok(self.head.forward(features, false)?.f_argmax(1, false)?)))
    }

    /// The features of all pictures of a dataset.
    ///
    /// # Shapes
    /// result: float32 (N, F) on the CPU
    ///
    /// # Errors
    /// As [`features`](Self::features).
    pub fn features_of(&self, data: &Dataset) -> Result<Tensor> {
        let all: Vec<usize> = (0..data.len()).collect();
        let parts =
            all.chunks(BATCH).map(|part| Ok(self.features(&data.batch(part)?)?.f_to_device(tch::Device::Cpu)?));
        Ok(Tensor::f_cat(&parts.collect::<Result<Vec<_>>>()?, 0)?)
    }

    /// The share of a dataset's pictures that it recognizes, by their features.
    ///
    /// # Shapes
    /// `features`: (N, F), those [of the dataset](Self::features_of)
    ///
    /// # Errors
    /// [`Error::Shape`] for other features.
    pub fn accuracy(&self, data: &Dataset, features: &Tensor) -> Result<f64> {
        let found = self.classes(&features.f_to_device(self.device())?)?.f_to_device(tch::Device::Cpu)?;
        let labels = data.labels(&(0..data.len()).collect::<Vec<_>>())?;
        Ok(found.f_eq_tensor(&labels)?.f_to_kind(Kind::Double)?.f_mean(Kind::Double)?.f_double_value(&[])?)
    }

    /// On its device, 32 × 32 pixels.
    fn prepared(&self, images: &Tensor) -> Result<Tensor> {
        let size = images.size();
        let [_, height, width, channels] = size[..] else { return Err(self.misfit(&size)) };
        if channels != self.channels {
            return Err(self.misfit(&size));
        }
        let images = images.f_to_device(self.device())?;
        if [height, width] == [network::SIDE; 2] { Ok(images) } else { resize(&images, network::SIDE) }
    }

    fn misfit(&self, size: &[i64]) -> Error {
        Error::Shape {
            layer: "the classifier".into(),
            found: format!("{size:?}"),
            expected: format!("[N, height, width, {}]", self.channels),
            hint: "Give a batch of pictures of the kind that it was trained on.".into(),
        }
    }
}
