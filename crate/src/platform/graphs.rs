//! Work that a device has recorded, and repeats when it is told to.

use super::env::switch;
use crate::Result;
use std::fmt;
use tch::Device;

/// A device that can record.
pub(crate) trait Recorder: fmt::Debug + Send {
    /// Does `work` on the host, while the device only notes what it is asked for: no value changes.
    ///
    /// # Errors
    /// Those of `work`, and when it can't be recorded.
    fn record(&self, work: &mut dyn FnMut() -> Result<()>) -> Result<Box<dyn Recorded>>;
}

/// What it recorded.
pub(crate) trait Recorded: fmt::Debug + Send {
    /// Asks the device for all of it, and does not wait. (`work` is the same once more, for a stand-in that can't record.)
    ///
    /// # Errors
    /// When libtorch refuses.
    fn replay(&self, work: &mut dyn FnMut() -> Result<()>) -> Result<()>;
}

/// The recorder of this device: of a GPU its CUDA graphs, unless `GAN_NB_GRAPHS=0` is set. The CPU has none, and needs none.
pub(crate) fn recorder_of(device: Device) -> Option<Box<dyn Recorder>> {
    match device {
        #[cfg(target_os = "linux")]
        Device::Cuda(index) if switch("GAN_NB_GRAPHS", "iterations are recorded") != Some(false) => {
            Some(Box::new(cuda::Cuda(index)))
        }
        _ => None,
    }
}

#[cfg(target_os = "linux")]
mod cuda {
    use super::{Recorded, Recorder};
    use crate::Result;
    use crate::platform::ffi::cuda::CudaGraph;

    /// The GPU of this number.
    #[derive(Debug)]
    pub(super) struct Cuda(pub usize);

    impl Recorder for Cuda {
        fn record(&self, work: &mut dyn FnMut() -> Result<()>) -> Result<Box<dyn Recorded>> {
            Ok(Box::new(CudaGraph::record(self.0, work)?))
        }
    }

    impl Recorded for CudaGraph {
        fn replay(&self, _work: &mut dyn FnMut() -> Result<()>) -> Result<()> {
            CudaGraph::replay(self)
        }
    }
}
