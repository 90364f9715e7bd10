//! The algorithm: the game, its settings and record, and what is refused.
#![allow(clippy::unwrap_used, clippy::panic)] // Helpers too: clippy lets only the tests themselves.

#[path = "../common/mod.rs"]
mod common;

mod batch_memory;
mod for_data;
mod health;
mod max_steps;
mod modern;
mod products;
mod settings;
mod training;
