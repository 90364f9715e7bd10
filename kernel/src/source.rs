//! What can be read from a cell's text alone: whether it is finished ([`completeness()`]), what evcxr gets in its place
//! ([`prepare()`]), what the cursor stands on ([`expression_at`]), and which of its lines the compiler means ([`locate()`]).
//!
//! The parser is evcxr's own, so that a cell falls apart here into the same pieces as there.

mod cell;
mod completeness;
mod head;
mod impls;
mod inspect;
mod known;
mod locate;
mod macros;
mod mend;
mod normal;
mod notes;
mod positions;
mod prepare;
mod stale;
mod stash;
mod types;

pub use completeness::{Completeness, completeness};
pub use inspect::expression_at;
pub use known::Known;
pub use locate::locate;
pub use prepare::{Prepared, prepare, prepare_without_stale};
pub use stash::STASH;

/// Names that `prepare` gives to the items it adds begin with this; they are no business of the reader's.
pub const OWN_PREFIX: &str = "EVCXR_LIVE_";
