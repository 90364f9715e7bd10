//! Copies a folder of compiled dependencies, fast and without ever changing the original.

use std::{ffi::OsStr, fs, io, path::Path};

/// Copies the contents of `from` into the existing folder `to`, with modification times, because cargo compares those.
///
/// The outputs of rustc and the linker are hard-linked where the file system allows it. They are most of the bytes, and
/// rustc and the linker replace them, never change them in place. Cargo, however, rewrites its small records in place:
/// through a link, a kernel that compiles an edited crate would change the original too.
///
/// Fingerprints come first: another kernel adds them last (see [`crate::toolchain`]).
pub fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    let mut entries = fs::read_dir(from)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(|entry| entry.file_name() != ".fingerprint");
    for entry in entries {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            fs::create_dir(&target)?;
            copy_tree(&source, &target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&source)?, &target)?;
        } else {
            copy_file(&source, &target)?;
        }
    }
    Ok(())
}

/// Links or copies a file, as [`copy_tree`] does.
pub fn copy_file(source: &Path, target: &Path) -> io::Result<()> {
    if is_replaced(source) && fs::hard_link(source, target).is_ok() {
        return Ok(());
    }
    fs::copy(source, target)?;
    let modified = fs::metadata(source)?.modified()?;
    fs::File::open(target)?.set_modified(modified) // a handle for reading is enough, and also opens read-only files
}

/// Libraries, build scripts, and the two files in rustc's `incremental/` that it never writes in place, as it does
/// others.
fn is_replaced(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    match path.extension().and_then(OsStr::to_str) {
        Some("rlib" | "rmeta" | "so" | "dylib" | "a") => true,
        None => name.starts_with("build-script-") || name.starts_with("build_script_"),
        _ => matches!(name, "dep-graph.bin" | "query-cache.bin"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        os::unix::fs::{MetadataExt, PermissionsExt},
        time::{Duration, SystemTime},
    };

    #[test]
    fn what_is_replaced_is_linked_and_records_are_copied_with_their_times() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        let long_ago = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 5000);
        let linked = ["deps/libx.rlib", "build/x/build_script_build-1", "incremental/x/s-1/dep-graph.bin"];
        let copied =
            ["deps/x.d", "build/x/build_script_build-1.d", "build/x/output", "incremental/x/s-1/past-keys.bin"];
        for name in linked.iter().chain(&copied) {
            fs::create_dir_all(from.join(name).parent().unwrap()).unwrap();
            fs::write(from.join(name), "old").unwrap();
            fs::File::open(from.join(name)).unwrap().set_modified(long_ago).unwrap();
        }
        fs::set_permissions(from.join("deps/x.d"), fs::Permissions::from_mode(0o555)).unwrap();
        std::os::unix::fs::symlink("deps/x.d", from.join("link")).unwrap();
        fs::create_dir(&to).unwrap();

        copy_tree(&from, &to).unwrap();

        let inode = |path: &Path| fs::metadata(path).unwrap().ino();
        for name in linked {
            assert_eq!(inode(&from.join(name)), inode(&to.join(name)), "{name}");
        }
        for name in copied {
            assert_ne!(inode(&from.join(name)), inode(&to.join(name)), "{name}");
            assert_eq!(fs::metadata(to.join(name)).unwrap().modified().unwrap(), long_ago, "{name}");
        }
        assert_eq!(fs::metadata(to.join("deps/x.d")).unwrap().mode() & 0o777, 0o555);
        assert_eq!(fs::read_link(to.join("link")).unwrap(), Path::new("deps/x.d"));
    }

    #[test]
    fn fingerprints_come_first() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join(".fingerprint/x")).unwrap();
        for number in 0..50 {
            for side in [&from, &to] {
                fs::create_dir_all(side.join(format!("deps{number}"))).unwrap();
            }
        }
        copy_tree(&from, &to).unwrap_err(); // these folders are already there
        assert!(to.join(".fingerprint/x").is_dir());
    }
}
