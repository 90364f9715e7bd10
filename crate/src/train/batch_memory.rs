//! Whether a batch fits into memory, asked before it is tried.
//!
//! Linux promises memory that it does not have, and when it is used up ends a process: a notebook's, with all its variables.
//! So what an iteration takes at the very least is held against what there is. Where the system does not say how much that
//! is, libtorch is left to find out. A GPU's memory is asked for too.

use crate::nn::Sequential;
use crate::platform::memory;
use crate::{Error, Result};
use tch::Device;

/// The bytes that an iteration takes at least: while one network learns through the others, the outputs of all their layers
/// are kept for the way back. (Measured with the lesson's networks, a batch of 256 takes a quarter more.)
pub fn of_iteration(networks: &[&mut Sequential], batch_size: usize) -> u64 {
    let image: u64 = networks.iter().map(|network| network.bytes_of_outputs()).sum();
    image.saturating_mul(batch_size as u64)
}

/// Refuses a batch that can't fit.
///
/// # Errors
/// [`Error::Memory`] when an iteration takes more than the system, or the networks' GPU, has.
pub fn check_batch(networks: &[&mut Sequential], batch_size: usize) -> Result<()> {
    let device = networks.first().map_or(Device::Cpu, |network| network.device());
    check_room(memory::available_on(device), of_iteration(networks, batch_size), batch_size)
}

fn check_room(room: Option<u64>, taken: u64, batch_size: usize) -> Result<()> {
    match room {
        Some(room) if taken > room => {
            let fits = (batch_size as f64 * room as f64 / taken as f64 / 2.0).max(1.0) as usize;
            let gb = |bytes: u64| format!("{:.1} GB", bytes as f64 / 1e9);
            Err(Error::Memory {
                what: format!("a batch of {batch_size}"),
                found: format!("an iteration takes {} or more, and there are {}", gb(taken), gb(room)),
                hint: format!("Take a smaller batch_size, say {fits}, or end other programs."),
            })
        }
        _ => Ok(()),
    }
}
