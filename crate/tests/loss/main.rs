//! The losses against their papers' formulas, and penalties against slopes that are known.
#![allow(clippy::unwrap_used, clippy::panic)] // Helpers too: clippy lets only the tests themselves.

#[path = "../common/mod.rs"]
mod common;

mod formulas;
mod penalties;
