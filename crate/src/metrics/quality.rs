//! The figures of a set of generated images.

use super::{KernelDistance, PrecisionRecall};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How good generated images are, as an [`Evaluator`](super::Evaluator) measured it. It prints as a small table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// How many images were measured. Figures of other numbers of images can't be compared: the Fréchet distance falls with it.
    pub images: usize,
    /// [`frechet_distance`](super::frechet_distance) from the real images; lower is better.
    pub frechet_distance: f64,
    /// [`kernel_distance`](super::kernel_distance) from the real images; lower is better.
    pub kernel_distance: KernelDistance,
    /// [`precision_recall`](super::precision_recall) among the real images with k = 3; higher is better.
    #[serde(flatten)]
    pub precision_recall: PrecisionRecall,
    /// The [checksum](super::Classifier::md5) of the classifier that it was measured with: figures by another can't be compared.
    pub classifier: String,
    /// The classes in their order.
    pub classes: Vec<ClassCount>,
}

/// What became of a class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassCount {
    /// Its name.
    pub name: String,
    /// How many of the images the classifier takes for this class, whatever they were made for: the histogram of classes.
    pub seen: usize,
    /// How many were made for this class; 0 where the images were made for no class in particular.
    pub made: usize,
    /// How many of those the classifier takes for it.
    pub obeyed: usize,
}

impl ClassCount {
    /// The share of the images made for this class that the classifier takes for it. None where there are none.
    pub fn obedience(&self) -> Option<f64> {
        (self.made > 0).then(|| self.obeyed as f64 / self.made as f64)
    }
}

impl Quality {
    /// The share of all images that the classifier takes for the class that they were made for. None where they were made for no
    /// class. The classifier errs too: of real images it is its [accuracy](super::Evaluator::accuracy).
    pub fn obedience(&self) -> Option<f64> {
        let (made, obeyed) =
            self.classes.iter().fold((0, 0), |(made, obeyed), class| (made + class.made, obeyed + class.obeyed));
        (made > 0).then(|| obeyed as f64 / made as f64)
    }
}

/// ```text
/// 10000 images
/// Frechet distance   12.34
/// kernel distance    0.0123 ± 0.0004
/// precision          0.712
/// recall             0.534
/// class obedience    0.81
/// class              seen   obedience
///   airplane         1012   0.85
/// ```
impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PrecisionRecall { precision, recall } = self.precision_recall;
        writeln!(f, "{} images", self.images)?;
        writeln!(f, "{:<18} {:.2}", "Frechet distance", self.frechet_distance)?;
        writeln!(f, "{:<18} {}", "kernel distance", self.kernel_distance)?;
        writeln!(f, "{:<18} {precision:.3}", "precision")?;
        writeln!(f, "{:<18} {recall:.3}", "recall")?;
        if let Some(obedience) = self.obedience() {
            writeln!(f, "{:<18} {obedience:.3}", "class obedience")?;
        }
        write!(f, "{:<18} seen", "class")?;
        if self.obedience().is_some() {
            write!(f, "   obedience")?;
        }
        for class in &self.classes {
            write!(f, "\n  {:<16} {:>4}", class.name, class.seen)?;
            if let Some(obedience) = class.obedience() {
                write!(f, "   {obedience:.3}")?;
            }
        }
        Ok(())
    }
}
