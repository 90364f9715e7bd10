//! What there is to tell while an evaluator is made ready.

use crate::Error;
use crate::data;

/// What happens while an [`Evaluator`](super::Evaluator) is made ready, which takes minutes the first time: whoever calls
/// decides whether and how to show it.
#[derive(Debug)]
pub enum News<'a> {
    /// Of the pictures that the classifier learns from.
    Data(data::News<'a>),
    /// The classifier is being trained.
    Training {
        /// Batches done, from 1 on.
        step: usize,
        /// Of how many.
        steps: usize,
    },
    /// The classifier is trained, but it is not kept, so the next program trains it again.
    NotKept {
        /// Why not.
        reason: &'a Error,
    },
}
