//! A CARGO_HOME that mirrors the user's, except for `bin/`, where `cargo` and `rustup` are this program; and those of
//! Rust's sources that rust-analyzer is to read.

use super::kernel;
use anyhow::{Context, Result};
use std::{
    env,
    ffi::OsString,
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

/// Makes `folder` a CARGO_HOME in which everything links to the user's own, except `bin/`. Returns the variables that
/// put it to use; `root` is where Rust is installed.
///
/// Cargo records this path for every package it compiles: it must be the same for all kernels that share a template.
///
/// # Errors
/// When there is no cargo, or the folder can't be made or stand on PATH.
pub fn cargo_home(root: &Path, folder: &Path) -> Result<Vec<(&'static str, OsString)>> {
    let real_cargo = find_cargo(root).context("no cargo beside rustc or on PATH")?;
    // A kernel that was started in another one's cell has inherited the stand-in.
    let users = env::var_os("CARGO_HOME").filter(|home| Path::new(home) != folder);
    let own = users.clone().map(PathBuf::from).or_else(|| Some(env::home_dir()?.join(".cargo")));
    let own = own.context("neither CARGO_HOME nor HOME is set")?;
    link_all(&own, folder).with_context(|| format!("can't set up {}", folder.display()))?;
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([folder.join("bin")].into_iter().chain(env::split_paths(&path)));
    let path = path.with_context(|| format!("{} can't stand on PATH", folder.display()))?;
    Ok(vec![
        ("CARGO_HOME", folder.into()),
        ("PATH", path),
        (kernel::CARGO, real_cargo.into()),
        (kernel::CARGO_HOME, users.unwrap_or_default()),
    ])
}

/// The cargo beside rustc starts faster than rustup's proxy on PATH.
fn find_cargo(root: &Path) -> Option<PathBuf> {
    Some(root.join("bin/cargo")).filter(|cargo| cargo.is_file()).or_else(|| kernel::find_program("cargo"))
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
    let this = env::current_exe()?;
    for name in ["cargo", "rustup"] {
        link(&this, &folder.join("bin").join(name))?;
    }
    Ok(())
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

/// Makes `folder` with links to the parts of Rust's library that cells name. rust-analyzer takes them as they are when
/// there is no Cargo.toml beside them. `None` if Rust, installed in `root`, has no sources.
pub fn sources(root: &Path, folder: &Path) -> io::Result<Option<PathBuf>> {
    let library = root.join("lib/rustlib/src/rust/library");
    if !library.join("core/src/lib.rs").is_file() {
        return Ok(None);
    }
    fs::create_dir(folder)?;
    for part in ["core", "alloc", "std"] {
        symlink(library.join(part), folder.join(part))?;
    }
    Ok(Some(folder.to_owned()))
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
        for name in ["cargo", "rustup"] {
            assert_eq!(fs::read_link(folder.join("bin").join(name)).unwrap(), env::current_exe().unwrap());
        }
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

    #[test]
    fn both_names_come_first_on_path() {
        let temporary = tempfile::Builder::new().prefix("it's a ñ ").tempdir().unwrap();
        let folder = temporary.path().join("cargo-home");
        let variables = cargo_home(Path::new("/no/rust/here"), &folder).unwrap();
        let value = |name: &str| variables.iter().find(|(found, _)| *found == name).unwrap().1.clone();
        assert_eq!(env::split_paths(&value("PATH")).next(), Some(folder.join("bin")));
        assert_eq!(value("CARGO_HOME"), folder);
        assert!(Path::new(&value(kernel::CARGO)).is_file());
        let message = cargo_home(Path::new("/"), &temporary.path().join("a:b")).unwrap_err().to_string();
        assert!(message.ends_with("a:b can't stand on PATH"), "{message}");
    }

    #[test]
    fn sources_are_three_links_and_no_manifest() {
        let temporary = tempfile::tempdir().unwrap();
        let (root, folder) = (temporary.path().join("rust"), temporary.path().join("reduced"));
        assert_eq!(sources(&root, &folder).unwrap(), None);
        assert!(!folder.exists());

        let library = root.join("lib/rustlib/src/rust/library");
        for part in ["core", "alloc", "std", "stdarch"] {
            fs::create_dir_all(library.join(part).join("src")).unwrap();
            fs::write(library.join(part).join("src/lib.rs"), "").unwrap();
        }
        fs::write(library.join("Cargo.toml"), "").unwrap();
        assert_eq!(sources(&root, &folder).unwrap(), Some(folder.clone()));
        let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["alloc", "core", "std"]);
        assert!(folder.join("core/src/lib.rs").is_file());
    }
}
