//! What stands between evcxr and cargo.
//!
//! evcxr, and the rust-analyzer inside it, call `rustup` and `cargo`. In a kernel's environment both names lead to this
//! very program ([`home`]), which answers itself or calls the real ones ([`as_tool`]):
//!
//! - The program that evcxr compiles is assembled in a folder of its own ([`cell`], [`manifest`]), so that neither evcxr
//!   nor rust-analyzer notices anything.
//! - Versions stay as they were compiled ([`resolve`], [`lock`]), the network is asked only for what is missing, and a reader is told what
//!   to do when that fails ([`explain`]).
//! - What a kernel has compiled is warm for the next one ([`share`]).
//! - The stop button ends a compilation ([`compiling`]).
//! - rust-analyzer reads only what cells can name ([`metadata`]).

mod cargo;
mod cell;
mod compiling;
mod explain;
mod home;
mod kernel;
mod lock;
mod manifest;
mod metadata;
mod resolve;
mod rustup;
mod share;
#[cfg(test)]
mod testing;

pub use cargo::{dependencies, local_packages};
pub use cell::compiled_source;
pub use compiling::stop_compiling;
pub use home::{cargo_home, sources};
pub use kernel::{FOLDER, TEMPLATE, TMPDIR, cargo_of_environment, give_back};
pub use resolve::collect_pins;
pub use share::changes_with_what_is_compiled;

use std::{env, ffi::OsString, path::Path, process::ExitCode};

/// Acts as `cargo`, `rustup` or the process that shares with the template, if this program was called by such a name;
/// returns the exit code.
pub fn as_tool() -> Option<ExitCode> {
    let mut arguments = env::args_os();
    let name = Path::new(&arguments.next()?).file_name()?.to_owned();
    let arguments: Vec<OsString> = arguments.collect();
    let result = match name.to_str()? {
        "cargo" => cargo::run(&arguments),
        "rustup" => rustup::run(&arguments),
        share::NAME => share::run(&arguments),
        _ => return None,
    };
    Some(result.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    }))
}
