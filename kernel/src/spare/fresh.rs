//! Whether what a spare has read is still what is there.

use crate::toolchain;
use std::{
    env, fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Whether none of the files that the spare in `folder` rests on has changed since: the crates on this machine that its code
/// ahead has compiled and rust-analyzer has read, Rust, and the reader's settings of evcxr.
pub fn is_fresh(folder: &Path, since: SystemTime) -> bool {
    let settings = evcxr::config_dir().into_iter().chain(env::current_dir().ok().map(|here| here.join("evcxr.toml")));
    let paths = toolchain::local_packages(folder).into_iter().chain(settings).chain(toolchain::cargo_of_environment());
    !paths.into_iter().any(|path| has_changed(path, since))
}

/// Whether a file there, however deep, is as new as `since`. What cargo and git make themselves does not count.
fn has_changed(path: PathBuf, since: SystemTime) -> bool {
    let mut ahead = vec![path];
    while let Some(path) = ahead.pop() {
        let Ok(found) = fs::metadata(&path) else { continue };
        let is_new = found.modified().is_ok_and(|modified| modified >= since);
        if is_new {
            return true; // also a folder that has lost or got a file
        }
        if found.is_dir() {
            let entries = fs::read_dir(&path).into_iter().flatten().flatten();
            ahead.extend(entries.filter(|entry| is_source(&entry.file_name().to_string_lossy())).map(|e| e.path()));
        }
    }
    false
}

fn is_source(name: &str) -> bool {
    name != "target" && !name.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn an_edited_a_new_and_a_removed_file_are_changes() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("src/deep/a.rs");
        fs::create_dir_all(source.parent().unwrap()).unwrap();
        fs::create_dir(folder.path().join("target")).unwrap();
        fs::write(&source, "").unwrap();
        let age = |path: &Path| fs::File::open(path).unwrap().set_modified(SystemTime::now() - Duration::from_secs(60));
        let age_all = || {
            for path in ["", "src", "src/deep", "src/deep/a.rs", "src/deep/b.rs"] {
                let path = folder.path().join(path);
                if path.exists() {
                    age(&path).unwrap();
                }
            }
        };
        let since = SystemTime::now() - Duration::from_secs(30);
        let changed = || has_changed(folder.path().to_owned(), since);
        age_all();
        fs::write(folder.path().join("target/x.rlib"), "").unwrap();
        assert!(!changed(), "what is compiled does not count");
        fs::write(&source, "new").unwrap();
        assert!(changed());
        age_all();
        fs::write(source.with_file_name("b.rs"), "").unwrap();
        age(&source.with_file_name("b.rs")).unwrap();
        assert!(changed(), "a new file with an old time changes its folder");
        age_all();
        fs::remove_file(source.with_file_name("b.rs")).unwrap();
        assert!(changed());
        assert!(!has_changed(folder.path().join("missing"), since));
    }
}
