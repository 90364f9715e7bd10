//! What [`crate::warm`] tells the stand-ins, in environment variables.

use anyhow::{Context, Result};
use std::{
    env,
    ffi::OsString,
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

/// The real cargo.
pub const CARGO: &str = "EVCXR_LIVE_CARGO";
/// The CARGO_HOME that the user has set; empty if there was none.
pub const CARGO_HOME: &str = "EVCXR_LIVE_CARGO_HOME";
/// The TMPDIR that the user has set; empty if there was none.
pub const TMPDIR: &str = "EVCXR_LIVE_TMPDIR";
/// The kernel's own folder, where the front and the stand-in leave word for each other.
pub const FOLDER: &str = "EVCXR_LIVE_FOLDER";
/// The template that this kernel started from, if what it compiles is to be added there.
pub const TEMPLATE: &str = "EVCXR_LIVE_TEMPLATE";

/// The kernel that a stand-in works for.
pub struct Kernel {
    /// The real cargo.
    pub cargo: PathBuf,
    pub folder: Option<PathBuf>,
    pub template: Option<PathBuf>,
}

impl Kernel {
    pub fn from_environment() -> Result<Kernel> {
        let path = |name| env::var_os(name).map(PathBuf::from);
        Ok(Kernel {
            cargo: path(CARGO).with_context(|| {
                format!("{CARGO} is not set, so this stand-in for cargo cannot find it; restart the kernel")
            })?,
            folder: path(FOLDER),
            template: path(TEMPLATE),
        })
    }

    /// The real cargo, with the rustc beside it: cargo forgets what it has learned about a compiler as soon as a call
    /// names another, and evcxr names this one.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(&self.cargo);
        let rustc = self.cargo.with_file_name("rustc");
        if env::var_os("RUSTC").is_none() && rustc.is_file() {
            command.env("RUSTC", rustc);
        }
        command
    }

    /// Becomes the cargo that the user would have got without a kernel.
    pub fn become_users_cargo(&self, arguments: &[OsString]) -> anyhow::Error {
        let program = find_program("cargo").unwrap_or_else(|| self.cargo.clone());
        let mut command = Command::new(&program);
        give_back(&mut command, "CARGO_HOME", CARGO_HOME);
        let error = command.args(arguments).exec();
        anyhow::Error::new(error).context(format!("can't run {}", program.display()))
    }
}

/// The real cargo, where this process knows it.
pub fn cargo_of_environment() -> Option<PathBuf> {
    env::var_os(CARGO).map(PathBuf::from)
}

/// Lets `command` see the user's own value of a variable that the kernel has replaced, and keeps under the name `kept`.
pub fn give_back(command: &mut Command, variable: &str, kept: &str) {
    match env::var_os(kept) {
        Some(value) if value.is_empty() => command.env_remove(variable),
        Some(value) => command.env(variable, value),
        None => command,
    };
}

/// The program of that name on PATH that is not this one.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let this = env::current_exe().and_then(fs::canonicalize).ok();
    let is_another = |path: &Path| path.is_file() && fs::canonicalize(path).ok() != this;
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|candidate| is_another(candidate))
}
