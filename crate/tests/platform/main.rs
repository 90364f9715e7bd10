//! What is set once a process: the device, the library behind it, and the memory that is kept.
#![allow(clippy::unwrap_used, clippy::panic)] // Helpers too: clippy lets only the tests themselves.

#[path = "../common/mod.rs"]
mod common;

mod cuda;
mod deterministic;
mod device;
mod first;
mod graphs;
mod reuse;
#[cfg(target_os = "linux")]
mod threads;
