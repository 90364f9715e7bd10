//! Picks the device: CUDA when there is one, else the CPU.
#![allow(unsafe_code)] // Loads a library and sets an environment variable.

use super::{env::switch, ffi, malloc::keep_freed_memory};
use crate::Result;
use std::{
    error::Error,
    fmt, fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};
use tch::Tensor;

/// The device that models and batches live on, and what there is to say of it.
#[derive(Debug, Clone)]
pub struct Device {
    /// The same for tch.
    pub tch: tch::Device,
    why: String,
}

impl Device {
    /// The first CUDA device when libtorch can use one, else the CPU. Decided once per process; the
    /// [environment variables](super) are read then too.
    pub fn best() -> &'static Self {
        static BEST: OnceLock<Device> = OnceLock::new();
        BEST.get_or_init(|| {
            // What is set for the whole process is set here, before the first model is made.
            keep_freed_memory();
            #[cfg(target_os = "linux")]
            super::threads::yield_to_others();
            let tf32 = switch("GAN_NB_TF32", "libtorch's own choice");
            let deterministic = switch("GAN_NB_DETERMINISTIC", "the fastest algorithms are used") == Some(true);
            if deterministic {
                set_cublas_workspace();
            }
            let loaded = load_cuda();
            let device = if loaded.is_ok() && tch::Cuda::is_available() {
                tch::Cuda::cudnn_set_benchmark(!deterministic);
                if let Some(choice) = tf32 {
                    told(ffi::allow_tf32(choice)); // else libtorch's own choice: convolutions only
                }
                Self { tch: tch::Device::Cuda(0), why: format!("{} CUDA device(s) found", tch::Cuda::device_count()) }
            } else {
                Self::cpu(trouble(loaded, has_driver() && !hides_gpus()))
            };
            if deterministic {
                told(ffi::use_deterministic_algorithms());
            }
            device
        })
    }

    /// Whether it multiplies 16-bit numbers faster than 32-bit ones: a GPU, or a CPU with AVX512_BF16, which all that have AMX
    /// have too.
    pub fn has_fast_16_bits(&self) -> bool {
        self.tch.is_cuda() || has_bfloat16()
    }

    fn cpu(trouble: Option<String>) -> Self {
        let bfloat16 = if has_bfloat16() { ", fast in bfloat16" } else { "" };
        let threads = format!("{} threads{bfloat16}", tch::get_num_threads());
        let why = trouble.map_or(threads.clone(), |trouble| format!("{threads}; {trouble}"));
        Self { tch: tch::Device::Cpu, why }
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

/// Why a GPU is not used although there is one. Without one the CPU is what there is to use, and nothing is wrong.
fn trouble(loaded: Result<(), String>, is_expected: bool) -> Option<String> {
    let why = loaded.err().unwrap_or("libtorch finds no GPU that it can use; the driver may be too old".into());
    is_expected.then(|| format!("there is an NVIDIA driver, but {why}"))
}

/// Whether an NVIDIA driver runs here: that of Linux, or that of Windows around it.
fn has_driver() -> bool {
    let signs = ["/proc/driver/nvidia/version", "/dev/nvidiactl", "/usr/lib/wsl/lib/libcuda.so.1"];
    signs.iter().any(|sign| Path::new(sign).exists())
}

/// Whether whoever started this process wants it to use no GPU.
fn hides_gpus() -> bool {
    std::env::var("CUDA_VISIBLE_DEVICES").is_ok_and(|devices| ["", "-1"].contains(&devices.trim()))
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.tch.is_cuda() { "CUDA" } else { "CPU" };
        write!(f, "{name} ({})", self.why)
    }
}

/// Sends a tensor from the CPU's memory without waiting for the device to finish its work. (CUDA has a copy of the numbers
/// when this returns: it stages memory that it can't reach by itself.)
pub(crate) fn send(x: &Tensor, device: tch::Device) -> Result<Tensor> {
    let (non_blocking, copy) = (true, false);
    Ok(x.f_to_device_(device, x.f_kind()?, non_blocking, copy)?)
}

/// Whether libtorch uses only algorithms that give the same result each time: see [`GAN_NB_DETERMINISTIC`](super).
pub fn is_deterministic() -> bool {
    ffi::uses_deterministic_algorithms().unwrap_or(false)
}

/// Asking for a device can't fail, so if libtorch refuses a setting, standard error says so.
fn told(set: Result<()>) {
    if let Err(error) = set {
        super::env::warn(&error);
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

/// The folder that libtorch was loaded from, as the process's own memory map says (Linux).
pub fn libtorch_folder() -> Option<PathBuf> {
    mapped("libtorch_cpu.so").and_then(|path| path.parent().map(PathBuf::from))
}

/// Where the library of this file name is mapped into the process (Linux).
pub fn mapped(file_name: &str) -> Option<PathBuf> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    let path = maps.lines().filter_map(|line| line.find('/').map(|at| PathBuf::from(&line[at..])));
    path.into_iter().find(|path| path.file_name().is_some_and(|name| name == file_name))
}

/// Loads libtorch_cuda.so, or says why it can't be loaded.
///
/// Nothing in Rust refers to that library, so the linker drops it (`--as-needed`) and libtorch would never find CUDA,
/// without any error. Loaded here, its static initialisers register the CUDA kernels. Link arguments would not help:
/// those of a dependency never reach the crates that evcxr makes of cells.
fn load_cuda() -> Result<(), String> {
    let Some(path) = libtorch_folder().map(|folder| folder.join("libtorch_cuda.so")) else {
        return Err("CUDA is only looked for on Linux".into());
    };
    if !path.exists() {
        return Err("this libtorch was built without CUDA".into());
    }
    if mapped("libtorch_cuda.so").is_some() {
        return Ok(());
    }
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
    // SAFETY: the initialisers of libtorch_cuda.so belong to the libtorch that this process already runs: the file lies
    // beside the libtorch_cpu.so that is mapped, so both come from one build.
    match unsafe { Library::open(Some(&path), RTLD_NOW | RTLD_GLOBAL) } {
        Ok(library) => {
            std::mem::forget(library); // its kernels are registered for as long as the process lives
            Ok(())
        }
        Err(error) => {
            // The loader's own message, which names the missing library, is one level down.
            let words = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            Err(format!("the CPU flavour of libtorch is installed: {words}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::trouble;

    #[test]
    fn trouble_is_told_only_where_a_gpu_is_to_be_had() {
        let missing = || Err("the CPU flavour of libtorch is installed: libcusparse.so.12: cannot open".to_string());
        assert_eq!(trouble(missing(), false), None);
        assert_eq!(trouble(Ok(()), false), None);
        let told = trouble(missing(), true).unwrap();
        assert_eq!(
            told,
            "there is an NVIDIA driver, but the CPU flavour of libtorch is installed: libcusparse.so.12: cannot open"
        );
        assert!(trouble(Ok(()), true).unwrap().contains("finds no GPU that it can use"));
    }
}
