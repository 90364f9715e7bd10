//! Generative adversarial networks, cell by cell in Rust.
pub mod data;
pub mod device;
pub mod display;
pub mod error;
pub mod loss;
pub mod models;
pub mod nn;
pub mod random;
pub mod train;

pub use device::Device;
pub use error::{Error, Result};
