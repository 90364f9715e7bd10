//! A spare kernel: one that has started, and done all that needs no reader, before anybody asks for it.
//!
//! From its start to the reader's first cell a kernel takes seconds: evcxr tries itself out, the `:dep` lines are compiled,
//! rust-analyzer reads the dependencies. So a kernel that has nothing to do starts another one, without ports, and Jupyter's
//! next one does not start itself but takes that over ([`take`]): it passes on the connection file, and then only stands
//! between Jupyter and the spare, so that each ends with the other.
//!
//! - A spare serves a kernel in whose place it could have been started: the same program, template, code that runs ahead,
//!   working folder and environment ([`Terms`]). What has changed since ends it ([`offer`]): the template, a crate that
//!   the code ahead has compiled, Rust itself.
//! - There is one at a time for each template ([`one`]). It ends when no kernel has been there for a while, and when memory
//!   becomes short.
//! - Its socket lies in its own folder, which only its owner may enter.

mod claim;
mod fresh;
mod keeper;
mod memory;
mod offer;
mod terms;

pub use claim::take;
pub use keeper::Keeper;
pub use memory::is_enough_to_start;
pub use offer::{Claim, Offer, Word};
pub use terms::{Terms, adopt_environment};

use std::{
    env,
    fs::{File, OpenOptions},
    io,
    os::fd::AsRawFd,
    path::Path,
};

/// Turns spares off (`0`), or on where they are off otherwise (`1`).
const SWITCH: &str = "EVCXR_LIVE_SPARE";
/// Jupyter's server sets this for the kernels of its pages, which a reader may restart.
const PAGE: &str = "JPY_SESSION_NAME";
const HUB: &str = "JUPYTERHUB_";
/// Locks beside the template: held by every kernel that wants spares, shared.
const KERNELS: &str = "kernels";
/// Held by the spare.
const SPARE: &str = "spare";

/// Whether this kernel takes spares and keeps one ready. A notebook that runs by itself is not restarted; and under a hub
/// the memory of many users is one machine's.
pub fn is_wanted() -> bool {
    decide(env::var(SWITCH).ok().as_deref(), env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()))
}

fn decide(switch: Option<&str>, mut variables: impl Iterator<Item = String>) -> bool {
    match switch {
        Some("0") => false,
        Some("1") => true,
        _ => {
            let mut has_page = false;
            let is_hub = variables.any(|name| {
                has_page |= name == PAGE;
                name.starts_with(HUB)
            });
            has_page && !is_hub
        }
    }
}

fn open(template: &Path, name: &str) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).open(template.with_added_extension(name))
}

/// Says that a kernel is there, until the file is dropped.
fn hold(template: &Path) -> io::Result<File> {
    let file = open(template, KERNELS)?;
    file.lock_shared()?;
    Ok(file)
}

/// Makes this process the only spare of `template` until the file is dropped; `None` if there is one.
///
/// # Errors
/// When the template's folder can't be written to.
pub fn one(template: &Path) -> io::Result<Option<File>> {
    let file = open(template, SPARE)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}

/// Calls `work` with a path to the socket that is short enough for one, whatever folder it lies in: a socket's may have some
/// hundred bytes. Where the system has no such paths, it gives no memory to see either, and so there are no spares.
fn with_short_path<T>(socket: &Path, work: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    let folder = File::open(socket.parent().unwrap_or(socket))?;
    let short = Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string());
    work(&short.join(socket.file_name().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_spares_and_hubs_only_when_asked() {
        let decide = |switch, names: &[&str]| decide(switch, names.iter().map(|name| (*name).to_owned()));
        assert!(decide(None, &["HOME", PAGE]));
        assert!(!decide(None, &["HOME"]), "a notebook that runs by itself");
        assert!(!decide(None, &[PAGE, "JUPYTERHUB_USER"]));
        assert!(!decide(None, &["JUPYTERHUB_USER", PAGE]));
        assert!(decide(Some("1"), &[PAGE, "JUPYTERHUB_USER"]));
        assert!(!decide(Some("0"), &[PAGE]));
    }

    #[test]
    fn there_is_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let template = folder.path().join("template");
        let first = one(&template).unwrap();
        assert!(first.is_some());
        assert!(one(&template).unwrap().is_none());
        assert!(one(&folder.path().join("another")).unwrap().is_some());
        drop(first);
        assert!(one(&template).unwrap().is_some());
    }
}
