//! Checks that libtorch has the version that tch needs, and lets this package's own programs find it.

use std::path::{Path, PathBuf};
use std::{env, fs, process};

const WANTED: &str = "2.13.0";

fn main() {
    let cuda = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("gan_nb_cuda.so");
    let empty = fs::write(&cuda, ""); // for a build without CUDA's headers, and for the documentation
    if let Err(error) = empty {
        println!("cargo::error={}: {error}", cuda.display());
        process::exit(1);
    }
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=GAN_NB_LIBTORCH={WANTED}");
    println!("cargo::rerun-if-env-changed=LIBTORCH");
    // torch-sys says where it found libtorch (its `links` key is "tch").
    let lib = env::var("DEP_TCH_LIBTORCH_LIB").unwrap_or_default();
    if lib.is_empty() {
        return; // documentation builds have none
    }
    let lib = fs::canonicalize(&lib).unwrap_or_else(|_| lib.clone().into());
    if let Err(message) = check_version(&lib) {
        println!("cargo::error={message}");
        process::exit(1);
    }
    println!("cargo::rerun-if-changed=native");
    compile_native(&lib);
    compile_cuda(&lib, &cuda);
    // Reaches the tests and the command line. A notebook's cells get LD_LIBRARY_PATH from the kernelspec instead.
    println!("cargo::rustc-link-arg=-Wl,-rpath,{}", lib.display());
}

/// Compiles what needs nothing of CUDA's.
fn compile_native(lib: &Path) {
    cpp(lib).files(["native/native.cpp", "native/convolution.cpp"]).compile("gan_nb_native");
}

/// With the headers beside that libtorch, as torch-sys does with its own file.
fn cpp(lib: &Path) -> cc::Build {
    let include = lib.with_file_name("include");
    let mut build = cc::Build::new();
    build.cpp(true).std("c++17").warnings(false); // from libtorch's headers
    build.include(&include).include(include.join("torch/csrc/api/include"));
    build
}

/// Compiles native/cuda.cpp to a library of its own, which is part of the program and is loaded where there is a GPU. Linked in,
/// it would need libtorch's CUDA part everywhere.
fn compile_cuda(lib: &Path, output: &Path) {
    println!("cargo::rerun-if-env-changed=CUDA_HOME");
    let Some(headers) = cuda_headers(lib) else { return };
    let compiler = cpp(lib).include(headers).get_compiler();
    let shared = output.with_extension("new");
    let mut command = compiler.to_command();
    let done = command.args(["-shared", "-fPIC", "-x", "c++", "native/cuda.cpp", "-o"]).arg(&shared).output();
    let trouble = match done {
        Ok(done) if done.status.success() => fs::rename(&shared, output).err().map(|error| error.to_string()),
        Ok(done) => Some(String::from_utf8_lossy(&done.stderr).lines().take(3).collect::<Vec<_>>().join(" ")),
        Err(error) => Some(error.to_string()),
    };
    if let Some(trouble) = trouble {
        println!(
            "cargo::warning=native/cuda.cpp could not be compiled, so iterations are not recorded on a GPU: {trouble}"
        );
    }
}

/// CUDA's headers: those of the packages beside libtorch's wheel, else those of an installed CUDA.
fn cuda_headers(lib: &Path) -> Option<PathBuf> {
    if !lib.with_file_name("include").join("ATen/cuda/CUDAGraph.h").exists() {
        return None;
    }
    let packages = lib.parent()?.parent()?.join("nvidia/cu13/include");
    let installed = env::var_os("CUDA_HOME").map_or("/usr/local/cuda".into(), PathBuf::from).join("include");
    let is_whole =
        |folder: &PathBuf| ["cuda_runtime_api.h", "crt/host_config.h"].iter().all(|name| folder.join(name).exists());
    [packages, installed].into_iter().find(is_whole)
}

/// The wheel has its version in version.py, the plain libtorch archive in build-version.
fn check_version(lib: &Path) -> Result<(), String> {
    let Some(root) = lib.parent() else { return Ok(()) };
    let found = fs::read_to_string(root.join("build-version")).or_else(|_| {
        fs::read_to_string(root.join("version.py")).map(|text| {
            let line = text.lines().find(|line| line.starts_with("__version__")).unwrap_or_default();
            line.split('\'').nth(1).unwrap_or_default().to_string()
        })
    });
    match found {
        Ok(found) if found.trim().split('+').next() != Some(WANTED) => Err(format!(
            "{} holds libtorch {}, expected {WANTED}; run ./scripts/setup, or point LIBTORCH at version {WANTED}",
            root.display(),
            found.trim()
        )),
        _ => Ok(()),
    }
}
