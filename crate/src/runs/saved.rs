//! One checkpoint of a run's folder, as a list shows it.

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
    /// The file.
    pub path: PathBuf,
}

/// The one with the least distance.
pub(super) fn best(checkpoints: &[Saved]) -> Option<&Saved> {
    let distance = |saved: &Saved| saved.distance.filter(|distance| distance.is_finite());
    let compared = checkpoints.iter().filter_map(|saved| Some((saved, distance(saved)?)));
    compared.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(saved, _)| saved)
}

impl Saved {
    pub(super) fn remove(&self) -> Result<()> {
        fs::remove_file(&self.path).map_err(Error::io(&self.path, "remove the file", DISK_HINT))
    }
}
