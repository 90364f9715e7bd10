//! The stand-in for cargo: a CARGO_HOME that mirrors the user's, except for `bin/cargo`, which is this program.

use super::metadata;
use anyhow::{Context, Result};
use std::{
    env,
    ffi::OsString,
    fs,
    io::{self, Write},
    os::unix::{fs::symlink, process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

/// Tells the stand-in where the real cargo is.
const REAL_CARGO: &str = "EVCXR_LIVE_CARGO";

/// Makes `folder` a CARGO_HOME in which everything links to the user's own, except `bin/`, where `cargo` is this
/// program. Returns the variables that put it to use; `root` is where Rust is installed.
///
/// Cargo records this path for every package it compiles: it must be the same for all kernels that share a template.
pub fn cargo_home(root: &Path, folder: &Path) -> Result<[(&'static str, OsString); 2]> {
    let real_cargo = find_cargo(root).context("no cargo beside rustc or on PATH")?;
    let own = env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")));
    let own = own.context("neither CARGO_HOME nor HOME is set")?;
    if own != folder {
        link_all(&own, folder).with_context(|| format!("can't set up {}", folder.display()))?;
    }
    Ok([("CARGO_HOME", folder.into()), (REAL_CARGO, real_cargo.into())])
}

/// The cargo beside rustc starts faster than rustup's proxy on PATH.
fn find_cargo(root: &Path) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = [root.join("bin")].into_iter().chain(env::split_paths(&path));
    folders.map(|folder| folder.join("cargo")).find(|candidate| candidate.is_file())
}

fn link_all(own: &Path, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder.join("bin"))?;
    // Cargo's downloads must go to the user's own folder, even the first one.
    fs::create_dir_all(own.join("registry"))?;
    fs::create_dir_all(own.join("git"))?;
    for entry in fs::read_dir(own)? {
        let entry = entry?;
        if entry.file_name() != "bin" {
            link(&entry.path(), &folder.join(entry.file_name()))?;
        }
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if fs::read_link(&path).is_ok_and(|target| target.parent() != Some(own) || !target.exists()) {
            let _ = fs::remove_file(path); // its target is gone; so is the link, if another kernel was quicker
        }
    }
    link(&env::current_exe()?, &folder.join("bin/cargo"))
}

/// Makes `link` point to `target`, atomically, because other kernels may be using it.
fn link(target: &Path, link: &Path) -> io::Result<()> {
    if fs::read_link(link).is_ok_and(|found| found == target) {
        return Ok(());
    }
    let new = link.with_added_extension(std::process::id().to_string());
    symlink(target, &new)?;
    fs::rename(new, link)
}

/// Acts as cargo if this program was called by that name; returns the exit code.
pub fn as_cargo() -> Option<ExitCode> {
    let mut arguments = env::args_os();
    if Path::new(&arguments.next()?).file_name()? != "cargo" {
        return None;
    }
    let arguments: Vec<OsString> = arguments.collect();
    Some(run(&arguments).unwrap_or_else(|error| {
        eprintln!("cargo, as evcxr_live: {error:#}");
        ExitCode::FAILURE
    }))
}

fn run(arguments: &[OsString]) -> Result<ExitCode> {
    let real = env::var_os(REAL_CARGO).with_context(|| format!("{REAL_CARGO} must hold the path of the real cargo"))?;
    let mut cargo = Command::new(&real);
    cargo.args(arguments);
    // evcxr names the same one. Cargo forgets what it has learned about a compiler as soon as a call names another.
    let rustc = Path::new(&real).with_file_name("rustc");
    if env::var_os("RUSTC").is_none() && rustc.is_file() {
        cargo.env("RUSTC", rustc);
    }
    let failed = || format!("can't run {}", Path::new(&real).display());
    let is = |wanted: &str| arguments.iter().any(|argument| argument == wanted);
    if is("build") && let Ok(source) = fs::read_to_string("src/lib.rs") && let Some(new) = crate::runtime::instrument(&source) {
        fs::write("src/lib.rs", new)?;
    }
    if arguments.first().is_none_or(|first| first != "metadata") || is("--no-deps") {
        return Err(cargo.exec()).with_context(failed);
    }
    let output = cargo.stdin(Stdio::inherit()).stderr(Stdio::inherit()).output().with_context(failed)?;
    let answer = metadata::reduce(&output.stdout).unwrap_or(output.stdout);
    io::stdout().write_all(&answer)?;
    // A process that a signal killed has no exit code.
    Ok(output.status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stand_in_follows_the_users_folder() {
        let temporary = tempfile::tempdir().unwrap();
        let (own, folder) = (temporary.path().join("own"), temporary.path().join("stand-in"));
        fs::create_dir_all(own.join("bin")).unwrap();
        fs::write(own.join("bin/cargo"), "the real one").unwrap();
        fs::write(own.join("config.toml"), "[net]").unwrap();

        link_all(&own, &folder).unwrap();
        assert_eq!(fs::read_link(folder.join("bin/cargo")).unwrap(), env::current_exe().unwrap());
        assert_eq!(fs::read_to_string(folder.join("config.toml")).unwrap(), "[net]");
        fs::write(folder.join("registry/downloaded"), "").unwrap();
        assert!(own.join("registry/downloaded").is_file());

        // Later: one entry is gone, and another replaces what cargo had put into the stand-in itself.
        fs::remove_file(own.join("config.toml")).unwrap();
        fs::write(own.join(".package-cache"), "own").unwrap();
        fs::write(folder.join(".package-cache"), "stand-in's").unwrap();
        link_all(&own, &folder).unwrap();
        assert!(folder.join("config.toml").symlink_metadata().is_err());
        assert_eq!(fs::read_to_string(folder.join(".package-cache")).unwrap(), "own");
    }
}
