//! Optimizers.

mod adam;

pub use adam::Adam;
