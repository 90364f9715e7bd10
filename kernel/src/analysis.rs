//! What evcxr's rust-analyzer gets to read.
//!
//! evcxr infers the types of variables with its own rust-analyzer, which reads and expands all sources of all
//! dependencies, and of Rust's library, before the first cell. No cell can name most of that. So it sees less:
//!
//! - of Rust's sources, only `core`, `alloc` and `std` ([`sources`]),
//! - of the dependencies, only those that cells can name. rust-analyzer asks `$CARGO_HOME/bin/cargo` for them; that is
//!   this very program ([`cargo_home`]), which passes everything on to the real cargo and shortens its answer
//!   ([`as_cargo`]).

mod cargo;
mod metadata;

pub use cargo::{as_cargo, cargo_home};

use std::{
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

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
