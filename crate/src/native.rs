//! The functions of `native/native.cpp`: what the layers need of libtorch and tch does not bind.
//!
//! All `unsafe` of the layers is in this file. What makes it sound: every pointer is that of a live tensor or of room for
//! one, and the C++ side lets no exception through.

use crate::Result;
use std::ffi::{CStr, c_char};
use std::ptr;
use tch::{TchError, Tensor};
use torch_sys::C_tensor;

unsafe extern "C" {
    fn gan_nb_free(words: *mut c_char);
    fn gan_nb_leaky_relu(out: *mut *mut C_tensor, x: *const C_tensor, alpha: f64) -> *mut c_char;
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
    ) -> *mut c_char;
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

/// One step of PyTorch's fused Adam for all weights at once: no temporary tensors, each value read and written once.
/// `rate`, the betas and `epsilon` mean what they mean in PyTorch, epsilon added after the correction of v.
///
/// # Shapes
/// The four lists go together, tensor by tensor.
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
) -> Result<()> {
    let pointers = |tensors: &[Tensor]| tensors.iter().map(Tensor::as_ptr).collect::<Vec<_>>();
    let [weights, gradients, m, v] = [weights, gradients, m, v].map(pointers);
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
        )
    })
}
