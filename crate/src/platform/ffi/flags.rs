//! What is set for a thread or the whole process.

use super::outcome;
use crate::Result;
use std::ffi::c_char;
use tch::{Device, Kind};

unsafe extern "C" {
    fn gan_nb_autocast(before: *mut bool, cuda: bool, bfloat16: bool, on: bool) -> *mut c_char;
    fn gan_nb_allow_tf32(allow: bool) -> *mut c_char;
    #[cfg(test)]
    fn gan_nb_allows_tf32(allowed: *mut bool) -> *mut c_char;
    fn gan_nb_use_deterministic_algorithms() -> *mut c_char;
    fn gan_nb_uses_deterministic_algorithms(on: *mut bool) -> *mut c_char;
}

/// The 16 bits that are fast on a device: bfloat16 on the CPU and on a GPU of Ampere or later, else float16, whose range is so
/// small that a loss has to be scaled.
pub(crate) fn sixteen_bits(device: Device) -> Kind {
    #[cfg(target_os = "linux")]
    if device.is_cuda() && !super::cuda::has_bfloat16(device) {
        return Kind::Half;
    }
    Kind::BFloat16
}

/// Runs `work` with libtorch choosing [16-bit](sixteen_bits) arithmetic where that does no harm.
///
/// # Errors
/// When libtorch refuses, or `work` does.
pub(crate) fn autocast<T>(device: Device, work: impl FnOnce() -> Result<T>) -> Result<T> {
    with_autocast(device, true, work)
}

/// Runs `work` in the kinds of its tensors, also within [`autocast`].
///
/// # Errors
/// When libtorch refuses, or `work` does.
pub(crate) fn full_precision<T>(device: Device, work: impl FnOnce() -> Result<T>) -> Result<T> {
    with_autocast(device, false, work)
}

fn with_autocast<T>(device: Device, on: bool, work: impl FnOnce() -> Result<T>) -> Result<T> {
    struct Before(Device, bool);
    impl Drop for Before {
        fn drop(&mut self) {
            // What it was is restored; a refusal can't be told from here, and none is known.
            let _ = set_autocast(self.0, self.1);
        }
    }
    // Restored also when `work` panics.
    let _before = Before(device, set_autocast(device, on)?);
    work()
}

/// Switches it on or off, and says what it was.
fn set_autocast(device: Device, on: bool) -> Result<bool> {
    let (mut before, bfloat16) = (false, sixteen_bits(device) == Kind::BFloat16);
    // SAFETY: sets a flag of this thread; `before` has room for the answer.
    outcome(unsafe { gan_nb_autocast(&mut before, device.is_cuda(), bfloat16, on) })?;
    Ok(before)
}

/// Whether CUDA may round the factors of products and convolutions to 19 bits (TF32), which is several times as fast.
///
/// # Errors
/// When libtorch refuses.
pub(crate) fn allow_tf32(allow: bool) -> Result<()> {
    // SAFETY: sets two flags of libtorch's.
    outcome(unsafe { gan_nb_allow_tf32(allow) })
}

/// From now on libtorch uses only kernels that give the same result each time, and refuses operations that have none;
/// cuDNN no longer times its algorithms.
///
/// # Errors
/// When libtorch refuses.
pub(crate) fn use_deterministic_algorithms() -> Result<()> {
    // SAFETY: sets flags of libtorch's.
    outcome(unsafe { gan_nb_use_deterministic_algorithms() })
}

/// Whether it does.
///
/// # Errors
/// When libtorch refuses.
pub(crate) fn uses_deterministic_algorithms() -> Result<bool> {
    let mut on = false;
    // SAFETY: reads flags of libtorch's; `on` has room for the answer.
    outcome(unsafe { gan_nb_uses_deterministic_algorithms(&mut on) })?;
    Ok(on)
}

#[cfg(test)]
mod tests {
    #[test]
    fn tf32_is_what_was_asked_for() {
        for allow in [true, false, true] {
            super::allow_tf32(allow).unwrap();
            let mut allowed = !allow;
            // SAFETY: reads two flags.
            super::outcome(unsafe { super::gan_nb_allows_tf32(&mut allowed) }).unwrap();
            assert_eq!(allowed, allow);
        }
    }
}
