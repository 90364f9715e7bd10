//! Picks the device: what was asked for, else CUDA where there is one, else the CPU.
#![allow(unsafe_code)] // Sets an environment variable.

use super::cuda::{self, Missing};
use super::env::{self, switch, warn};
use super::wish::Wish;
use super::{ffi, malloc::keep_freed_memory};
use crate::{Error, Result};
use std::fmt;
use std::sync::{Once, OnceLock};

pub use super::cuda::{libtorch_folder, mapped};

/// The device that models and batches live on, and what there is to say of it.
#[derive(Debug, Clone)]
pub struct Device {
    /// The same for tch.
    pub tch: tch::Device,
    why: String,
}

/// Decided once per process.
static CHOSEN: OnceLock<Device> = OnceLock::new();

impl Device {
    /// The device that `GAN_NB_DEVICE` names, else the first GPU that libtorch can use, else the CPU. Decided once per process;
    /// the [environment variables](super) are read then too. If there is no such device as the variable names, standard error
    /// says so, and it is ignored.
    pub fn best() -> &'static Self {
        static PROCESS: Once = Once::new();
        PROCESS.call_once(|| {
            // Set before the first model is made.
            keep_freed_memory();
            #[cfg(target_os = "linux")]
            super::threads::yield_to_others();
        });
        chosen()
    }

    /// The device of this name, `cpu`, `cuda` or `cuda:1`, for all models of this process that are made without naming one.
    /// Without a name, what [`best`](Self::best) gives, but with an error where that only warns.
    ///
    /// Call it before anything else of gan_nb or tch. It is for programs: in a notebook, each of whose cells is a library of its own,
    /// set the variable.
    ///
    /// # Errors
    /// [`Error::Value`] when there is no such device, or when the process uses another one already.
    ///
    /// ```standalone_crate
    /// use gan_nb::Device;
    /// assert_eq!(Device::choose(Some("cpu"))?.tch, gan_nb::tch::Device::Cpu);
    /// assert_eq!(Device::best().tch, gan_nb::tch::Device::Cpu);
    /// # Ok::<(), gan_nb::Error>(())
    /// ```
    pub fn choose(name: Option<&str>) -> Result<&'static Self> {
        let wish = match name {
            Some(name) => Wish::read("the device", name)?,
            None => Wish::of_environment()?,
        };
        let found = match CHOSEN.get() {
            Some(found) => found,
            None => {
                let opened = open(wish, name.map_or(Wish::VARIABLE, |_| "the device"))?;
                CHOSEN.get_or_init(|| opened)
            }
        };
        if wish.is_met_by(found.tch) {
            return Ok(found);
        }
        let hint = "A process has one device: choose it before anything else, or make models with Sequential::new_on.";
        Err(Error::value("the device", wish, format!("{}, which this process uses already", found.name()), hint))
    }

    /// Whether it multiplies 16-bit numbers faster than 32-bit ones: a GPU, or a CPU with AVX512_BF16, which all that have AMX
    /// have too.
    pub fn has_fast_16_bits(&self) -> bool {
        self.tch.is_cuda() || has_bfloat16()
    }

    /// As `GAN_NB_DEVICE` names it: `cpu` or `cuda:0`.
    pub fn name(&self) -> String {
        name_of(self.tch)
    }

    fn cpu(missing: Option<Missing>) -> Self {
        let bfloat16 = if has_bfloat16() { ", fast in bfloat16" } else { "" };
        let threads = format!("{} threads{bfloat16}", tch::get_num_threads());
        let why = match missing.filter(|missing| missing.is_expected) {
            Some(Missing { why, .. }) => format!("{threads}; there is an NVIDIA driver, but {why}"),
            None => threads,
        };
        Self { tch: tch::Device::Cpu, why }
    }
}

/// Makes sure that libtorch finds its CUDA library when it first looks for it. Whatever of this library may come first in a program
/// and lead to that look, a convolution or a gradient, calls this; from the second time on it costs nothing.
pub(crate) fn make_ready() {
    chosen();
}

