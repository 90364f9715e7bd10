//! Which convolutions of a new run are computed as matrix products.

use super::{Game, Plan, Trainer};
use crate::Result;
use crate::nn::choose_products;
use crate::platform::env;
use tch::Device;

/// A run of fewer iterations would be over before a measurement has paid.
const WORTH_MEASURING: usize = 200;

impl<G: Game> Trainer<G> {
    /// At the beginning of a run. One that goes on keeps what it has: other products would give other last digits.
    ///
    /// # Errors
    /// When libtorch refuses.
    pub(super) fn choose_products(&mut self, plan: &Plan) -> Result<()> {
        let mut parts = self.game.parts();
        if !self.history.is_empty() || parts.device() != Device::Cpu || parts.is_in_mixed_precision() {
            return Ok(());
        }
        match env::switch("GAN_NB_PRODUCTS", "a long training measures which convolutions are faster as products") {
            Some(products) => parts.networks.iter_mut().for_each(|network| network.set_products(products)),
            None if plan.iterations >= WORTH_MEASURING => {
                choose_products(&parts.networks, i64::try_from(plan.batch_size).unwrap_or(i64::MAX))?;
            }
            None => {}
        }
        Ok(())
    }
}
