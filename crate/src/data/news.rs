//! What there is to tell while data is looked for and fetched.

use crate::Error;

/// What happens while data is looked for and fetched: whoever calls decides whether and how to show it.
#[derive(Debug)]
pub enum News<'a> {
    /// CIFAR-10 is being downloaded.
    Downloading {
        /// How many bytes are there, those of an earlier try included.
        bytes: u64,
        /// Of how many, if the server says.
        total: Option<u64>,
    },
    /// CIFAR-10 can't be had, so drawn [`Shapes`](super::Shapes) take its place.
    Shapes {
        /// Why not.
        reason: &'a Error,
    },
}