fn chosen() -> &'static Device {
    CHOSEN.get_or_init(|| {
        let wish = Wish::of_environment().and_then(|wish| open(wish, Wish::VARIABLE));
        wish.unwrap_or_else(|refusal| {
            warn(&format_args!("{refusal} It is ignored."));
            // No wish can't be refused; and if it were, the CPU is always there.
            open(Wish::Any, Wish::VARIABLE).unwrap_or_else(|_| Device::cpu(None))
        })
    })
}

/// The device of a wish that was expressed under this name. Where there is none, nothing is set.
fn open(wish: Wish, name: &str) -> Result<Device> {
    let deterministic = env::is_on("GAN_NB_DETERMINISTIC");
    if deterministic {
        set_cublas_workspace();
    }
    // On the CPU alone, libtorch's CUDA library would cost a second and some hundred megabytes for nothing.
    let found = if wish == Wish::Cpu { None } else { Some(cuda::devices()) };
    let index = match &found {
        Some(Ok(count)) => wish.index(name, *count)?,
        Some(Err(missing)) => wish.refuse_without_gpu(name, &missing.why).map(|()| None)?,
        None => None,
    };
    let device = match (index, found) {
        (Some(index), Some(Ok(count))) => {
            let why = format!("cuda:{index}, {count} CUDA device(s) found");
            Device { tch: tch::Device::Cuda(index), why }
        }
        (_, found) => Device::cpu(found.and_then(std::result::Result::err)),
    };
    set_arithmetic(&device);
    Ok(device)
}

/// What holds for all of a process's work on this device.
fn set_arithmetic(device: &Device) {
    let tf32 = switch("GAN_NB_TF32", "CUDA computes in full float32").unwrap_or(false);
    let deterministic = switch("GAN_NB_DETERMINISTIC", "the fastest algorithms are used").unwrap_or(false);
    if device.tch.is_cuda() {
        tch::Cuda::cudnn_set_benchmark(!deterministic);
        // A notebook's cells are libraries of their own, each of which comes here. What an earlier one chose stays.
        if ffi::tf32().is_ok_and(|set| set == ffi::Tf32::UNTOUCHED) {
            told(allow_tf32(tf32));
        }
    }
    if deterministic {
        told(ffi::use_deterministic_algorithms());
    }
}

fn name_of(device: tch::Device) -> String {
    match device {
        tch::Device::Cuda(index) => format!("cuda:{index}"),
        _ => "cpu".into(),
    }
}

#[cfg(target_arch = "x86_64")]
fn has_bfloat16() -> bool {
    std::arch::is_x86_feature_detected!("avx512bf16")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_bfloat16() -> bool {
    false
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.tch.is_cuda() { "CUDA" } else { "CPU" };
        write!(f, "{name} ({})", self.why)
    }
}

/// Whether libtorch uses only algorithms that give the same result each time: see [`GAN_NB_DETERMINISTIC`](super).
pub fn is_deterministic() -> bool {
    ffi::uses_deterministic_algorithms().unwrap_or(false)
}

/// From now on CUDA may, or may not, compute products and convolutions in TF32: what [`GAN_NB_TF32`](super) says at the start.
///
/// # Errors
/// When libtorch refuses.
pub fn allow_tf32(allow: bool) -> Result<()> {
    ffi::set_tf32(ffi::Tf32 { products: allow, convolutions: allow })
}

/// Runs `work` with every product and convolution in full float32, whatever [`GAN_NB_TF32`](super) says: metrics are computed so,
/// and so is what is compared with Keras. It holds for the whole process while `work` runs.
///
/// # Errors
/// When libtorch refuses, or `work` does.
pub fn full_float32<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    make_ready();
    ffi::without_tf32(work)
}

/// Asking for a device can't fail, so if libtorch refuses a setting, standard error says so.
fn told(set: Result<()>) {
    if let Err(error) = set {
        warn(&error);
    }
}

/// cuBLAS gives the same result each time only with a workspace of this kind, and reads the variable once, when it starts.
/// A choice made outside is kept.
fn set_cublas_workspace() {
    const NAME: &str = "CUBLAS_WORKSPACE_CONFIG";
    if std::env::var_os(NAME).is_none() {
        // SAFETY: Rust's own readers of the environment wait for this. The readers in C++ of this variable, libtorch_cuda and
        // cuBLAS, are not loaded yet.
        unsafe { std::env::set_var(NAME, ":4096:8") };
    }
}
