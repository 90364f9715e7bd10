//! Trainings that are kept in a folder: read back, resumed, damaged and killed.
#![allow(clippy::unwrap_used, clippy::panic)] // Helpers too: clippy lets only the tests themselves.

#[path = "../common/mod.rs"]
mod common;

mod collection;
mod faults;
mod folder;
mod killed;
mod resume;
