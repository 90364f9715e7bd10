//! What is asked or set once per process: the device, memory, files, environment variables, the stop button, and the calls
//! into C++. Only this room contains `unsafe`.
//!
//! # Environment variables
//!
//! [`Device::best`](device::Device::best) reads these once. What can't be followed is ignored, and standard error says so.
//!
//! - `GAN_NB_DEVICE`: where models and batches live: `cpu`, or a GPU by its number, `cuda:1`; `cuda` is the first. Without it,
//!   the first GPU that libtorch can use, else the CPU. On the command line a device that is not there is an error, and
//!   `--device` goes before the variable. With `cpu`, libtorch's CUDA library is not loaded at all.
//! - `GAN_NB_TF32`: 1 lets CUDA round the factors of products and convolutions to 19 bits in training (TF32), which is faster
//!   where arithmetic is what takes the time. The default is 0, full float32, for two reasons: the lesson says that its numbers are
//!   Keras's, which under TF32 they are not; and at its batch sizes a GPU waits for its orders, not for its arithmetic.
//!   (libtorch's own default is TF32 in convolutions only.) [Metrics](crate::metrics) are in full float32 in any case.
//! - `GAN_NB_KEEP_MEMORY`: 1 or 0. 0 lets the C library return freed memory to the system, which slows training down by 6 %.
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
//! - on CUDA: with `GAN_NB_DETERMINISTIC=1` and the same `GAN_NB_TF32` on the same model of GPU. Without the first of them two
//!   runs drift apart after a while, because the order of some sums is left to chance.
//!
//! Random draws are made on the CPU, and are the same everywhere.

pub(crate) mod arithmetic;
pub(crate) mod array_file;
pub(crate) mod atomic_file;
mod cuda;
pub mod device;
pub(crate) mod env;
pub mod exit;
pub(crate) mod ffi;
pub mod home;
mod malloc;
pub(crate) mod memory;
pub mod stop_button;
mod wish;
