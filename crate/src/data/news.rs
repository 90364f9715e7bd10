//! What there is to tell while data is looked for, fetched and read.

use super::Skipped;
use crate::Error;

/// What happens while data is looked for, fetched and read: whoever calls decides whether and how to show it.
#[derive(Debug)]
#[non_exhaustive]
pub enum News<'a> {
    /// A file of this data set is being downloaded.
    Downloading {
        /// The data set: "CIFAR-10".
        name: &'a str,
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
    /// Photos are being read and scaled.
    Reading {
        /// How many are done,
        done: usize,
        /// of how many.
        total: usize,
    },
    /// Photos that could not be taken. The dataset has them all as [`skipped`](super::Dataset::skipped).
    Skipped {
        /// Which, and why.
        files: &'a [Skipped],
        /// How many photos were taken.
        taken: usize,
    },
    /// The prepared photos could not be kept in the cache folder, so the next time they are read again.
    NotKept {
        /// Why not.
        reason: &'a Error,
    },
}
