//! Checks that libtorch has the version that tch needs, and lets this package's own programs find it.

use std::{env, fs, path::Path, process};

const WANTED: &str = "2.13.0";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
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
    compile_native(&lib);
    // Reaches the tests and the command line. A notebook's cells get LD_LIBRARY_PATH from the kernelspec instead.
    println!("cargo::rustc-link-arg=-Wl,-rpath,{}", lib.display());
}

/// Compiles native/native.cpp against the headers beside that libtorch, as torch-sys does with its own file.
fn compile_native(lib: &Path) {
    println!("cargo::rerun-if-changed=native");
    let include = lib.with_file_name("include");
    cc::Build::new()
        .cpp(true)
        .std("c++17")
        .warnings(false) // from libtorch's headers
        .include(&include)
        .include(include.join("torch/csrc/api/include"))
        .file("native/native.cpp")
        .compile("gan_nb_native");
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
