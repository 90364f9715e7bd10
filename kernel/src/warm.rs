//! A warm start: the kernel's own copy of the compiled dependencies, and the environment that evcxr_jupyter gets.
//!
//! A kernel in an empty folder would compile for minutes, and two kernels can't share one folder. So a project compiles
//! its dependencies once, into a *template*, and each kernel starts in a hard-linked copy of it. Beside the template lie
//! the kernels' folders, `evcxr_live-*`, and `cargo-home` (see [`crate::analysis`]).

mod copy;

use crate::analysis;
use anyhow::{Context, Result};
use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

/// Kernels' folders are called this and something random.
const PREFIX: &str = "evcxr_live-";
/// In a kernel's folder, the file that its front holds locked for as long as it lives.
const ALIVE: &str = "alive";
const LIBRARY_PATH: &str = if cfg!(target_os = "macos") { "DYLD_LIBRARY_PATH" } else { "LD_LIBRARY_PATH" };

/// What a kernel starts from.
pub struct Warm {
    /// The kernel's own folder, which only its owner may enter; whoever ends the kernel removes it.
    pub folder: PathBuf,
    /// What evcxr_jupyter's environment has beyond this program's.
    pub environment: Vec<(&'static str, OsString)>,
    /// Where evcxr compiles, and the lock file that was there at the start.
    tmpdir: PathBuf,
    lock: Option<Vec<u8>>,
    /// Locked, so that no other kernel takes the folder for a leftover.
    _alive: File,
}

/// Makes this kernel's folder, with a copy of `template` in it, and removes those of kernels that were killed.
///
/// What can't be had costs time, not the kernel: it is said on standard error. An `EVCXR_TMPDIR` or `RUST_SRC_PATH` in
/// the environment is respected.
///
/// # Errors
/// When no folder can be made, or none that can be locked.
pub fn prepare(template: Option<&Path>) -> Result<Warm> {
    let template = template.map(std::path::absolute).transpose()?;
    let shared = template.as_deref().and_then(Path::parent);
    let parent = shared.map_or_else(env::temp_dir, Path::to_owned);
    let (folder, alive) = own_folder(&parent).with_context(|| {
        format!("{}: no folder for this kernel can be made in it; is there room, and is it yours?", parent.display())
    })?;
    sweep(&parent);

    let mut environment = Vec::new();
    let tmpdir = match env::var_os("EVCXR_TMPDIR") {
        Some(tmpdir) => PathBuf::from(tmpdir),
        None => {
            let tmpdir = folder.join("evcxr");
            fill(&tmpdir, template.as_deref())?;
            environment.push(("EVCXR_TMPDIR", tmpdir.clone().into()));
            tmpdir
        }
    };
    match toolchain() {
        Ok(toolchain) => environment.extend(for_toolchain(&toolchain, &folder, shared.unwrap_or(&folder))),
        Err(error) => eprintln!("evcxr_live: rustc does not answer ({error:#}); is it on PATH?"),
    }
    let lock = fs::read(tmpdir.join("Cargo.lock")).ok();
    Ok(Warm { folder, environment, tmpdir, lock, _alive: alive })
}

impl Warm {
    /// Puts Cargo.lock back as it was: evcxr's own start compiles a crate without dependencies, and cargo then strikes
    /// them all out. To be called when evcxr has started, and before anything is run, so that cells get the versions
    /// that were compiled, and need no network.
    pub fn restore_lock(&self) -> io::Result<()> {
        match &self.lock {
            Some(lock) => fs::write(self.tmpdir.join("Cargo.lock"), lock),
            None => Ok(()),
        }
    }
}

/// Makes a folder that is locked before it has the name under which others look for leftovers.
fn own_folder(parent: &Path) -> io::Result<(PathBuf, File)> {
    fs::create_dir_all(parent)?;
    let owner_alone = fs::Permissions::from_mode(0o700);
    let new = tempfile::Builder::new().prefix(&format!(".{PREFIX}")).permissions(owner_alone).tempdir_in(parent)?;
    let alive = File::create(new.path().join(ALIVE))?;
    alive.lock()?;
    let name = new.path().file_name().unwrap_or_default().to_string_lossy();
    let folder = parent.join(name.trim_start_matches('.'));
    fs::rename(new.keep(), &folder)?;
    Ok((folder, alive))
}

/// Removes the folders that no living kernel holds locked.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(PREFIX) {
            continue;
        }
        let left_over = match File::open(entry.path().join(ALIVE)) {
            Ok(alive) => alive.try_lock().is_ok(),
            Err(error) => error.kind() == io::ErrorKind::NotFound, // half removed
        };
        if left_over {
            let _ = fs::remove_dir_all(entry.path()); // or the next start will
        }
    }
}

