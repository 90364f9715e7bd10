//! libtorch's library for CUDA: how it gets into the process, and why there may be no GPU to use all the same.
#![allow(unsafe_code)] // Loads a library.

use super::ffi;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

/// How many GPUs libtorch can use, 1 or more, or why it can use none.
///
/// libtorch looks for its CUDA library once, at the first gradient, convolution or question about devices: this must come before
/// all of them.
pub(super) fn devices() -> Result<usize, Missing> {
    if hides_gpus() {
        return Err(Missing { why: "CUDA_VISIBLE_DEVICES hides all GPUs".into(), is_expected: false });
    }
    let loaded = load();
    let usable = if loaded.is_ok() && tch::Cuda::is_available() { tch::Cuda::device_count() } else { 0 };
    match usize::try_from(usable) {
        Ok(count @ 1..) => Ok(count),
        _ => Err(missing(loaded, ffi::cuda_devices().unwrap_or(0), has_driver())),
    }
}

/// Why no GPU can be used.
#[derive(Debug, PartialEq)]
pub(super) struct Missing {
    /// As the end of a sentence.
    pub why: String,
    /// Whether there is one. Without one the CPU is what there is to use, and nothing is wrong.
    pub is_expected: bool,
}

/// `there`: the GPUs that CUDA itself counts, as far as its library is loaded.
fn missing(loaded: Result<(), String>, there: usize, has_driver: bool) -> Missing {
    let why = match loaded {
        _ if !has_driver && there == 0 => "there is no NVIDIA driver here".into(),
        Err(why) => why,
        Ok(()) if there > 0 => {
            "libtorch looked for GPUs, which it does once, before gan_nb could load its CUDA library: call \
                                Device::best() before anything else of gan_nb or tch, in a restarted kernel"
                .into()
        }
        Ok(()) => "libtorch finds no GPU that it can use; the driver may be too old".into(),
    };
    Missing { why, is_expected: has_driver || there > 0 }
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

/// The folder that libtorch was loaded from, as the process's own memory map says (Linux).
pub fn libtorch_folder() -> Option<PathBuf> {
    mapped("libtorch_cpu.so").and_then(|path| path.parent().map(PathBuf::from))
}

/// Where the library of this file name is mapped into the process (Linux).
pub fn mapped(file_name: &str) -> Option<PathBuf> {
    mapped_by(|name| name == file_name)
}

/// The same of the first library with such a file name.
pub(super) fn mapped_by(is_it: impl Fn(&str) -> bool) -> Option<PathBuf> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    let mut paths = maps.lines().filter_map(|line| line.find('/').map(|at| PathBuf::from(&line[at..])));
    paths.find(|path| path.file_name().is_some_and(|name| is_it(&name.to_string_lossy())))
}

/// Loads libtorch_cuda.so, or says why it can't be loaded.
///
/// Nothing in Rust refers to that library, so the linker drops it (`--as-needed`) and libtorch would never find CUDA,
/// without any error. Loaded here, its static initialisers register the CUDA kernels. Link arguments would not help:
/// those of a dependency never reach the crates that evcxr makes of cells.
fn load() -> Result<(), String> {
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
            Err(format!(
                "the CPU flavour of libtorch is installed (./scripts/setup --cuda installs the other): {words}"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Missing, missing};

    #[test]
    fn a_gpu_that_can_t_be_used_is_expected_only_where_there_is_one() {
        let told = |loaded: Result<(), &str>, there, has_driver| {
            let Missing { why, is_expected } = missing(loaded.map_err(String::from), there, has_driver);
            (why, is_expected)
        };
        let flavour = "the CPU flavour of libtorch is installed: libcusparse.so.12: cannot open";
        for loaded in [Err(flavour), Ok(())] {
            assert_eq!(told(loaded, 0, false), ("there is no NVIDIA driver here".into(), false));
        }
        assert_eq!(told(Err(flavour), 0, true), (flavour.to_string(), true));
        let (why, is_expected) = told(Ok(()), 0, true);
        assert!(why.contains("the driver may be too old") && is_expected, "{why}");
    }

    #[test]
    fn gpus_that_libtorch_looked_for_too_early_are_not_called_missing() {
        let Missing { why, is_expected } = missing(Ok(()), 2, true);
        assert!(why.contains("before gan_nb could load") && why.contains("Device::best()") && is_expected, "{why}");
    }
}
