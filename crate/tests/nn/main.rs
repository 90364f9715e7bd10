//! The layers, the model and the optimizer, each against numbers worked out without them.
#![allow(clippy::unwrap_used, clippy::panic)] // Helpers too: clippy lets only the tests themselves.

#[path = "../common/mod.rs"]
mod common;

mod adam;
mod batch_norm;
mod blocks;
mod classes;
mod convolution;
mod custom_layers;
mod double_backward;
mod elementwise;
mod inference;
mod initializers;
mod inputs;
mod mixed_precision;
mod optimizer;
mod optimizer_settings;
mod refusals;
mod schedule;
mod sequential;
mod skipped_steps;
mod spectral;
mod weights_in_memory;
