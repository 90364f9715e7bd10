//! `--device` and `--tf32`: where the commands compute, and how.

use anyhow::{Result, ensure};
use gan_nb::Device;
use gan_nb::platform::device::allow_tf32;

/// Of every command that computes.
#[derive(Debug, Clone, clap::Args)]
pub struct Place {
    /// Where to compute: cpu, cuda, or a GPU by its number, cuda:1 [default: GAN_NB_DEVICE, else the first GPU that libtorch can
    /// use, else the CPU]
    #[arg(long, value_name = "DEVICE")]
    pub device: Option<String>,
}

/// Of those that train.
#[derive(Debug, Clone, clap::Args)]
pub struct Tf32 {
    /// On a GPU: round the factors of products and convolutions to 19 bits (TF32), which is faster; the numbers are no longer
    /// Keras's [default: GAN_NB_TF32, else full float32]
    #[arg(long)]
    pub tf32: bool,
}

impl Place {
    /// The device for the whole command. Comes before anything that may use libtorch.
    pub fn choose(&self) -> Result<&'static Device> {
        Ok(Device::choose(self.device.as_deref())?)
    }
}

impl Tf32 {
    /// Allows it where it was asked for.
    pub fn apply(&self, device: &Device) -> Result<()> {
        if self.tf32 {
            ensure!(device.tch.is_cuda(), "--tf32 is given, but the device is {device}, expected CUDA. Leave it out.");
            allow_tf32(true)?;
        }
        Ok(())
    }
}
