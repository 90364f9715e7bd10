//! An evaluator: a classifier, real images, and how far generated ones are from them.

mod kept;
mod load_or_train;

use super::classifier::{BATCH, Classifier};
use super::{ClassCount, Quality, frechet_distance, kernel_distance, precision_recall};
use crate::data::Dataset;
use crate::platform::stop_button;
use crate::{Error, Result};
use tch::{Device, Kind, Tensor};

/// The paper's k for precision and recall.
const NEIGHBOURS: i64 = 3;
/// Where the order of the kernel distance's parts comes from.
const SEED: u64 = 0;

/// Measures generated images against real ones, by what a [`Classifier`] sees in both.
///
/// The real images are ones that neither the classifier nor the GAN has learned from, such as CIFAR-10's test images: a GAN that
/// repeats its training images then gains nothing by it.
///
/// ```no_run
/// use gan_nb::{metrics::Evaluator, runs::Run, random, train::latent_noise};
/// # fn main() -> gan_nb::Result<()> {
/// let evaluator = Evaluator::cifar10()?; // the first time, this trains the classifier
/// let (generator, _) = Run::open("runs/dcgan")?.models()?;
/// let mut noise = random::stream(42, "evaluation");
/// let quality = evaluator.measure(10_000, |_, count| {
///     Ok((generator.predict(&latent_noise(&mut noise, &generator, count)?)?, None))
/// })?;
/// println!("{quality}");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Evaluator {
    classifier: Classifier,
    /// (N, F), float32 on the CPU
    real_features: Tensor,
    /// (N): how far the balls around them reach.
    real_radii: Tensor,
    accuracy: f64,
}

impl Evaluator {
    /// With these images as the real ones.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) for images of other channels, or fewer than four.
    pub fn new(classifier: Classifier, real: &Dataset) -> Result<Self> {
        let real_features = classifier.features_of(real)?;
        let accuracy = classifier.accuracy(real, &real_features)?;
        let real_radii = precision_recall::radii(&real_features, NEIGHBOURS)?;
        Ok(Self { classifier, real_features, real_radii, accuracy })
    }

    /// The classifier.
    pub fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// The share of the real images that the classifier recognizes: about the most that class obedience can reach.
    pub fn accuracy(&self) -> f64 {
        self.accuracy
    }

    /// The features of the real images.
    ///
    /// # Shapes
    /// (N, F), float32 on the CPU
    pub fn real_features(&self) -> &Tensor {
        &self.real_features
    }

    /// Measures `count` images, which `images(start, n)` makes a few at a time: `n` images, the first of them the `start`-th of
    /// all, and the classes that they were made for, if any. Of all images together only the features are in memory.
    ///
    /// # Shapes
    /// `images`: (B, H, W, C) in [−1, 1] and int64 (B)
    ///
    /// # Errors
    /// [`Error::Value`] for fewer than 20 images, another number of images or classes than was asked for, or images that are
    /// not finite; [`Error::Shape`] for images of another kind; [`Error::Stopped`] when the stop button is pressed; what
    /// `images` gives.
    pub fn measure(
        &self,
        count: usize,
        mut images: impl FnMut(usize, usize) -> Result<(Tensor, Option<Tensor>)>,
    ) -> Result<Quality> {
        // Some of its steps may take longer than the kernel waits.
        let _listener = stop_button::Listener::start(|| {});
        let mut tally = Tally::new(&self.classifier);
        let mut parts = Vec::with_capacity(count.div_ceil(BATCH));
        for start in (0..count).step_by(BATCH) {
            go_on(start, count)?;
            let wanted = BATCH.min(count - start);
            let (images, classes) = images(start, wanted)?;
            let features = self.classifier.features(&images)?;
            check("the number of images", features.size()[0], wanted as i64)?;
            tally.add(&self.classifier.classes(&features)?, classes.as_ref())?;
            parts.push(features.f_to_device(Device::Cpu)?);
        }
        let features =
            if parts.is_empty() { Tensor::f_zeros([0, 1], tch::kind::FLOAT_CPU)? } else { Tensor::f_cat(&parts, 0)? };
        self.quality(&features, tally.classes)
    }

