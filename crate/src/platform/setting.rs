//! Numbers that may change while a training runs.

use super::tape;
use crate::Result;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use tch::{Device, Tensor};

/// A number that an iteration is told anew each time, so that setting it acts on recorded iterations too.
#[derive(Debug)]
pub(crate) struct Setting(Arc<AtomicU64>);

impl Setting {
    pub(crate) fn new(value: f64) -> Self {
        Self(Arc::new(AtomicU64::new(value.to_bits())))
    }

    pub(crate) fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Relaxed))
    }

    pub(crate) fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Relaxed);
    }

    /// The number as a tensor.
    ///
    /// # Shapes
    /// result: () float32
    ///
    /// # Errors
    /// When libtorch can't hold it.
    pub(crate) fn on(&self, device: Device) -> Result<Tensor> {
        tape::give(&self.0, device, |bits| {
            let value = f64::from_bits(bits.load(Relaxed));
            Ok(Tensor::f_from_slice(&[value as f32])?.f_view([0i64; 0])?)
        })
    }
}
