//! What is asked or set once per process: the device, memory, files, environment variables, the stop button, and the calls
//! into C++. Only this room contains `unsafe`.
//!
//! # Environment variables
//!
//! [`Device::best`](device::Device::best) reads these once, a training `GAN_NB_GRAPHS` when it is made and `GAN_NB_PRODUCTS` when a
//! run begins. What can't be followed is
//! ignored, and standard error says so.
//!
//! - `GAN_NB_DEVICE`: where models and batches live: `cpu`, or a GPU by its number, `cuda:1`; `cuda` is the first. Without it,
//!   the first GPU that libtorch can use, else the CPU. On the command line a device that is not there is an error, and
//!   `--device` goes before the variable. With `cpu`, libtorch's CUDA library is not loaded at all.
//! - `GAN_NB_TF32`: 1 lets CUDA round the factors of products and convolutions to 19 bits in training (TF32), which is faster
//!   where arithmetic is what takes the time. The default is 0, full float32, because the lesson says that its numbers are Keras's:
//!   with libtorch's own default, TF32 in convolutions only, 48 of the 106 that are compared were too far off on an H200.
//!   [Metrics](crate::metrics) are in full float32 in any case.
//! - `GAN_NB_KEEP_MEMORY`: 1 or 0. 0 lets the C library return freed memory to the system, which slows training down by 6 %.
//! - `GAN_NB_YIELD`: 0 leaves OpenMP's threads spinning while others need the cores (Linux, GNU's OpenMP). Beside one busy
//!   process on two cores a training then takes 3 times as long as on a quiet machine, in place of 2.1 times. It is left so
//!   as well where `GOMP_SPINCOUNT` or `OMP_WAIT_POLICY` is set, which OpenMP itself follows.
//! - `GAN_NB_DETERMINISTIC`: 1 makes runs on a GPU reproducible. libtorch then uses only algorithms that give the same result
//!   each time, cuDNN no longer times its algorithms to choose the fastest one, and `CUBLAS_WORKSPACE_CONFIG` becomes
//!   `:4096:8` unless it is set. It costs speed, how much depends on the GPU. An operation that has no such algorithm is an
//!   error; of the lesson's layers only the gradient of a bilinear
//!   [`UpSampling2D`](crate::nn::UpSampling2D::bilinear) on CUDA is one.
//! - `GAN_NB_PRODUCTS`: 0 computes all convolutions of new runs by libtorch's convolutions, 1 all as matrix products (on the CPU
//!   in float32). Without it, a new run of 200 iterations or more [measures](#convolutions-as-products) which is faster.
//! - `GAN_NB_GRAPHS`: 0 asks a GPU for each step of an iteration by itself.
//!
//! # Recorded iterations
//!
//! A GPU does an iteration of small networks sooner than the host can ask for its steps. So a [training](crate::train::Trainer)
//! on a GPU does three iterations step by step, records the next as a CUDA graph, and repeats it as a whole from then on. It
//! draws the same batches and noise, and a learning rate that is set or falls acts at once. A
//! [game](crate::train::Game) of your own is recorded too if
//!
//! - all it draws comes from its [streams](crate::train::Streams), as tensors
//!   ([`random::normal`](crate::random::normal), [`Stream::draw`](crate::random::Stream::draw)),
//! - it never waits for a number of the device (`double_value`, `if` on a tensor),
//! - what is not the same in each iteration is a counter among its parts, and
//!   [`kind_of_iteration`](crate::train::Game::kind_of_iteration) says what the counters decide,
//! - its optimizers are [`Adam`](crate::nn::Adam)s, or others that have
//!   [`recorded_settings`](crate::nn::Optimizer::recorded_settings).
//!
//! Otherwise its iterations are done step by step, and the run says so once.
//!
//! # Convolutions as products
//!
//! On some processors a product of large matrices takes less time than a convolution with as many multiplications. So a new
//! training in float32 on the CPU first times each convolution of its networks both ways, apart for the forward pass, the
//! input's gradient and the kernel's, and takes the product where it saves a tenth or more. The result is kept in
//! `convolutions.json` in the user's cache folder, by processor, number of threads, version of libtorch, sizes and batch size;
//! remove the file to measure anew. Losses differ in their last digits; a checkpoint says how its run computes, and a resumed run
//! goes on so, whatever the file and the variable say then.
//!
//! # What "bit for bit" means
//!
//! The same seed and settings give the same numbers, and so does a resumed run, with the same version of libtorch and
//!
//! - on a CPU: on the same kind of processor with the same number of threads, and with the same
//!   [products](#convolutions-as-products), which a resumed run has in any case and two runs of one user on one machine as a
//!   rule; `GAN_NB_PRODUCTS=0` makes sure of it. `GAN_NB_DETERMINISTIC` is not needed.
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
pub(crate) mod graphs;
pub mod home;
mod malloc;
pub(crate) mod memory;
pub(crate) mod processor;
pub(crate) mod setting;
pub mod stop_button;
pub(crate) mod tape;
#[cfg(target_os = "linux")]
mod threads;
mod wish;
