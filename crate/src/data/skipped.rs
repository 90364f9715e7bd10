//! Files that are no part of a dataset.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A file of a folder of photos that could not be taken, or a sub-folder that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Its path within the folder, as text.
    pub file: String,
    /// Why.
    pub reason: String,
}

/// `cats/7.jpg: a damaged image (it ends too early)`
impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.reason)
    }
}
