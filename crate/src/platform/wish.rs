//! Which device somebody asks for, by an argument or by `GAN_NB_DEVICE`.

use crate::{Error, Result};
use std::fmt;

/// A device by name, which need not be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// The first GPU that libtorch can use, else the CPU.
    Any,
    /// `cpu`
    Cpu,
    /// `cuda:N`; `cuda` alone is the first.
    Cuda(usize),
}

impl Wish {
    /// The environment variable.
    pub(super) const VARIABLE: &str = "GAN_NB_DEVICE";

    /// From `cpu`, `cuda` or `cuda:N`, which was given under this name.
    ///
    /// # Errors
    /// [`Error::Value`] for anything else.
    pub(super) fn read(name: &str, text: &str) -> Result<Self> {
        let lower = text.trim().to_ascii_lowercase();
        let wish = match lower.as_str() {
            "cpu" => Some(Self::Cpu),
            "cuda" => Some(Self::Cuda(0)),
            _ => {
                let number = lower.strip_prefix("cuda:").filter(|number| number.bytes().all(|b| b.is_ascii_digit()));
                number.and_then(|number| number.parse().ok()).map(Self::Cuda)
            }
        };
        wish.ok_or_else(|| Error::value(name, format!("{text:?}"), "cpu, cuda or cuda:N", "GPUs count from 0."))
    }

    /// What the variable says; [`Any`](Self::Any) where it is missing or empty.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(super) fn of_environment() -> Result<Self> {
        match std::env::var_os(Self::VARIABLE).filter(|value| !value.is_empty()) {
            None => Ok(Self::Any),
            Some(value) => Self::read(Self::VARIABLE, &value.to_string_lossy()),
        }
    }

    /// Whether this device is one of those.
    pub(super) fn is_met_by(self, device: tch::Device) -> bool {
        match (self, device) {
            (Self::Any, _) | (Self::Cpu, tch::Device::Cpu) => true,
            (Self::Cuda(wished), tch::Device::Cuda(index)) => wished == index,
            _ => false,
        }
    }

    /// The GPU's number where there are so many, none for the CPU.
    ///
    /// # Errors
    /// [`Error::Value`] when there is no such GPU.
    pub(super) fn index(self, name: &str, count: usize) -> Result<Option<usize>> {
        match self {
            Self::Cpu => Ok(None),
            Self::Any => Ok(Some(0)),
            Self::Cuda(index) if index < count => Ok(Some(index)),
            Self::Cuda(_) => {
                let gpus: Vec<String> = (0..count).map(|index| format!(" or cuda:{index}")).collect();
                Err(Error::value(name, self, format!("cpu{}", gpus.concat()), "GPUs count from 0."))
            }
        }
    }

    /// Where libtorch can use no GPU, for this reason.
    ///
    /// # Errors
    /// [`Error::Value`] when one is asked for.
    pub(super) fn refuse_without_gpu(self, name: &str, why: &str) -> Result<()> {
        match self {
            Self::Cuda(_) => Err(Error::value(name, self, "cpu, as no GPU can be used", format!("The reason: {why}."))),
            Self::Any | Self::Cpu => Ok(()),
        }
    }
}

impl fmt::Display for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(index) => write!(f, "cuda:{index}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Wish;
    use tch::Device;

    fn read(text: &str) -> Result<Wish, String> {
        Wish::read("--device", text).map_err(|error| error.to_string())
    }

    #[test]
    fn names_are_those_of_pytorch() {
        for (text, wish) in [
            ("cpu", Wish::Cpu),
            (" CPU ", Wish::Cpu),
            ("cuda", Wish::Cuda(0)),
            ("cuda:0", Wish::Cuda(0)),
            ("cuda:12", Wish::Cuda(12)),
        ] {
            assert_eq!(read(text), Ok(wish));
        }
        for text in ["", "gpu", "cpu:0", "cuda:", "cuda:x", "cuda:-1", "cuda:+1", "cuda:1:2", "mps"] {
            let words = format!("--device is {text:?}, expected cpu, cuda or cuda:N. GPUs count from 0.");
            assert_eq!(read(text), Err(words));
        }
    }

    #[test]
    fn a_device_that_is_not_there_is_refused_with_those_that_are() {
        let found = |wish: Wish, count| wish.index("--device", count).map_err(|error| error.to_string());
        assert_eq!(found(Wish::Any, 2), Ok(Some(0)));
        assert_eq!(found(Wish::Cpu, 2), Ok(None));
        assert_eq!(found(Wish::Cuda(1), 2), Ok(Some(1)));
        let words = "--device is cuda:2, expected cpu or cuda:0 or cuda:1. GPUs count from 0.";
        assert_eq!(found(Wish::Cuda(2), 2), Err(words.into()));
        let without = |wish: Wish| wish.refuse_without_gpu("--device", "no driver").map_err(|error| error.to_string());
        assert_eq!((without(Wish::Any), without(Wish::Cpu)), (Ok(()), Ok(())));
        let words = "--device is cuda:0, expected cpu, as no GPU can be used. The reason: no driver.";
        assert_eq!(without(Wish::Cuda(0)), Err(words.into()));
    }

    #[test]
    fn a_wish_is_met_by_its_device_alone() {
        let all = [Device::Cpu, Device::Cuda(0), Device::Cuda(1)];
        assert_eq!(all.map(|device| Wish::Any.is_met_by(device)), [true; 3]);
        assert_eq!(all.map(|device| Wish::Cpu.is_met_by(device)), [true, false, false]);
        assert_eq!(all.map(|device| Wish::Cuda(0).is_met_by(device)), [false, true, false]);
        assert_eq!(all.map(|device| Wish::Cuda(1).is_met_by(device)), [false, false, true]);
    }
}
