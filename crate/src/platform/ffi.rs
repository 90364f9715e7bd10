//! The functions of `native/native.cpp`: what the layers need of libtorch and tch does not bind.
//!
//! All `unsafe` of the layers is in this file. What makes it sound: every pointer is that of a live tensor or of room for
//! one, and the C++ side lets no exception through.
#![allow(unsafe_code)] // Calls into C++.

use crate::Result;
use std::ffi::{CStr, c_char};
use std::ptr;
use tch::{TchError, Tensor};
use torch_sys::C_tensor;

unsafe extern "C" {
    fn gan_nb_free(words: *mut c_char);
    fn gan_nb_leaky_relu(out: *mut *mut C_tensor, x: *const C_tensor, alpha: f64) -> *mut c_char;
    fn gan_nb_leaky_relu_in_place(x: *mut C_tensor, alpha: f64) -> *mut c_char;
    fn gan_nb_share_memory(a: *const C_tensor, b: *const C_tensor) -> bool;
    fn gan_nb_adam(
        weights: *const *const C_tensor,
        gradients: *const *const C_tensor,
        m: *const *const C_tensor,
        v: *const *const C_tensor,
        count: usize,
        step: f64,
        rate: f64,
        beta_1: f64,
        beta_2: f64,
        epsilon: f64,
        found_inf: *const C_tensor,
    ) -> *mut c_char;
    fn gan_nb_unscale(
        found_inf: *mut *mut C_tensor,
        gradients: *const *const C_tensor,
        count: usize,
        scale: *mut C_tensor,
        growth_tracker: *mut C_tensor,
    ) -> *mut c_char;
    fn gan_nb_autocast(cuda: bool, on: bool) -> bool;
    fn gan_nb_allow_tf32(allow: bool);
    #[cfg(test)]
    fn gan_nb_allows_tf32() -> bool;
}

/// What the C++ side answered: nothing when all went well, else its words.
fn outcome(words: *mut c_char) -> Result<()> {
    if words.is_null() {
        return Ok(());
    }
    // SAFETY: the words end in a zero byte, are ours until they are freed, and are freed here alone.
    let text = unsafe {
        let text = CStr::from_ptr(words).to_string_lossy().into_owned();
        gan_nb_free(words);
        text
    };
    Err(TchError::Torch(text).into())
}

/// x where x > 0, alpha·x elsewhere; recorded for gradients. (tch's own has no slope.)
///
/// # Errors
/// When libtorch refuses.
pub(crate) fn leaky_relu(x: &Tensor, alpha: f64) -> Result<Tensor> {
    let mut out = ptr::null_mut();
    // SAFETY: `x` lives through the call; `out` is set to a new tensor of ours when there is no error.
    outcome(unsafe { gan_nb_leaky_relu(&mut out, x.as_ptr(), alpha) })?;
    // SAFETY: as above.
    Ok(unsafe { Tensor::from_ptr(out) })
}

/// The same over `x` itself.
///
/// # Errors
/// When libtorch refuses.
pub(crate) fn leaky_relu_in_place(mut x: Tensor, alpha: f64) -> Result<Tensor> {
    // SAFETY: `x` lives through the call.
    outcome(unsafe { gan_nb_leaky_relu_in_place(x.as_mut_ptr(), alpha) })?;
    Ok(x)
}

/// Whether writing to one tensor may change the other.
pub(crate) fn share_memory(a: &Tensor, b: &Tensor) -> bool {
    // SAFETY: both live through the call, which only looks at where their numbers are.
    unsafe { gan_nb_share_memory(a.as_ptr(), b.as_ptr()) }
}

/// One step of PyTorch's fused Adam for all weights at once: no temporary tensors, each value read and written once.
/// `rate`, the betas and `epsilon` mean what they mean in PyTorch, epsilon added after the correction of v.
///
/// # Shapes
/// The four lists go together, tensor by tensor; `found_inf`: (1), and where it is 1 nothing is changed.
///
/// # Errors
/// When libtorch refuses.
#[allow(clippy::too_many_arguments)] // the algorithm's own
pub(crate) fn adam(
    weights: &[Tensor],
    gradients: &[Tensor],
    m: &[Tensor],
    v: &[Tensor],
    step: f64,
    rate: f64,
    [beta_1, beta_2]: [f64; 2],
    epsilon: f64,
    found_inf: Option<&Tensor>,
) -> Result<()> {
    let [weights, gradients, m, v] = [weights, gradients, m, v].map(pointers);
    let found_inf = found_inf.map_or(ptr::null(), Tensor::as_ptr);
    let count = weights.len().min(gradients.len()).min(m.len()).min(v.len());
    // SAFETY: the tensors behind the pointers are borrowed for the call, and there are `count` in each list.
    outcome(unsafe {
        gan_nb_adam(
            weights.as_ptr(),
            gradients.as_ptr(),
            m.as_ptr(),
            v.as_ptr(),
            count,
            step,
            rate,
            beta_1,
            beta_2,
            epsilon,
            found_inf,
        )
    })
}

fn pointers(tensors: &[Tensor]) -> Vec<*const C_tensor> {
    tensors.iter().map(Tensor::as_ptr).collect()
}

/// Divides gradients of a scaled loss by the scale, and says (1) whether one of them is not finite: 1 or 0, on the device,
/// where nobody waits for it. The scale is then halved; after 2,000 steps without that it doubles.
///
/// # Shapes
/// `scale`: (1) float; `growth_tracker`: (1) int32, the steps since
///
/// # Errors
/// When libtorch refuses.
pub(crate) fn unscale(gradients: &[Tensor], scale: &mut Tensor, growth_tracker: &mut Tensor) -> Result<Tensor> {
    let gradients = pointers(gradients);
    let mut found_inf = ptr::null_mut();
    let (scale, growth_tracker) = (scale.as_mut_ptr(), growth_tracker.as_mut_ptr());
    // SAFETY: the tensors live through the call; `found_inf` is set to a new tensor of ours when there is no error.
    outcome(unsafe { gan_nb_unscale(&mut found_inf, gradients.as_ptr(), gradients.len(), scale, growth_tracker) })?;
    // SAFETY: as above.
    Ok(unsafe { Tensor::from_ptr(found_inf) })
}

/// Runs `work` with libtorch choosing 16-bit arithmetic where that does no harm: float16 on CUDA, bfloat16 on the CPU.
pub(crate) fn autocast<T>(device: tch::Device, work: impl FnOnce() -> T) -> T {
    struct Before(bool, bool);
    impl Drop for Before {
        fn drop(&mut self) {
            // SAFETY: sets a flag of this thread's.
            unsafe { gan_nb_autocast(self.0, self.1) };
        }
    }
    let cuda = device.is_cuda();
    // SAFETY: as above; the flag is set back also when `work` panics.
    let _before = Before(cuda, unsafe { gan_nb_autocast(cuda, true) });
    work()
}

/// Whether CUDA may round the factors of products and convolutions to 19 bits (TF32), which is several times as fast.
pub(crate) fn allow_tf32(allow: bool) {
    // SAFETY: sets two flags of libtorch's.
    unsafe { gan_nb_allow_tf32(allow) };
}

#[cfg(test)]
mod tests {
    #[test]
    fn tf32_is_what_was_asked_for() {
        for allow in [true, false, true] {
            super::allow_tf32(allow);
            // SAFETY: reads two flags.
            assert_eq!(unsafe { super::gan_nb_allows_tf32() }, allow);
        }
    }
}
