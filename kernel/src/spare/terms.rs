//! What a spare and the kernel that takes it over must have in common, and what the kernel brings along.

use crate::toolchain;
use anyhow::{Context, Result};
use std::{
    collections::BTreeMap,
    env,
    ffi::{OsStr, OsString},
    fmt::Write,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// Variables that differ from one kernel of a server to the next, and that nothing reads before a reader's cell does:
/// they begin with the first, or are one of the others.
const BEGINNING: &str = "JPY_";
const CHANGING: [&str; 6] = ["PWD", "OLDPWD", "SHLVL", "_", "COLUMNS", "LINES"];
/// The file in a kernel's folder that holds those of the kernel that took it over.
const BROUGHT: &str = "environment.json";

/// A kernel's program, template, code that runs ahead, working folder and environment.
#[derive(Clone)]
pub struct Terms {
    pub template: PathBuf,
    pub first: Option<String>,
    /// All variables as they are before the kernel adds its own.
    pub environment: Vec<(OsString, OsString)>,
    fixed: String,
    state: String,
}

impl Terms {
    /// Those of this process.
    ///
    /// # Errors
    /// When there is no template, or the working folder is gone.
    pub fn of_this_process(template: &Path, first: Option<String>) -> Result<Self> {
        let template = std::path::absolute(template)?;
        let environment: Vec<_> = env::vars_os().collect();
        let sorted: BTreeMap<_, _> = environment.iter().filter(|(name, _)| !is_changing(name)).cloned().collect();
        let folder = env::current_dir().context("the working folder is gone")?;
        let fixed = format!("{template:?}\n{first:?}\n{folder:?}\n{sorted:?}\n");
        let state = state(&template)?;
        Ok(Self { template, first, environment, fixed, state })
    }

    /// Equal terms have equal texts, and no others.
    pub fn text(&self) -> String {
        format!("{}{}", self.fixed, self.state)
    }

    /// The name of the socket of a spare with these terms.
    pub fn name(&self) -> String {
        let mut hasher = DefaultHasher::new();
        self.text().hash(&mut hasher);
        format!("{}{:016x}", super::offer::PREFIX, hasher.finish())
    }

    /// Whether program and template are what they were.
    pub fn still_hold(&self) -> bool {
        state(&self.template).is_ok_and(|now| now == self.state)
    }

    /// The folder that holds the template and the kernels' folders.
    pub fn parent(&self) -> &Path {
        self.template.parent().unwrap_or(&self.template)
    }

    /// The variables that a spare can't have known, as it gets them.
    pub fn brought(&self) -> BTreeMap<String, String> {
        let text = |value: &OsStr| value.to_str().map(str::to_owned);
        let changing = self.environment.iter().filter(|(name, _)| is_changing(name));
        changing.filter_map(|(name, value)| Some((text(name)?, text(value)?))).collect()
    }
}

fn is_changing(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.starts_with(BEGINNING) || CHANGING.contains(&name))
}

/// What tells one version of this program, and of what the template holds, from another.
fn state(template: &Path) -> Result<String> {
    let mut text = String::new();
    let mut add = |path: &Path| -> Result<()> {
        let found = fs::metadata(path).with_context(|| format!("can't find {}", path.display()))?;
        let (seconds, nanoseconds) = (found.mtime(), found.mtime_nsec());
        writeln!(text, "{path:?} {} {seconds}.{nanoseconds:09}", found.ino())?;
        Ok(())
    };
    add(&env::current_exe()?)?;
    add(template)?;
    for path in toolchain::changes_with_what_is_compiled(template) {
        add(&path)?;
    }
    Ok(text)
}

/// Keeps the variables of the kernel that took this one over for the process of its cells.
///
/// # Errors
/// When the file can't be written.
pub fn keep_brought(folder: &Path, brought: &BTreeMap<String, String>) -> Result<()> {
    let path = folder.join(BROUGHT);
    fs::write(&path, serde_json::to_vec(brought)?).with_context(|| format!("can't write {}", path.display()))
}

/// In the process of the cells, before a cell runs: gives it those variables, once there are any. Returns whether there are.
#[allow(unsafe_code)]
pub fn adopt_environment(folder: &Path) -> bool {
    let brought = fs::read(folder.join(BROUGHT)).ok();
    let Some(brought) = brought.and_then(|text| serde_json::from_slice::<BTreeMap<String, String>>(&text).ok()) else {
        return false;
    };
    for name in env::vars_os().map(|(name, _)| name).filter(|name| is_changing(name)) {
        // SAFETY: see below.
        unsafe { env::remove_var(name) };
    }
    for (name, value) in brought {
        // SAFETY: no cell of a reader has run yet, and none runs now. This program's own threads read no variables; those that
        // the code ahead may have started hold no pointer to one, as they would have to have begun with that here and now.
        unsafe { env::set_var(name, value) };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_brought_and_all_else_must_be_the_same() {
        for name in ["JPY_SESSION_NAME", "JPY_PARENT_PID", "PWD", "_"] {
            assert!(is_changing(OsStr::new(name)), "{name}");
        }
        for name in ["PATH", "LD_LIBRARY_PATH", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "HOME"] {
            assert!(!is_changing(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn a_template_that_is_made_anew_or_added_to_is_another() {
        let parent = tempfile::tempdir().unwrap();
        let template = parent.path().join("template");
        let units = template.join("target/debug/.fingerprint");
        fs::create_dir_all(&units).unwrap();
        let terms = Terms::of_this_process(&template, Some(":dep x".into())).unwrap();
        assert!(terms.still_hold());
        assert_eq!(terms.name(), Terms::of_this_process(&template, Some(":dep x".into())).unwrap().name());
        assert_ne!(terms.name(), Terms::of_this_process(&template, None).unwrap().name());
        fs::create_dir(units.join("new-0123456789abcdef")).unwrap();
        assert!(!terms.still_hold(), "another kernel has shared a crate");

        let terms = Terms::of_this_process(&template, None).unwrap();
        fs::rename(&template, parent.path().join("old")).unwrap();
        assert!(!terms.still_hold(), "it is gone");
        fs::create_dir_all(&units).unwrap();
        assert!(!terms.still_hold(), "the set-up has made another");
    }
}