/// Fills the new folder `tmpdir` with a copy of the template, or leaves it empty and says what that means.
fn fill(tmpdir: &Path, template: Option<&Path>) -> Result<()> {
    fs::create_dir(tmpdir)?;
    let Some(template) = template else { return Ok(()) };
    if let Err(error) = copy::copy_tree(template, tmpdir) {
        eprintln!(
            "evcxr_live: {} can't be copied ({error}): the first cell will compile all dependencies, for minutes. \
             The project's set-up makes that folder anew.",
            template.display()
        );
        fs::remove_dir_all(tmpdir)?;
        fs::create_dir(tmpdir)?;
    }
    Ok(())
}

/// Where the Rust that evcxr will use is.
struct Toolchain {
    root: PathBuf,
    /// The folder of Rust's own library.
    libraries: PathBuf,
}

fn toolchain() -> Result<Toolchain> {
    let output = Command::new("rustc").args(["--print", "sysroot", "--print", "target-libdir"]).output()?;
    let (text, message) = (String::from_utf8(output.stdout)?, String::from_utf8_lossy(&output.stderr));
    let mut lines = text.lines().map(PathBuf::from);
    match (output.status.success(), lines.next(), lines.next()) {
        (true, Some(root), Some(libraries)) => Ok(Toolchain { root, libraries }),
        _ => anyhow::bail!("`rustc --print` ended with {}: {}", output.status, message.trim()),
    }
}

fn for_toolchain(toolchain: &Toolchain, folder: &Path, shared: &Path) -> Vec<(&'static str, OsString)> {
    // evcxr's cells find Rust's library by a path relative to debug/deps/, but lie one folder higher. From a folder such
    // as /tmp that ends at the root all the same; from one that shares a parent with ~/.rustup it does not.
    let mut environment = vec![(LIBRARY_PATH, with_folder("LD_LIBRARY_PATH", &toolchain.libraries))];
    if env::var_os("RUST_SRC_PATH").is_none() {
        match analysis::sources(&toolchain.root, &folder.join("rust-src")) {
            Ok(Some(sources)) => environment.push(("RUST_SRC_PATH", sources.into())),
            Ok(None) => {} // without Rust's sources there is nothing to reduce
            Err(error) => eprintln!("evcxr_live: Rust's sources can't be linked ({error}); cells take longer to start"),
        }
    }
    match analysis::cargo_home(&toolchain.root, &shared.join("cargo-home")) {
        Ok(variables) => environment.extend(variables),
        Err(error) => eprintln!("evcxr_live: {error:#}; cells take longer to start"),
    }
    environment
}

/// The list of folders in `variable`, and `folder` at its end.
fn with_folder(variable: &str, folder: &Path) -> OsString {
    let mut list = env::var_os(variable).unwrap_or_default();
    if !list.is_empty() {
        list.push(":");
    }
    list.push(folder);
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_the_dead_are_swept_and_no_others() {
        let parent = tempfile::tempdir().unwrap();
        fs::create_dir(parent.path().join("template")).unwrap();
        let (living, _alive) = own_folder(parent.path()).unwrap();
        let (dead, alive) = own_folder(parent.path()).unwrap();
        fs::create_dir(dead.join("evcxr")).unwrap();
        assert_eq!(fs::metadata(&living).unwrap().permissions().mode() & 0o777, 0o700);

        sweep(parent.path());
        assert!(dead.exists(), "its front still holds it");
        drop(alive);
        sweep(parent.path());
        assert!(!dead.exists());
        assert!(living.exists() && parent.path().join("template").exists());
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_kernel_starts_in_a_copy_of_the_template_or_in_an_empty_folder() {
        let parent = tempfile::tempdir().unwrap();
        let (template, copy, empty) =
            (parent.path().join("template"), parent.path().join("copy"), parent.path().join("empty"));
        fs::create_dir(&template).unwrap();
        fs::write(template.join("Cargo.lock"), "versions").unwrap();
        fill(&copy, Some(&template)).unwrap();
        assert_eq!(fs::read_to_string(copy.join("Cargo.lock")).unwrap(), "versions");
        fill(&empty, Some(&parent.path().join("missing"))).unwrap();
        assert_eq!(fs::read_dir(&empty).unwrap().count(), 0);
    }

    #[test]
    fn the_lock_file_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let tmpdir = folder.path().to_owned();
        let lock = tmpdir.join("Cargo.lock");
        fs::write(&lock, "pruned").unwrap();
        let alive = File::create(tmpdir.join(ALIVE)).unwrap();
        let environment = Vec::new();
        let mut warm =
            Warm { folder: tmpdir.clone(), environment, tmpdir, lock: Some(b"whole".to_vec()), _alive: alive };
        warm.restore_lock().unwrap();
        assert_eq!(fs::read_to_string(&lock).unwrap(), "whole");
        warm.lock = None;
        fs::write(&lock, "evcxr's own").unwrap();
        warm.restore_lock().unwrap();
        assert_eq!(fs::read_to_string(&lock).unwrap(), "evcxr's own");
    }
}