    /// Measures images that are all in memory, with the classes that they were made for, if any.
    ///
    /// # Shapes
    /// `images`: (N, H, W, C) in [−1, 1]; `classes`: int64 (N)
    ///
    /// # Errors
    /// As [`measure`](Self::measure).
    pub fn measure_images(&self, images: &Tensor, classes: Option<&Tensor>) -> Result<Quality> {
        let count = images.size().first().copied().unwrap_or_default();
        self.measure(count.try_into().unwrap_or_default(), |start, count| {
            let part = |all: &Tensor| all.f_narrow(0, start as i64, count as i64);
            Ok((part(images)?, classes.map(part).transpose()?))
        })
    }

    /// Measures the first `count` images of a dataset with their labels. Those that a GAN learns from show what a perfect one
    /// would reach.
    ///
    /// # Errors
    /// As [`measure`](Self::measure).
    pub fn measure_dataset(&self, data: &Dataset, count: usize) -> Result<Quality> {
        self.measure(count, |start, count| {
            let indices: Vec<usize> = (start..start + count).collect();
            Ok((data.batch(&indices)?, Some(data.labels(&indices)?)))
        })
    }

    fn quality(&self, features: &Tensor, classes: Vec<ClassCount>) -> Result<Quality> {
        let images = features.size()[0] as usize;
        let (real, radii) = (&self.real_features, &self.real_radii);
        let kernel_distance = kernel_distance(real, features, SEED)?;
        go_on(images, images)?;
        let frechet_distance = frechet_distance(real, features)?;
        go_on(images, images)?;
        let precision_recall = precision_recall::precision_recall_with(real, radii, features, NEIGHBOURS)?;
        let classifier = self.classifier.md5()?;
        Ok(Quality { images, frechet_distance, kernel_distance, precision_recall, classifier, classes })
    }
}

/// # Errors
/// [`Error::Stopped`] when the stop button was pressed.
fn go_on(done: usize, count: usize) -> Result<()> {
    if !stop_button::requested() {
        return Ok(());
    }
    let found = format!("{done} of {count} images");
    Err(Error::Stopped { action: "The evaluation".into(), found, hint: "Run it again.".into() })
}

fn check(name: &str, found: i64, wanted: i64) -> Result<()> {
    if found == wanted {
        return Ok(());
    }
    Err(Error::value(name, found, format!("{wanted}, as was asked for"), "Make as many as the second argument says."))
}

/// Counts classes.
struct Tally {
    classes: Vec<ClassCount>,
}

impl Tally {
    fn new(classifier: &Classifier) -> Self {
        let names = classifier.class_names().iter();
        Self { classes: names.map(|name| ClassCount { name: name.clone(), seen: 0, made: 0, obeyed: 0 }).collect() }
    }

    /// Adds images that are taken for `seen` and were made for `made`.
    fn add(&mut self, seen: &Tensor, made: Option<&Tensor>) -> Result<()> {
        let numbers = |classes: &Tensor| -> Result<Vec<i64>> {
            Ok(Vec::try_from(classes.f_to_device(Device::Cpu)?.f_to_kind(Kind::Int64)?)?)
        };
        let seen = numbers(seen)?;
        for &class in &seen {
            self.class(class)?.seen += 1;
        }
        let Some(made) = made else { return Ok(()) };
        let made = numbers(made)?;
        check("the number of classes", made.len() as i64, seen.len() as i64)?;
        for (seen, made) in seen.into_iter().zip(made) {
            let class = self.class(made)?;
            class.made += 1;
            class.obeyed += usize::from(seen == made);
        }
        Ok(())
    }

    fn class(&mut self, number: i64) -> Result<&mut ClassCount> {
        let expected = format!("0 to {}, the classes that the classifier knows", self.classes.len().saturating_sub(1));
        let class = usize::try_from(number).ok().and_then(|number| self.classes.get_mut(number));
        class.ok_or_else(|| Error::value("the class of an image", number, expected, "Give the numbers of classes."))
    }
}
