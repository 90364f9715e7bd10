//! Cleans up after the kernel, however it ends. The front holds the other end of this process's standard input; when
//! the front dies, even by `kill -9`, the system closes that end. The process of the cells ends by itself then.

use crate::{engine::Engine, toolchain};
use anyhow::{Context, Result};
use nix::{
    errno::Errno,
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use std::{
    fs,
    io::{Read, stdin},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::process::{Child, Command};

/// The file in the kernel's folder that names the process group of an evcxr_jupyter.
const GROUP: &str = "group";

/// The front's hold on it.
pub struct Guard(Child);

impl Guard {
    /// Starts the guard of `folder`. It lives until the front's end of the pipe closes.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn start(folder: &Path) -> Result<Self> {
        let guard = Command::new(std::env::current_exe()?)
            .arg("guard")
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            // Its own group: signals to the kernel's group, even SIGKILL, must not reach it.
            .process_group(0)
            .spawn()
            .context("starting the kernel's guard")?;
        Ok(Self(guard))
    }

    /// Ends the engine, and waits a moment for its processes and the folder to go. A reader who restarts the kernel waits too,
    /// and a folder of half a GB may take seconds: the guard goes on without this process.
    pub async fn end(mut self, mut engine: Engine) {
        let _ = engine.kill().await;
        drop(self.0.stdin.take());
        let is_embedded = engine.is_embedded();
        let ended = async {
            // Wait for both: a process that nobody has waited for still counts as a member of its group.
            if let Engine::Outside(engine) = &mut engine {
                let _ = engine.process.wait().await;
            }
            let _ = self.0.wait().await;
        };
        let patience = Duration::from_millis(if is_embedded { 100 } else { 5000 });
        let _ = tokio::time::timeout(patience, ended).await;
    }
}

/// Adds a process group to those that the guard of `folder` ends.
///
/// # Errors
/// When the folder can't be written to.
pub fn add_group(folder: &Path, group: Option<u32>) -> Result<()> {
    let group = group.context("evcxr_jupyter exited at once")?;
    Ok(fs::write(folder.join(GROUP), group.to_string())?)
}

/// A process that was just starting may make the folder anew: it must have been gone for this long.
const GONE: Duration = Duration::from_millis(300);

/// The guard's work.
pub fn watch(folder: &Path) {
    // Closed, or broken: the front is gone either way.
    let _ = stdin().lock().read_to_end(&mut Vec::new());
    let group = fs::read_to_string(folder.join(GROUP)).ok().and_then(|group| group.parse().ok());
    let since = Instant::now();
    let mut last_seen = since;
    loop {
        toolchain::stop_compiling(folder);
        let ended = group.is_none_or(|group| killpg(Pid::from_raw(group), Signal::SIGKILL) == Err(Errno::ESRCH));
        let removed = fs::remove_dir_all(folder);
        if removed.is_ok() || folder.exists() {
            last_seen = Instant::now();
        }
        // Zombies count as members of the group, so the group may never become empty.
        let is_over = ended || since.elapsed() > Duration::from_millis(200);
        if is_over && last_seen.elapsed() > GONE {
            return;
        }
        if let Err(error) = removed
            && folder.exists()
            && since.elapsed() > Duration::from_secs(10)
        {
            return eprintln!("evcxr_live: can't remove {}: {error}. You may remove it by hand.", folder.display());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
