//! The command line.
#![allow(clippy::unwrap_used, clippy::panic)] // Helpers too: clippy lets only the tests themselves.

#[path = "../common/mod.rs"]
mod common;

mod classes;
mod command_line;
mod device;
mod ends;
mod evaluate;
mod export;
mod files;
mod photos;
