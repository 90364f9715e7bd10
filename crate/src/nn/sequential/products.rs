//! How a model's convolutions are computed.

use super::Sequential;
use crate::nn::convolution::{Convolution, Products};

impl Sequential {
    /// Whether all convolutions, their gradients included, are computed as matrix products, on the CPU in float32; else by
    /// libtorch's convolutions, which is the default. Numbers differ in their last digits. Which is faster depends on the
    /// processor; a long training [measures it](crate::platform) and chooses for each layer.
    pub fn set_products(&mut self, products: bool) {
        let each = if products { Products::ALL } else { Products::NONE };
        self.set_products_of_each(&vec![each; self.convolutions().len()]);
    }

    /// What is set, for each convolution in the order of the layers.
    pub(crate) fn products(&self) -> Vec<Products> {
        self.convolutions().iter().map(Convolution::products).collect()
    }

    /// Sets it; convolutions beyond the list's end become libtorch's, and so do all in mixed precision.
    pub(crate) fn set_products_of_each(&mut self, each: &[Products]) {
        let each = if self.is_in_mixed_precision() { &[] } else { each };
        let each = each.iter().copied().chain(std::iter::repeat(Products::NONE));
        self.convolutions().iter().zip(each).for_each(|(convolution, products)| convolution.set_products(products));
    }

    pub(in crate::nn) fn convolutions(&self) -> &[Convolution] {
        self.init.convolutions()
    }
}
