//! A warm start: the kernel's own copy of the compiled dependencies, and the environment that evcxr gets.
//!
//! A kernel in an empty folder would compile for minutes, and two kernels can't share a folder. So a project compiles
//! its dependencies once, into a *template*, and each kernel starts in a hard-linked copy of it. The kernels' folders,
//! `evcxr_live-*`, and `cargo-home` (see [`crate::toolchain`]) lie beside the template.

pub mod copy;

use crate::toolchain;
use anyhow::{Context, Result};
use std::{
    env,
    ffi::{OsStr, OsString},
    fs::{self, File},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

/// A kernel's folder is named this, followed by something random.
const PREFIX: &str = "evcxr_live-";
/// The file in a kernel's folder that its front keeps locked as long as it lives.
const ALIVE: &str = "alive";
const LIBRARY_PATH: &str = if cfg!(target_os = "macos") { "DYLD_LIBRARY_PATH" } else { "LD_LIBRARY_PATH" };

/// What a kernel starts from.
pub struct Warm {
    /// The kernel's own folder, which only its owner may enter; whatever ends the kernel removes it.
    pub folder: PathBuf,
    /// Where evcxr keeps what it compiles.
    pub tmpdir: PathBuf,
    /// Variables that evcxr needs, in addition to or instead of this program's own.
    pub environment: Vec<(&'static str, OsString)>,
    /// Whether `tmpdir` is a copy of the template.
    pub is_copied: bool,
    /// Locked, so that no other kernel mistakes the folder for a leftover.
    _alive: File,
}

/// Makes this kernel's folder, with a copy of `template` in it, and removes the folders of kernels that were killed.
///
/// If something is missing the kernel still starts, only more slowly, and a message on standard error says why. An
/// `EVCXR_TMPDIR` or `RUST_SRC_PATH` in the environment is respected.
///
/// # Errors
/// When no folder can be made or locked.
pub fn prepare(template: Option<&Path>) -> Result<Warm> {
    let template = template.map(std::path::absolute).transpose()?;
    let shared = template.as_deref().and_then(Path::parent);
    let parent = shared.map_or_else(env::temp_dir, Path::to_owned);
    let (folder, alive) = own_folder(&parent).with_context(|| {
        format!(
            "can't make a folder for this kernel in {}; is the disk full, or the folder not yours?",
            parent.display()
        )
    })?;
    sweep(&parent);

    let mut environment = vec![(toolchain::FOLDER, folder.clone().into())];
    environment.extend(temporary(&folder)?);
    let mut tmpdir = folder.join("evcxr");
    let mut is_copied = false;
    if let Some(given) = env::var_os("EVCXR_TMPDIR") {
        tmpdir = given.into();
        toolchain::collect_pins(&tmpdir)?; // a template that is being made
    } else {
        is_copied = fill(&tmpdir, template.as_deref())?;
        environment.push(("EVCXR_TMPDIR", tmpdir.clone().into()));
        environment.extend(template.as_ref().filter(|_| is_copied).map(|path| (toolchain::TEMPLATE, path.into())));
    }
    match find_rust() {
        Ok(rust) => environment.extend(for_rust(&rust, &folder, shared.unwrap_or(&folder))),
        Err(error) => eprintln!("evcxr_live: can't run rustc ({error:#}); is it on PATH?"),
    }
    Ok(Warm { folder, tmpdir, environment, is_copied, _alive: alive })
}

/// Whether a folder of this name is a kernel's.
pub fn is_kernels(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with(PREFIX)
}

/// What evcxr, cargo and rustc leave behind when they are killed goes with the kernel's `folder`.
fn temporary(folder: &Path) -> Result<[(&'static str, OsString); 2]> {
    let temporary = folder.join("tmp");
    fs::create_dir(&temporary).with_context(|| format!("can't make {}", temporary.display()))?;
    Ok([(toolchain::TMPDIR, env::var_os("TMPDIR").unwrap_or_default()), ("TMPDIR", temporary.into())])
}

/// Makes a folder, and locks it before it gets a name that other kernels take for a possible leftover.
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

/// Removes the folders that no living kernel has locked.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        if !is_kernels(&entry.file_name()) {
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

/// Fills the new folder `tmpdir` with a copy of the template, or leaves it empty and says what follows. Returns whether
/// there is a copy.
fn fill(tmpdir: &Path, template: Option<&Path>) -> Result<bool> {
    fs::create_dir(tmpdir)?;
    let Some(template) = template else { return Ok(false) };
    let copied = copy::copy_tree(template, tmpdir).map_err(anyhow::Error::new);
    if let Err(error) = copied.and_then(|()| toolchain::collect_pins(tmpdir)) {
        eprintln!(
            "evcxr_live: can't copy {} ({error:#}): the first cell will compile all dependencies, which takes minutes. \
             Run the project's set-up again to rebuild that folder.",
            template.display()
        );
        fs::remove_dir_all(tmpdir)?;
        fs::create_dir(tmpdir)?;
        return Ok(false);
    }
    Ok(true)
}

/// The Rust installation that evcxr will use.
struct Rust {
    root: PathBuf,
    /// The folder of Rust's own library.
    libraries: PathBuf,
}

fn find_rust() -> Result<Rust> {
    let output = Command::new("rustc").args(["--print", "sysroot", "--print", "target-libdir"]).output()?;
    let (text, message) = (String::from_utf8(output.stdout)?, String::from_utf8_lossy(&output.stderr));
    let mut lines = text.lines().map(PathBuf::from);
    match (output.status.success(), lines.next(), lines.next()) {
        (true, Some(root), Some(libraries)) => Ok(Rust { root, libraries }),
        _ => anyhow::bail!("`rustc --print` ended with {}: {}", output.status, message.trim()),
    }
}

fn for_rust(rust: &Rust, folder: &Path, shared: &Path) -> Vec<(&'static str, OsString)> {
    // evcxr's cells find Rust's library by a path relative to debug/deps/, but lie one folder higher. From a folder
    // such as /tmp that still ends at the root; from one that shares a parent with ~/.rustup it does not.
    let mut environment = vec![(LIBRARY_PATH, with_folder("LD_LIBRARY_PATH", &rust.libraries))];
    if env::var_os("RUST_SRC_PATH").is_none() {
        match toolchain::sources(&rust.root, &folder.join("rust-src")) {
            Ok(Some(sources)) => environment.push(("RUST_SRC_PATH", sources.into())),
            Ok(None) => {} // without Rust's sources there is nothing to reduce
            Err(error) => eprintln!("evcxr_live: can't link Rust's sources ({error}); cells take longer to start"),
        }
    }
    match toolchain::cargo_home(&rust.root, &shared.join("cargo-home")) {
        Ok(variables) => environment.extend(variables),
        Err(error) => eprintln!("evcxr_live: {error:#}; cells take longer to start"),
    }
    environment
}

/// The list of folders in `variable`, with `folder` added at the end.
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
    fn only_folders_of_dead_kernels_are_swept() {
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
        assert!(fill(&copy, Some(&template)).unwrap());
        assert_eq!(fs::read_to_string(copy.join("Cargo.lock")).unwrap(), "versions");
        assert!(!fill(&empty, Some(&parent.path().join("missing"))).unwrap());
        assert_eq!(fs::read_dir(&empty).unwrap().count(), 0);
    }
}
