//! Figures, read back from their files.
#![allow(clippy::unwrap_used, clippy::panic)] // Helpers too: clippy lets only the tests themselves.

#[path = "../common/mod.rs"]
mod common;

mod animation;
mod figures;
mod formats;
mod plane;
