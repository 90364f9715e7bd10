//! The functions of `native/`: what the layers and optimizers need from libtorch and tch does not bind.
//!
//! All calls into C++ are in this room. What makes them sound: every pointer is that of a live tensor or of room for one,
//! and the C++ side lets no exception through.
#![allow(unsafe_code)] // Calls into C++.

mod convolution;
#[cfg(target_os = "linux")]
pub(crate) mod cuda;
mod flags;
mod optimizer;

pub(crate) use convolution::{Geometry, Part, convolution};
pub(crate) use flags::{
    Tf32, autocast, cuda_devices, full_precision, set_tf32, sixteen_bits, tf32, use_deterministic_algorithms,
    uses_deterministic_algorithms, without_tf32,
};
pub(crate) use optimizer::{Step, adam, unscale, update_scale};

#[cfg(test)]
pub(crate) use flags::TF32_IN_TESTS;

use crate::{Error, Result};
use std::ffi::{CStr, c_char};
use std::ptr;
use tch::{TchError, Tensor};
use torch_sys::C_tensor;

unsafe extern "C" {
    fn gan_nb_free(words: *mut c_char);
    fn gan_nb_leaky_relu(out: *mut *mut C_tensor, x: *const C_tensor, alpha: f64) -> *mut c_char;
    fn gan_nb_leaky_relu_in_place(x: *mut C_tensor, alpha: f64) -> *mut c_char;
    fn gan_nb_upload(to: *mut C_tensor, from: *const C_tensor) -> *mut c_char;
}

/// Starts and separates the parts of a refusal of our own (see `Refusal` in native.cpp).
const SEPARATOR: char = '\u{1f}';

/// The C++ side's answer: nothing on success, else its message.
fn outcome(words: *mut c_char) -> Result<()> {
    // SAFETY: the message is ours until it is freed, and is freed only here.
    unsafe { refusal(words, |words| gan_nb_free(words)) }
}

/// The same of a library that frees its own messages.
///
/// # Safety
/// `words` is null or a message of that library, ending in a zero byte and not freed yet.
unsafe fn refusal(words: *mut c_char, free: impl FnOnce(*mut c_char)) -> Result<()> {
    if words.is_null() {
        return Ok(());
    }
    // SAFETY: as promised.
    let text = unsafe { CStr::from_ptr(words) }.to_string_lossy().into_owned();
    free(words);
    let refusal: Vec<&str> = text.split(SEPARATOR).collect();
    if let ["", name, found, expected] = refusal[..] {
        return Err(Error::value(name, found, expected, "Make the optimizer from a model's trainable_weights()."));
    }
    Err(TchError::Torch(text).into())
}

/// x where x > 0, alpha·x elsewhere; recorded for gradients. (tch's own takes no slope.)
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

/// The same, written over `x` itself.
///
/// # Errors
/// When libtorch refuses.
pub(crate) fn leaky_relu_in_place(mut x: Tensor, alpha: f64) -> Result<Tensor> {
    // SAFETY: `x` lives through the call.
    outcome(unsafe { gan_nb_leaky_relu_in_place(x.as_mut_ptr(), alpha) })?;
    Ok(x)
}

/// Writes `from` over `to` without waiting: on a GPU the copy is done after what was asked of it before.
///
/// # Errors
/// When libtorch refuses.
pub(crate) fn upload(to: &Tensor, from: &Tensor) -> Result<()> {
    let mut to = to.shallow_clone();
    // SAFETY: both live through the call.
    outcome(unsafe { gan_nb_upload(to.as_mut_ptr(), from.as_ptr()) })
}

#[cfg(test)]
mod tests {
    use tch::Tensor;

    /// What C++ throws comes back as an error, from every function: an exception that crossed into Rust would abort.
    #[test]
    fn an_undefined_tensor_is_an_error() {
        let none = Tensor::new;
        let ones = || Tensor::ones([1], tch::kind::FLOAT_CPU);
        assert!(super::leaky_relu(&none(), 0.2).is_err());
        assert!(super::leaky_relu_in_place(none(), 0.2).is_err());
        assert!(super::unscale(&mut [&mut none()], &ones()).is_err());
        assert!(super::unscale(&mut [&mut ones()], &none()).is_err());
        assert!(super::update_scale(&none(), &none(), &none()).is_err());
        assert!(super::upload(&none(), &ones()).is_err());
        assert!(super::upload(&ones(), &none()).is_err());
        for i in 0..4 {
            let tensors: Vec<Tensor> = (0..4).map(|j| if i == j { none() } else { ones() }).collect();
            let [w, g, m, v] = [0, 1, 2, 3].map(|j| &tensors[j]);
            let error = super::adam(
                &[w],
                &[g],
                [&[m], &[v]],
                super::Step { rate: &ones(), beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, found_inf: None },
            )
            .unwrap_err();
            assert!(error.to_string().contains("is undefined, expected"), "{error}");
        }
    }

    #[test]
    fn every_function_of_native_cpp_is_guarded() {
        guarded_in(include_str!("../../../native/native.cpp"));
        guarded_in(include_str!("../../../native/convolution.cpp"));
    }

    fn guarded_in(source: &str) {
        let (_, functions) = source.split_once("extern \"C\" {").unwrap();
        let (functions, _) = functions.split_once("} // extern \"C\"").unwrap();
        let heads = functions.split("\n}\n").map(str::trim).filter(|function| !function.is_empty());
        let mut count = 0;
        for function in heads {
            let (head, body) = function.split_once(" noexcept {").unwrap_or_else(|| panic!("not noexcept: {function}"));
            let may_throw = !head.starts_with("void gan_nb_free(");
            assert!(!may_throw || head.starts_with("char *gan_nb_"), "returns no message: {head}");
            let body = body.trim().replacen("gan_nb::", "", 1);
            assert!(!may_throw || body.starts_with("return guarded("), "not guarded: {function}");
            count += 1;
        }
        assert!(count > 0);
        assert_eq!(count, functions.matches("gan_nb_").count());
    }
}
