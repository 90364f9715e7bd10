//! Lets the targets find libtorch: the link arguments of the library's own build script do not reach other packages.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=LIBTORCH");
    let lib = Path::new(&env::var_os("LIBTORCH").unwrap_or_default()).join("lib");
    println!("cargo::rustc-link-arg-bins=-Wl,-rpath,{}", fs::canonicalize(&lib).unwrap_or(lib).display());
}
