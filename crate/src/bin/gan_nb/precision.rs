//! `--precision`, of the commands that train.

use clap::ValueEnum;
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
    /// The GAN in this precision.
    pub fn of(self, gan: Gan) -> Gan {
        match self {
            Self::Float32 => gan,
            Self::Mixed => gan.mixed_precision(),
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
