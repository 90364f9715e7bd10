//! The stand-in for rustup, which evcxr asks where cargo and rustc are.

use super::kernel::{Kernel, find_program};
use anyhow::{Context, Result, bail};
use std::{
    env,
    ffi::OsString,
    io::{self, Write},
    os::unix::{ffi::OsStrExt, process::CommandExt},
    path::PathBuf,
    process::{Command, ExitCode},
};

pub fn run(arguments: &[OsString]) -> Result<ExitCode> {
    if let Some(path) = answer(arguments)? {
        let mut line = path.as_os_str().as_bytes().to_vec();
        line.push(b'\n');
        io::stdout().write_all(&line)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(rustup) = find_program("rustup") else {
        bail!("rustup is not installed, or not on PATH; install it from https://rustup.rs to use other toolchains");
    };
    Err(Command::new(&rustup).args(arguments).exec()).with_context(|| format!("can't run {}", rustup.display()))
}

/// Where the tool is that `arguments` ask for: the stand-in for cargo, and the rustc beside the real one.
fn answer(arguments: &[OsString]) -> Result<Option<PathBuf>> {
    let [which, tool] = arguments else { return Ok(None) };
    if which != "which" {
        return Ok(None);
    }
    if tool == "cargo" {
        let home = env::var_os("CARGO_HOME").map(PathBuf::from);
        return Ok(home.map(|home| home.join("bin/cargo")).filter(|cargo| cargo.is_file()));
    }
    let rustc = Kernel::from_environment()?.cargo.with_file_name("rustc");
    Ok(Some(rustc).filter(|rustc| tool == "rustc" && rustc.is_file()))
}
