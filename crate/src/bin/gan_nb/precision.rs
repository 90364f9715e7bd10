//! `--precision`, of the commands that train.

use anyhow::{Result, bail};
use clap::ValueEnum;
use gan_nb::Device;
use gan_nb::train::Gan;
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Precision {
    /// 32 bits throughout
    #[default]
    Float32,
    /// 16 bits where that does no harm: for GPUs with tensor cores, and CPUs with AVX512_BF16 or AMX
    Mixed,
}

impl Precision {
    /// The GAN in this precision. A CPU that has to imitate bfloat16 takes minutes for an iteration, so it is refused.
    pub fn of(self, gan: Gan) -> Result<Gan> {
        match self {
            Self::Float32 => Ok(gan),
            Self::Mixed if Device::best().has_fast_16_bits() => Ok(gan.mixed_precision()),
            Self::Mixed => bail!(
                "--precision is mixed, but {} has no 16-bit arithmetic of its own: an iteration would take minutes. Use \
                 float32.",
                Device::best()
            ),
        }
    }
}

/// As it is written on the command line.
impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", |value| value.get_name()))
    }
}
