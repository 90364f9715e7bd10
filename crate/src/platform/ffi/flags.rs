//! What is set for a thread or the whole process.

use super::outcome;
use crate::Result;
use std::ffi::c_char;
use tch::{Device, Kind};

unsafe extern "C" {
    fn gan_nb_autocast(before: *mut bool, cuda: bool, bfloat16: bool, on: bool) -> *mut c_char;
    fn gan_nb_allow_tf32(products: bool, convolutions: bool) -> *mut c_char;
    fn gan_nb_allows_tf32(products: *mut bool, convolutions: *mut bool) -> *mut c_char;
    fn gan_nb_cuda_devices(count: *mut usize) -> *mut c_char;
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

/// Where CUDA may round factors to 19 bits (TF32), which is several times as fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tf32 {
    /// In matrix products.
    pub products: bool,
    /// In convolutions, and whatever else cuDNN does.
    pub convolutions: bool,
}

impl Tf32 {
    const NEVER: Self = Self { products: false, convolutions: false };
    /// libtorch's own choice, before anyone else makes one.
    pub(crate) const UNTOUCHED: Self = Self { products: false, convolutions: true };
}

/// Sets it for the whole process.
///
/// # Errors
/// When libtorch refuses.
pub(crate) fn set_tf32(Tf32 { products, convolutions }: Tf32) -> Result<()> {
    // SAFETY: sets two flags of libtorch's.
    outcome(unsafe { gan_nb_allow_tf32(products, convolutions) })
}

/// What is set.
///
/// # Errors
/// When libtorch refuses, as it does where someone set its parts one by one.
pub(crate) fn tf32() -> Result<Tf32> {
    let Tf32 { mut products, mut convolutions } = Tf32::NEVER;
    // SAFETY: reads two flags; there is room for both.
    outcome(unsafe { gan_nb_allows_tf32(&mut products, &mut convolutions) })?;
    Ok(Tf32 { products, convolutions })
}

/// Runs `work` in full float32, and then restores what was set.
///
/// # Errors
/// When libtorch refuses, or `work` does.
pub(crate) fn without_tf32<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    struct Before(Tf32);
    impl Drop for Before {
        fn drop(&mut self) {
            let _ = set_tf32(self.0); // As in with_autocast.
        }
    }
    let before = tf32()?;
    if before == Tf32::NEVER {
        return work();
    }
    set_tf32(Tf32::NEVER)?;
    let _before = Before(before);
    work()
}

/// How many GPUs CUDA itself counts, whether libtorch uses them or not: 0 as long as its library is not loaded.
///
/// # Errors
/// When libtorch refuses.
pub(crate) fn cuda_devices() -> Result<usize> {
    let mut count = 0;
    // SAFETY: `count` has room for the answer.
    outcome(unsafe { gan_nb_cuda_devices(&mut count) })?;
    Ok(count)
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

/// Held by tests that set it.
#[cfg(test)]
pub(crate) static TF32_IN_TESTS: std::sync::Mutex<()> = std::sync::Mutex::new(());

#[cfg(test)]
mod tests {
    use super::{Tf32, set_tf32, tf32, without_tf32};
    use crate::Error;

    /// In one test, as the flags are the process's.
    #[test]
    fn tf32_is_what_was_set_but_for_work_that_wants_full_float32() {
        let _turn = super::TF32_IN_TESTS.lock().unwrap();
        assert_eq!(tf32().unwrap(), Tf32::UNTOUCHED);
        let [no, yes] = [false, true].map(|allow| Tf32 { products: allow, convolutions: allow });
        for set in [yes, no, Tf32::UNTOUCHED] {
            set_tf32(set).unwrap();
            assert_eq!(tf32().unwrap(), set);
            assert_eq!(without_tf32(tf32).unwrap(), no);
            assert_eq!(tf32().unwrap(), set, "restored");
            without_tf32(|| Err::<(), _>(Error::value("x", 1, "2", "Hm."))).unwrap_err();
            assert_eq!(tf32().unwrap(), set, "after an error");
            let panicked = std::panic::catch_unwind(|| without_tf32(|| -> crate::Result<()> { panic!("planted") }));
            assert!(panicked.is_err());
            assert_eq!(tf32().unwrap(), set, "after a panic");
        }
    }
}
