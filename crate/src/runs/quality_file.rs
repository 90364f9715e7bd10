//! quality.jsonl: the figures of a run's images, a line for each checkpoint that was measured.

use super::Run;
use super::config_file::REMAKE;
use crate::metrics::Quality;
use crate::platform::atomic_file::write_whole;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::ErrorKind;

/// How good a run's images were after so many iterations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// Iterations done.
    pub iteration: usize,
    /// The figures.
    #[serde(flatten)]
    pub quality: Quality,
}

impl Run {
    /// The figures of its images, in the order of the iterations: those of checkpoints that are no longer there too. None for a
    /// run that was never measured.
    ///
    /// # Errors
    /// [`Error::Io`] or [`Error::File`] when quality.jsonl can't be read or does not hold them.
    pub fn quality(&self) -> Result<Vec<Measured>> {
        let path = self.path("quality.jsonl");
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(Error::io(&path, "read the file", REMAKE))?,
        };
        let line = |(i, line): (usize, &str)| {
            serde_json::from_str(line).map_err(|error| {
                Error::file(&path, format!("{error} (line {})", i + 1), "the figures of a checkpoint", REMAKE)
            })
        };
        text.lines().enumerate().map(line).collect()
    }

    /// Adds figures, in place of others of the same iteration.
    ///
    /// # Errors
    /// As [`quality`](Self::quality), and [`Error::Io`] when the disk refuses.
    pub(super) fn add_quality(&self, measured: Measured) -> Result<()> {
        let mut all = self.quality()?;
        all.retain(|other| other.iteration != measured.iteration);
        all.push(measured);
        all.sort_by_key(|measured| measured.iteration);
        self.write_quality(&all)
    }

    /// Removes the figures of iterations that are to come, of a run that goes on from an earlier checkpoint.
    ///
    /// # Errors
    /// As [`quality`](Self::quality), and [`Error::Io`] when the disk refuses.
    pub(super) fn forget_quality_after(&self, iteration: usize) -> Result<()> {
        let mut all = self.quality()?;
        let count = all.len();
        all.retain(|measured| measured.iteration <= iteration);
        if all.len() == count { Ok(()) } else { self.write_quality(&all) }
    }

    fn write_quality(&self, all: &[Measured]) -> Result<()> {
        let path = self.path("quality.jsonl");
        let mut text = String::new();
        for measured in all {
            text += &serde_json::to_string(measured)
                .map_err(|error| Error::file(&path, error.to_string(), "a value for JSON", REMAKE))?;
            text.push('\n');
        }
        write_whole(&path, text.as_bytes())
    }
}
