//! Generative adversarial networks, cell by cell in Rust.
pub mod error;
pub use error::{Error, Result};
