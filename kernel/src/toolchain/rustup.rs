//! The stand-in for rustup, which evcxr asks where cargo and rustc are.

use super::kernel::{Kernel, find_program};
use anyhow::{Context, Result, bail};
use std::{
    env,
    ffi::OsString,
    io::{self, Write},
    os::unix::{ffi::OsStrExt, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

pub fn run(arguments: &[OsString]) -> Result<ExitCode> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    if let Some(path) = answer(arguments, home.as_deref(), Kernel::from_environment().ok().as_ref()) {
        let mut line = path.as_os_str().as_bytes().to_vec();
        line.push(b'\n');
        io::stdout().write_all(&line)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(rustup) = find_program("rustup") else {
        bail!("rustup is not installed, or not on PATH; to use other toolchains, install it from https://rustup.rs");
    };
    Err(Command::new(&rustup).args(arguments).exec()).with_context(|| format!("can't run {}", rustup.display()))
}

/// Where the tool is that `arguments` ask for: the stand-in for cargo, and the rustc beside the real one.
fn answer(arguments: &[OsString], home: Option<&Path>, kernel: Option<&Kernel>) -> Option<PathBuf> {
    let [which, tool] = arguments else { return None };
    let path = match (which.to_str()?, tool.to_str()?) {
        ("which", "cargo") => home?.join("bin/cargo"),
        ("which", "rustc") => kernel?.cargo.with_file_name("rustc"),
        _ => return None,
    };
    Some(path).filter(|path| path.is_file())
}
