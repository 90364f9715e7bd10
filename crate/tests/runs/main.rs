//! Trainings that are kept in a folder: read back, resumed, damaged and killed.
#![allow(clippy::unwrap_used, clippy::panic)] // Helpers too: clippy lets only the tests themselves.

#[path = "../common/mod.rs"]
mod common;

mod again;
mod collection;
mod data_config;
mod faults;
mod folder;
mod format_1;
mod games;
mod killed;
mod products;
mod quality;
mod resume;
