//! Cleans up after the kernel, however it ends. The front holds the other end of this process's standard input; when
//! the front dies, even by `kill -9`, the system closes that end.

use anyhow::{Context, Result};
use nix::{
    errno::Errno,
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use std::{
    io::{Read, stdin},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::process::{Child, Command};

/// Starts the guard of the process group `pid` and of `folder`. It lives until the front's end of the pipe closes.
pub fn start(pid: u32, folder: &Path) -> Result<Child> {
    Command::new(std::env::current_exe()?)
        .arg("guard")
        .arg(pid.to_string())
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        // Its own group: signals to the kernel's group, even SIGKILL, must not reach it.
        .process_group(0)
        .spawn()
        .context("starting the kernel's guard")
}

/// The guard's work.
pub fn watch(pid: i32, folder: &Path) {
    // Closed, or broken: the front is gone either way.
    let _ = stdin().lock().read_to_end(&mut Vec::new());
    let group = Pid::from_raw(pid);
    let since = Instant::now();
    loop {
        let ended = killpg(group, Signal::SIGKILL) == Err(Errno::ESRCH);
        let removed = std::fs::remove_dir_all(folder);
        // Zombies count as members of the group, so the group may never become empty; but a process that is just dying,
        // or has just started, may still write into the folder.
        if !folder.exists() && (ended || since.elapsed() > Duration::from_millis(200)) {
            return;
        }
        if let Err(error) = removed
            && since.elapsed() > Duration::from_secs(10)
        {
            return eprintln!("evcxr_live: can't remove {}: {error}. You may remove it by hand.", folder.display());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
