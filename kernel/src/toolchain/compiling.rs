//! Which processes are compiling, so that the stop button can end them.

use anyhow::{Context, Result};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::{Pid, setpgid},
};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Write},
    path::Path,
    thread,
    time::Duration,
};

/// Holds the id of the process group that compiles. Its leader keeps the file locked for as long as it lives: an id alone
/// could by now be that of a stranger.
const COMPILING: &str = "compiling";
/// While this file exists, nothing is compiled: the reader has pressed the stop button.
const INTERRUPT: &str = "interrupt";

/// Whether the front asks for nothing to be compiled.
pub fn is_interrupted(folder: &Path) -> bool {
    folder.join(INTERRUPT).exists()
}

/// Moves this process into a group of its own, and says so in the kernel's `folder` until the file returned is dropped.
pub fn register(folder: &Path) -> Result<File> {
    setpgid(Pid::from_raw(0), Pid::from_raw(0)).context("can't make a process group for cargo")?;
    let path = folder.join(COMPILING);
    let write = || -> io::Result<File> {
        let mut file = OpenOptions::new().create(true).write(true).truncate(false).open(&path)?;
        file.lock()?;
        file.set_len(0)?;
        file.write_all(format!("{}\n", std::process::id()).as_bytes())?;
        Ok(file)
    };
    write().with_context(|| format!("can't write {}", path.display()))
}

/// Ends the compilation that a kernel's `folder` names, if there is one: cargo and all that it has started.
pub fn stop_compiling(folder: &Path) {
    let path = folder.join(COMPILING);
    let Ok(mut file) = File::open(&path) else { return };
    for _ in 0..20 {
        if !matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            break; // nobody compiles any more
        }
        let mut text = String::new();
        if file.read_to_string(&mut text).is_ok() && text.ends_with('\n') {
            if let Ok(group) = text.trim().parse() {
                let _ = killpg(Pid::from_raw(group), Signal::SIGKILL); // all have just ended
            }
            break;
        }
        thread::sleep(Duration::from_millis(5)); // locked, and about to be written
    }
    let _ = fs::remove_file(path);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        os::unix::process::CommandExt,
        process::{Command, Stdio},
        time::Instant,
    };

    /// Starts a group that holds the file as a compilation does: one process and its child.
    fn compile(folder: &Path) -> std::process::Child {
        let file = File::create(folder.join(COMPILING)).unwrap();
        file.lock().unwrap();
        let script = format!("echo $$ >'{}'; sleep 60 & wait", folder.join(COMPILING).display());
        let stdin = Stdio::from(file); // inherited, and so held
        Command::new("sh").args(["-c", &script]).stdin(stdin).process_group(0).spawn().unwrap()
    }

    #[test]
    fn what_compiles_is_stopped() {
        let folder = tempfile::Builder::new().prefix("it is ñ").tempdir().unwrap();
        let mut child = compile(folder.path());
        while fs::read_to_string(folder.path().join(COMPILING)).unwrap().is_empty() {
            thread::sleep(Duration::from_millis(1));
        }
        let since = Instant::now();
        stop_compiling(folder.path());
        child.wait().unwrap();
        assert!(since.elapsed() < Duration::from_secs(5));
        assert!(!folder.path().join(COMPILING).exists());
    }

    #[test]
    fn a_group_that_has_ended_is_not_killed() {
        let folder = tempfile::tempdir().unwrap();
        stop_compiling(folder.path()); // no file at all
        // A stranger has got the id that the file names, and nobody holds the file.
        let mut stranger = Command::new("sleep").arg("60").process_group(0).spawn().unwrap();
        fs::write(folder.path().join(COMPILING), format!("{}\n", stranger.id())).unwrap();
        stop_compiling(folder.path());
        thread::sleep(Duration::from_millis(100));
        assert!(stranger.try_wait().unwrap().is_none());
        assert!(!folder.path().join(COMPILING).exists());
        stranger.kill().unwrap();
        stranger.wait().unwrap();
    }
}
