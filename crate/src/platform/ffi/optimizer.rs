//! The steps of an optimizer.

use super::outcome;
use crate::Result;
use std::ffi::c_char;
use std::ptr;
use tch::Tensor;
use torch_sys::C_tensor;

unsafe extern "C" {
    fn gan_nb_adam(
        weights: *const *const C_tensor,
        gradients: *const *const C_tensor,
        m: *const *const C_tensor,
        v: *const *const C_tensor,
        count: usize,
        rate: *const C_tensor,
        beta_1: f64,
        beta_2: f64,
        epsilon: f64,
        found_inf: *const C_tensor,
    ) -> *mut c_char;
    fn gan_nb_unscale(
        found_inf: *mut *mut C_tensor,
        gradients: *const *const C_tensor,
        count: usize,
        scale: *const C_tensor,
    ) -> *mut c_char;
    fn gan_nb_update_scale(
        scale: *mut C_tensor,
        growth_tracker: *mut C_tensor,
        found_inf: *const C_tensor,
    ) -> *mut c_char;
}

/// A step of [`adam`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<'a> {
    /// (1), float32, on the weights' device: the learning rate, in which the corrections of m and v are already included.
    pub rate: &'a Tensor,
    /// How much of m is kept.
    pub beta_1: f64,
    /// How much of v is kept.
    pub beta_2: f64,
    /// Added to √v.
    pub epsilon: f64,
    /// (1); where it is 1 the step is skipped.
    pub found_inf: Option<&'a Tensor>,
}

/// One step of PyTorch's fused Adam for all weights at once, w ← w − rate · m / (√v + epsilon): no temporary tensors, each value
/// read and written once.
///
/// # Shapes
/// The four lists correspond tensor by tensor.
///
/// # Errors
/// [`Error::Value`] when the tensors of a weight differ in size, kind, device or (the moments) order in memory, or when a
/// weight's elements overlap; nothing is changed then. [`Error::Torch`] when libtorch refuses.
pub(crate) fn adam(weights: &[&Tensor], gradients: &[&Tensor], [m, v]: [&[&Tensor]; 2], step: Step) -> Result<()> {
    let [weights, gradients, m, v] = [weights, gradients, m, v].map(pointers);
    let count = weights.len().min(gradients.len()).min(m.len()).min(v.len());
    if count == 0 {
        return Ok(());
    }
    // SAFETY: the tensors behind the pointers are borrowed for the call, and there are `count` in each list; the C++ side
    // checks that each one's memory is what the kernel takes it for.
    outcome(unsafe {
        gan_nb_adam(
            weights.as_ptr(),
            gradients.as_ptr(),
            m.as_ptr(),
            v.as_ptr(),
            count,
            step.rate.as_ptr(),
            step.beta_1,
            step.beta_2,
            step.epsilon,
            step.found_inf.map_or(ptr::null(), Tensor::as_ptr),
        )
    })
}

fn pointers(tensors: &[&Tensor]) -> Vec<*const C_tensor> {
    tensors.iter().map(|tensor| tensor.as_ptr()).collect()
}

/// Divides the gradients of a scaled loss by the scale, and says (1) whether any of them is not finite: 1 or 0, on the
/// device, so that nobody waits for it. A gradient that shares its memory is replaced by a copy first.
///
/// # Shapes
/// `scale`: (1) float32
///
/// # Errors
/// When libtorch refuses.
pub(crate) fn unscale(gradients: &mut [&mut Tensor], scale: &Tensor) -> Result<Tensor> {
    let gradients: Vec<*const C_tensor> = gradients.iter_mut().map(|tensor| tensor.as_mut_ptr().cast_const()).collect();
    let mut found_inf = ptr::null_mut();
    // SAFETY: the tensors live through the call, the gradients borrowed for it alone; `found_inf` is set to a new tensor of
    // ours when there is no error.
    outcome(unsafe { gan_nb_unscale(&mut found_inf, gradients.as_ptr(), gradients.len(), scale.as_ptr()) })?;
    // SAFETY: as above.
    Ok(unsafe { Tensor::from_ptr(found_inf) })
}

/// Halves the scale where `found_inf` is 1, and doubles it after 2,000 steps without.
///
/// # Shapes
/// `scale`, `found_inf`: (1) float32; `growth_tracker`: (1) int32, the steps since the scale last changed
///
/// # Errors
/// When libtorch refuses.
pub(crate) fn update_scale(scale: &Tensor, growth_tracker: &Tensor, found_inf: &Tensor) -> Result<()> {
    let (mut scale, mut growth_tracker) = (scale.shallow_clone(), growth_tracker.shallow_clone());
    // SAFETY: the tensors live through the call.
    outcome(unsafe { gan_nb_update_scale(scale.as_mut_ptr(), growth_tracker.as_mut_ptr(), found_inf.as_ptr()) })
}
