//! The one error type of the library.

use std::path::{Path, PathBuf};

/// What can go wrong, each with the file or value, what was found, what was expected and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder does not hold what it should.
    #[error("{path}: found {found}, expected {expected}. {hint}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What is there.
        found: String,
        /// What should be there.
        expected: String,
        /// What to do.
        hint: String,
    },
    /// An argument or setting is out of its range.
    #[error("{name} is {found}, expected {expected}. {hint}")]
    Value {
        /// The argument or setting.
        name: String,
        /// What was given.
        found: String,
        /// What is allowed.
        expected: String,
        /// What to do.
        hint: String,
    },
    /// A tensor does not fit a layer.
    #[error("{layer}: the input has shape {found}, expected {expected}. {hint}")]
    Shape {
        /// The layer that met it.
        layer: String,
        /// Its shape, as `(None, 32, 32, 3)`.
        found: String,
        /// The shape that fits.
        expected: String,
        /// What to do.
        hint: String,
    },
    /// Another process trains in the run's folder.
    #[error("{path}: another process is training in this folder. {hint}")]
    Busy {
        /// The folder.
        path: PathBuf,
        /// What to do.
        hint: String,
    },
    /// The system refused to read or write.
    #[error("{path}: can't {action}: {source}. {hint}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was tried, as in "read the file".
        action: &'static str,
        /// The system's own answer.
        source: std::io::Error,
        /// What to do.
        hint: String,
    },
    /// The server or the network let a download down.
    #[error("{url}: found {found}, expected {expected}. {hint}")]
    Download {
        /// The address.
        url: String,
        /// What came.
        found: String,
        /// What should have come.
        expected: String,
        /// What to do.
        hint: String,
    },
    /// The notebook's stop button was pressed.
    #[error("{action} was stopped at {found}. {hint}")]
    Stopped {
        /// What was under way.
        action: String,
        /// How far it had come.
        found: String,
        /// What to do to go on.
        hint: String,
    },
    /// A training diverged: a loss or a weight is not finite.
    #[error("the training diverged at iteration {iteration}: {what} is {found}. {hint}")]
    Diverged {
        /// Counted from 0, as in the log lines.
        iteration: usize,
        /// The loss or weight.
        what: String,
        /// NaN or infinity.
        found: String,
        /// What to do.
        hint: String,
    },
    /// A figure could not be drawn.
    #[error("can't draw the {figure}: {found}. {hint}")]
    Figure {
        /// Which figure.
        figure: &'static str,
        /// The drawing library's answer.
        found: String,
        /// What to do.
        hint: String,
    },
    /// There is not enough memory.
    #[error("not enough memory for {what}: {found}. {hint}")]
    Memory {
        /// What was to be held.
        what: String,
        /// How much it takes, or what could not be had.
        found: String,
        /// What to do.
        hint: String,
    },
    /// libtorch refused.
    #[error("libtorch: {0}")]
    Torch(tch::TchError),
}

/// Where libtorch could not get memory it becomes [`Error::Memory`], wherever that happens.
impl From<tch::TchError> for Error {
    fn from(refusal: tch::TchError) -> Self {
        out_of_memory(&refusal.to_string()).unwrap_or(Self::Torch(refusal))
    }
}

/// What is computed, where nothing more is known of it.
const COMPUTATION: &str = "this computation";

/// libtorch's words as [`Error::Memory`], if they are of memory that it did not get.
fn out_of_memory(words: &str) -> Option<Error> {
    // libtorch's allocators for the CPU and for CUDA, its matrix libraries, and C++ itself.
    let signs = ["can't allocate memory", "out of memory", "out_of_memory", "ALLOC_FAILED", "bad_alloc"];
    if !signs.iter().any(|sign| words.contains(sign)) {
        return None;
    }
    // Of the CPU's "you tried to allocate 67108864 bytes" and CUDA's "Tried to allocate 2.00 GiB": number and unit.
    let asked = words.split_once("ried to allocate ").map(|(_, amount)| amount.split_whitespace());
    let asked = asked.map(|amount| amount.take(2).collect::<Vec<_>>().join(" "));
    let asked = asked.map_or("more".into(), |amount| amount.trim_end_matches('.').to_string() + " more");
    let found = format!("libtorch asked for {asked} and did not get it");
    let hint = "Take a smaller batch, or end other programs.".into();
    Some(Error::Memory { what: COMPUTATION.into(), found, hint })
}

/// `Result` with the library's [`enum@Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A file that holds something else than it should.
    pub fn file(path: &Path, found: impl Into<String>, expected: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::File { path: path.into(), found: found.into(), expected: expected.into(), hint: hint.into() }
    }

    /// An argument out of its range.
    pub fn value(name: &str, found: impl ToString, expected: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Value { name: name.into(), found: found.to_string(), expected: expected.into(), hint: hint.into() }
    }

    /// A training that went astray at this iteration. `last_good` says where its last good state is.
    pub(crate) fn diverged(iteration: usize, what: &str, found: impl ToString, last_good: &str) -> Self {
        let hint = format!("Nothing can be learned from there on: take a smaller learning_rate. {last_good}");
        Self::Diverged { iteration, what: what.into(), found: found.to_string(), hint: hint.trim_end().into() }
    }

    /// For `map_err`: wraps the system's answer with the path and what was tried.
    pub fn io(path: &Path, action: &'static str, hint: &str) -> impl FnOnce(std::io::Error) -> Self {
        let (path, hint) = (path.to_path_buf(), hint.to_string());
        move |source| Self::Io { path, action, source, hint }
    }

    /// For `map_err` around what computes on a batch: names the batch where there was no memory. Other errors stay as they
    /// are.
    pub fn of_batch(batch_size: usize, error: Self) -> Self {
        match error {
            Self::Memory { what, found, .. } if what == COMPUTATION => {
                let hint =
                    format!("Take a smaller batch_size, say {}, or end other programs.", (batch_size / 2).max(1));
                Self::Memory { what: format!("a batch of {batch_size}"), found, hint }
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Error;
    use tch::TchError;

    fn told(words: &str) -> String {
        Error::of_batch(64, TchError::Torch(words.into()).into()).to_string()
    }

    #[test]
    fn memory_that_libtorch_does_not_get_is_told_with_the_batch() {
        let hint = "Take a smaller batch_size, say 32, or end other programs.";
        let cuda = "CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 4 GiB\nException raised from";
        let found = "not enough memory for a batch of 64: libtorch asked for 2.50 GiB more and did not get it.";
        assert_eq!(told(cuda), format!("{found} {hint}"));
        let found = "not enough memory for a batch of 64: libtorch asked for more and did not get it.";
        assert_eq!(told("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), format!("{found} {hint}"));
    }

    /// As it reaches a loop that a cell wrote itself.
    #[test]
    fn without_a_batch_it_is_told_all_the_same() {
        let error = super::Error::from(TchError::Torch("CUDA out of memory. Tried to allocate 2.50 GiB.".into()));
        let found = "not enough memory for this computation: libtorch asked for 2.50 GiB more and did not get it.";
        assert_eq!(error.to_string(), format!("{found} Take a smaller batch, or end other programs."));
    }

    #[test]
    fn other_errors_stay_as_they_are() {
        assert_eq!(told("shapes do not go together"), "libtorch: Internal torch error: shapes do not go together");
        let value = || Error::value("x", 1, "2", "Hm.");
        assert_eq!(Error::of_batch(64, value()).to_string(), value().to_string());
    }
}
