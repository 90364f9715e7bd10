//! The layers, the model and the optimizer, each against numbers worked out without them.
#![allow(clippy::unwrap_used, clippy::panic)] // Helpers too: clippy lets only the tests themselves.

#[path = "../common/mod.rs"]
mod common;

mod adam;
mod batch_norm;
mod blocks;
mod convolution;
mod custom_layers;
mod elementwise;
mod inference;
mod initializers;
mod inputs;
mod mixed_precision;
mod optimizer;
mod refusals;
mod schedule;
mod sequential;
mod skipped_steps;
mod weights_in_memory;
