//! Convolutions whose parts may be matrix products.

use crate::Result;
use crate::platform::ffi::{self, Geometry, Part};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use tch::{Device, Tensor};

/// Which parts of a convolution are computed as matrix products, a bit each; the others, and at first all, are libtorch's
/// convolutions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Products(u8);

impl Products {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(0b111);

    /// With this part too.
    #[must_use]
    pub(super) fn with(self, part: Part) -> Self {
        Self(self.0 | 1 << part as u8)
    }

    /// Whether there are no bits but those of the three parts.
    pub(crate) fn is_valid(self) -> bool {
        self.0 & !Self::ALL.0 == 0
    }
}

/// The convolution of a layer: its sizes, and how its parts are computed. A layer and its model share it.
#[derive(Debug, Clone)]
pub(super) struct Convolution {
    part: Part,
    geometry: Geometry,
    products: Arc<AtomicU8>,
}

impl Convolution {
    /// Of a layer that computes this part, all by libtorch's convolution. (The geometry's `products` don't count.)
    pub(super) fn new(part: Part, geometry: Geometry) -> Self {
        Self { part, geometry, products: Arc::default() }
    }

    pub(super) fn products(&self) -> Products {
        Products(self.products.load(Relaxed))
    }

    pub(super) fn set_products(&self, products: Products) {
        self.products.store(products.0, Relaxed);
    }

    pub(super) fn geometry(&self, products: Products) -> Geometry {
        Geometry { products: products.0.into(), ..self.geometry }
    }

    /// The layer's result if a part of it is to be a product, recorded for gradients of any order; none where the layer is to
    /// compute it as it always does.
    ///
    /// # Shapes
    /// `kernel`: (kernel height, kernel width, a, b) as Keras has it, `bias`: (filters)
    ///
    /// # Errors
    /// When libtorch refuses.
    pub(super) fn forward(&self, x: &Tensor, kernel: &Tensor, bias: &Tensor) -> Result<Option<Tensor>> {
        let products = self.products();
        if products == Products::NONE || x.device() != Device::Cpu {
            return Ok(None);
        }
        // A view of contiguous memory, as Init lays kernels out.
        let kernel = kernel.f_permute([3, 0, 1, 2])?;
        let mut y = ffi::convolution(self.part, x, &kernel, &self.geometry(products))?;
        Ok(Some(y.f_add_(bias)?))
    }
}

/// What tells it from convolutions of other sizes.
impl fmt::Display for Convolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Geometry { image: [rows, columns, channels], map, kernel, strides, padding: [top, left], .. } =
            self.geometry;
        let [map_rows, map_columns, filters] = map;
        write!(f, "{rows}x{columns}x{channels} {map_rows}x{map_columns}x{filters} kernel {kernel} strides {strides} ")?;
        write!(f, "padding {top} {left}")
    }
}

#[cfg(test)]
#[path = "convolution_tests.rs"]
mod tests;
