//! One checkpoint of a run's folder, as a list shows it.

use crate::metrics::Quality;
use crate::platform::atomic_file::DISK_HINT;
use crate::{Error, Result};
use std::fs;
use std::path::PathBuf;

/// One of a run's checkpoints.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// Iterations done when it was written.
    pub iteration: usize,
    /// How far the generator's images were from photos, by [`sliced_wasserstein`](crate::metrics::sliced_wasserstein): lower
    /// is closer. None where there were no photos at hand.
    pub distance: Option<f64>,
    /// How good its images were, if an evaluator measured them.
    pub quality: Option<Quality>,
    /// The file.
    pub path: PathBuf,
}

/// The one with the least Fréchet distance, of those that were measured as the last one was: with as many images and by the same
/// classifier. Where none was measured, the one with the least sliced Wasserstein distance.
pub(super) fn best(checkpoints: &[Saved]) -> Option<&Saved> {
    let last = checkpoints.iter().rev().find_map(|saved| saved.quality.as_ref());
    let measure = |saved: &Saved| match (last, &saved.quality) {
        (None, _) => saved.distance,
        (Some(last), Some(own)) if (own.images, &own.classifier) == (last.images, &last.classifier) => {
            Some(own.frechet_distance)
        }
        _ => None,
    };
    let compared = checkpoints.iter().filter_map(|saved| Some((saved, measure(saved).filter(|it| it.is_finite())?)));
    compared.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(saved, _)| saved)
}

impl Saved {
    pub(super) fn remove(&self) -> Result<()> {
        fs::remove_file(&self.path).map_err(Error::io(&self.path, "remove the file", DISK_HINT))
    }
}
