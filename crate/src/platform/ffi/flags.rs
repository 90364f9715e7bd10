//! What is set for a thread or the whole process.

use super::outcome;
use crate::Result;
use std::ffi::c_char;

unsafe extern "C" {
    fn gan_nb_autocast(before: *mut bool, cuda: bool, on: bool) -> *mut c_char;
    fn gan_nb_allow_tf32(allow: bool) -> *mut c_char;
    #[cfg(test)]
    fn gan_nb_allows_tf32(allowed: *mut bool) -> *mut c_char;
    fn gan_nb_use_deterministic_algorithms() -> *mut c_char;
    fn gan_nb_uses_deterministic_algorithms(on: *mut bool) -> *mut c_char;
}

/// Runs `work` with libtorch choosing 16-bit arithmetic where that does no harm: float16 on CUDA, bfloat16 on the CPU.
///
/// # Errors
/// When libtorch refuses, or `work` does.
pub(crate) fn autocast<T>(device: tch::Device, work: impl FnOnce() -> Result<T>) -> Result<T> {
    with_autocast(device, true, work)
}

/// Runs `work` in the kinds of its tensors, also within [`autocast`].
///
/// # Errors
/// When libtorch refuses, or `work` does.
pub(crate) fn full_precision<T>(device: tch::Device, work: impl FnOnce() -> Result<T>) -> Result<T> {
    with_autocast(device, false, work)
}

fn with_autocast<T>(device: tch::Device, on: bool, work: impl FnOnce() -> Result<T>) -> Result<T> {
    struct Before(bool, bool);
    impl Drop for Before {
        fn drop(&mut self) {
            // What it was is restored; a refusal can't be told from here, and none is known.
            let _ = set_autocast(self.0, self.1);
        }
    }
    let cuda = device.is_cuda();
    // Restored also when `work` panics.
    let _before = Before(cuda, set_autocast(cuda, on)?);
    work()
}

/// Switches it on or off, and says what it was.
fn set_autocast(cuda: bool, on: bool) -> Result<bool> {
    let mut before = false;
    // SAFETY: sets a flag of this thread; `before` has room for the answer.
    outcome(unsafe { gan_nb_autocast(&mut before, cuda, on) })?;
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
