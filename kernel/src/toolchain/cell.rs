//! Where cells are compiled: `cell/`, in the folder that evcxr takes for its crate.
//!
//! evcxr writes `Cargo.toml` and `src/lib.rs` there, now for the cell, now only to see whether a dependency exists, and
//! rust-analyzer reads both. What cargo compiles is assembled apart from them, with a lock file of its own:
//!
//! - evcxr's manifest, with the *companions*: the package `companions/`, if the template has one. It is empty, and
//!   depends on crates that readers are likely to add. A `:dep` for one of them then neither downloads nor compiles
//!   anything, and changes no features of the crates that are already there.
//! - the cell's source, as [`instrument`] changes it.

use super::manifest::{self, COMPANIONS, Dependencies};
use crate::runtime::instrument;
use anyhow::{Context, Result};
use std::{
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

/// The source that was compiled last, where evcxr's crate is `outer`.
pub fn compiled_source(outer: &Path) -> PathBuf {
    outer.join("cell/src/lib.rs")
}

/// The folder of the crate that is compiled.
pub struct Cell {
    outer: PathBuf,
    folder: PathBuf,
}

impl Cell {
    /// Makes the folder in evcxr's crate if it isn't there yet.
    pub fn new(outer: &Path) -> Result<Cell> {
        let cell = Cell { outer: outer.to_owned(), folder: outer.join("cell") };
        cell.set_up().with_context(|| format!("can't set up {}; is the disk full?", cell.folder.display()))?;
        Ok(cell)
    }

    fn set_up(&self) -> io::Result<()> {
        fs::create_dir_all(self.folder.join("src"))?;
        // Cargo needs a source file to read the manifest, and there may be none yet.
        let source = self.source();
        if !source.exists() {
            fs::write(source, "")?;
        }
        // A package's path below that of the workspace is the same for all kernels, as far as cargo is concerned.
        let companions = self.folder.join("companions");
        if self.has_companions() && !companions.is_symlink() {
            symlink("../companions", companions)?;
        }
        Ok(())
    }

    fn has_companions(&self) -> bool {
        self.outer.join("companions/Cargo.toml").is_file()
    }

    /// evcxr's own crate.
    pub fn outer(&self) -> &Path {
        &self.outer
    }

    pub fn source(&self) -> PathBuf {
        compiled_source(&self.outer)
    }

    pub fn manifest(&self) -> PathBuf {
        self.folder.join("Cargo.toml")
    }

    pub fn lock(&self) -> PathBuf {
        self.folder.join("Cargo.lock")
    }

    /// The versions to keep: what the template had, and what this kernel's reader has added. rust-analyzer reads them.
    pub fn pins(&self) -> PathBuf {
        self.outer.join("Cargo.lock")
    }

    /// The lines of dependencies whose versions have been found.
    pub fn known(&self) -> PathBuf {
        self.folder.join("known")
    }

    /// Copies evcxr's source, changed or not. If it is the same as before, cargo sees no new file either.
    pub fn write_source(&self) -> Result<()> {
        let from = self.outer.join("src/lib.rs");
        let source = fs::read_to_string(&from).with_context(|| format!("can't read {}", from.display()))?;
        write_if_changed(&self.source(), instrument(&source).as_ref().unwrap_or(&source))
    }

    /// The dependencies that cells had when they were last compiled, or were about to be.
    pub fn last_dependencies(&self) -> Dependencies {
        let text = fs::read_to_string(self.manifest()).unwrap_or_default();
        let mut dependencies = manifest::dependencies(&text);
        dependencies.remove(COMPANIONS);
        dependencies
    }

    /// `dependencies` and the companions. The program without dependencies that evcxr compiles at its start is left alone:
    /// companions without the crates that give them features would be compiled for it, and not be used again.
    ///
    /// A dependency that the companions have without its default features gets none of them either, unless its line
    /// speaks of features: more features would compile it anew, and all that rests on it, and values of its types would
    /// be lost.
    pub fn with_companions(&self, mut dependencies: Dependencies) -> Dependencies {
        if self.has_companions() && !dependencies.is_empty() {
            let companions = fs::read_to_string(self.outer.join("companions/Cargo.toml")).unwrap_or_default();
            for (name, companion) in manifest::dependencies(&companions) {
                if companion.contains("default-features = false")
                    && let Some(line) = dependencies.get_mut(&name)
                    && line.starts_with('"')
                {
                    *line = format!("{{ version = {line}, default-features = false }}");
                }
            }
            dependencies.insert(COMPANIONS.to_owned(), "{ path = \"companions\" }".to_owned());
        }
        dependencies
    }
}

/// Writes a file whose contents differ from `text`.
pub fn write_if_changed(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text).with_context(|| format!("can't write {}; is the disk full?", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_features_that_the_companions_lack_are_not_added() {
        let outer = tempfile::tempdir().unwrap();
        fs::create_dir(outer.path().join("companions")).unwrap();
        let lines = "[dependencies]\nimage = { version = \"0.25\", default-features = false, features = [\"png\"] }\nrand = \"0.8\"\n";
        fs::write(outer.path().join("companions/Cargo.toml"), lines).unwrap();
        let cell = Cell::new(outer.path()).unwrap();
        let pair = |name: &str, rest: &str| (name.to_owned(), rest.to_owned());
        let plain = cell.with_companions([pair("image", "\"0.25\""), pair("rand", "\"0.8\"")].into());
        assert_eq!(plain["image"], "{ version = \"0.25\", default-features = false }");
        assert_eq!(plain["rand"], "\"0.8\"");
        let asked = "{ version = \"0.25\", features = [\"tiff\"] }";
        assert_eq!(cell.with_companions([pair("image", asked)].into())["image"], asked);
    }
}
