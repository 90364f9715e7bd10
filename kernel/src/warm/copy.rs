//! Copies a folder of compiled dependencies, quickly and without ever changing the original.

use std::{ffi::OsStr, fs, io, path::Path};

/// Copies what is in `from` into the existing folder `to`, modification times included, for cargo compares those.
///
/// Libraries are hard-linked where the file system allows it. They are most of the bytes, and rustc and the linker only
/// ever replace them. Cargo rewrites its small records in place: through a link, a kernel that compiles an edited crate
/// would change the original as well.
pub fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            fs::create_dir(&target)?;
            copy_tree(&source, &target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&source)?, &target)?;
        } else if !is_library(&source) || fs::hard_link(&source, &target).is_err() {
            copy_file(&source, &target)?;
        }
    }
    Ok(())
}

fn is_library(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str);
    matches!(extension, Some("rlib" | "rmeta" | "so" | "dylib" | "a"))
}

fn copy_file(source: &Path, target: &Path) -> io::Result<()> {
    fs::copy(source, target)?;
    let modified = fs::metadata(source)?.modified()?;
    fs::File::open(target)?.set_modified(modified) // a handle for reading will do, and opens read-only files as well
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        os::unix::fs::{MetadataExt, PermissionsExt},
        time::{Duration, SystemTime},
    };

    #[test]
    fn libraries_are_linked_and_records_are_copied_with_their_times() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("debug/deps")).unwrap();
        fs::create_dir(&to).unwrap();
        fs::write(from.join("debug/deps/libx.rlib"), "library").unwrap();
        fs::write(from.join("debug/record"), "old").unwrap();
        fs::set_permissions(from.join("debug/record"), fs::Permissions::from_mode(0o755)).unwrap();
        let long_ago = SystemTime::UNIX_EPOCH + Duration::new(1_000_000_000, 5000);
        fs::File::options().write(true).open(from.join("debug/record")).unwrap().set_modified(long_ago).unwrap();
        std::os::unix::fs::symlink("debug/record", from.join("link")).unwrap();

        copy_tree(&from, &to).unwrap();

        let inode = |path: &Path| fs::metadata(path).unwrap().ino();
        assert_eq!(inode(&from.join("debug/deps/libx.rlib")), inode(&to.join("debug/deps/libx.rlib")));
        let record = fs::metadata(to.join("debug/record")).unwrap();
        assert_eq!(record.modified().unwrap(), long_ago);
        assert_eq!(record.mode() & 0o777, 0o755);
        assert_eq!(fs::read_link(to.join("link")).unwrap(), Path::new("debug/record"));
        fs::write(to.join("debug/record"), "new").unwrap();
        assert_eq!(fs::read_to_string(from.join("debug/record")).unwrap(), "old");
    }
}
