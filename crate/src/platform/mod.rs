//! What is asked or set once per process: the device, memory, files, environment variables, the stop button, and the calls
//! into C++. Only this room contains `unsafe`.
//!
//! # Environment variables
//!
//! [`Device::best`](device::Device::best) reads these once. Each is 1 or 0; anything else is ignored, and standard error says
//! so.
//!
//! - `GAN_NB_TF32`: whether CUDA may round the factors of products and convolutions to 19 bits, which is several times as
//!   fast. Without it libtorch decides: in convolutions only.
//! - `GAN_NB_KEEP_MEMORY`: 0 lets the C library return freed memory to the system, which slows training down by 6 %.
//! - `GAN_NB_YIELD`: 0 leaves OpenMP's threads spinning while others need the cores (Linux, GNU's OpenMP). Beside one busy
//!   process on two cores a training then takes 3 times as long as on a quiet machine, in place of 2.1 times. It is left so
//!   as well where `GOMP_SPINCOUNT` or `OMP_WAIT_POLICY` is set, which OpenMP itself follows.
//! - `GAN_NB_DETERMINISTIC`: 1 makes runs on a GPU reproducible. libtorch then uses only algorithms that give the same result
//!   each time, cuDNN no longer times its algorithms to choose the fastest one, and `CUBLAS_WORKSPACE_CONFIG` becomes
//!   `:4096:8` unless it is set. It costs speed, how much depends on the GPU. An operation that has no such algorithm is an
//!   error; of the lesson's layers only the gradient of a bilinear
//!   [`UpSampling2D`](crate::nn::UpSampling2D::bilinear) on CUDA is one.
//!
//! # What "bit for bit" means
//!
//! The same seed and settings give the same numbers, and so does a resumed run, with the same version of libtorch and
//!
//! - on a CPU: on the same kind of processor with the same number of threads. `GAN_NB_DETERMINISTIC` is not needed.
//! - on CUDA: with `GAN_NB_DETERMINISTIC=1` on the same model of GPU. Without it two runs drift apart after a while, because
//!   the order of some sums is left to chance.
//!
//! Random draws are made on the CPU, and are the same everywhere.

pub(crate) mod arithmetic;
pub(crate) mod array_file;
pub(crate) mod atomic_file;
pub mod device;
pub(crate) mod env;
pub mod exit;
pub(crate) mod ffi;
pub mod home;
mod malloc;
pub(crate) mod memory;
pub mod stop_button;
#[cfg(target_os = "linux")]
mod threads;
