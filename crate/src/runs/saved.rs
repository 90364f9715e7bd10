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

/// The one with the least Fréchet distance, of those that were measured with as many images as the last one; where none was
/// measured, the one with the least sliced Wasserstein distance.
pub(super) fn best(checkpoints: &[Saved]) -> Option<&Saved> {
    let images = checkpoints.iter().rev().find_map(|saved| Some(saved.quality.as_ref()?.images));
    let measure = |saved: &Saved| match images {
        Some(images) => saved.quality.as_ref().filter(|quality| quality.images == images).map(|q| q.frechet_distance),
        None => saved.distance,
    };
    let compared = checkpoints.iter().filter_map(|saved| Some((saved, measure(saved).filter(|it| it.is_finite())?)));
    compared.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(saved, _)| saved)
}

impl Saved {
    pub(super) fn remove(&self) -> Result<()> {
        fs::remove_file(&self.path).map_err(Error::io(&self.path, "remove the file", DISK_HINT))
    }
}
