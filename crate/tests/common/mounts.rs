//! Disks of a test's own: a small one that can be filled, and made read-only. (Root may write anywhere, so permissions show
//! nothing.)
//!
//! A child test runs in a mount namespace of its own, which no one else sees and which ends with it. Linux, with `unshare`.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{argument_list, assert_passed, without_kernel};

const DISK: &str = "TEST_DISK";

/// What the ignored test of this name in the same file prints in a process of its own that has a [`disk`] of `size` (as
/// `mount` takes it: `64k`, `4m`). None, and a line on stderr that says "skipped", where the system gives no such disk.
pub fn on_small_disk(size: &str, child: &str, variables: &[(&str, &str)]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let mount = r#"mount -t tmpfs -o "size=$SIZE" tmpfs "$TEST_DISK""#;
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", script, "sh"]);
        command.env(DISK, folder.path()).env("SIZE", size);
        command
    };
    let tried = unshare(mount).stderr(Stdio::null()).status();
    if !tried.is_ok_and(|status| status.success()) {
        skip(&format!("{child}: no disk of its own here, as `unshare --map-root-user --mount` is refused"));
        return None;
    }
    let mut command = unshare(&format!(r#"{mount} && exec "$@""#));
    command.arg(env::current_exe().unwrap()).args(argument_list(child));
    without_kernel(&mut command);
    Some(assert_passed(child, &command.envs(variables.iter().copied()).output().unwrap()))
}

/// For such a child: where its disk is.
pub fn disk() -> PathBuf {
    PathBuf::from(env::var_os(DISK).unwrap())
}

/// For such a child: takes the right to write from its disk, or gives it back. Files that are open for writing stay so.
pub fn set_read_only(read_only: bool) {
    // A second, read-only mount of the disk over itself: the first could not be changed while a file is open for writing.
    let script = if read_only {
        r#"mount --bind "$TEST_DISK" "$TEST_DISK" && mount -o remount,bind,ro "$TEST_DISK""#
    } else {
        r#"umount "$TEST_DISK""#
    };
    assert!(Command::new("sh").args(["-c", script]).status().unwrap().success(), "{script}");
}

/// For such a child: leaves `bytes` of room on its disk by a file that takes the rest, which is given back. Delete it to
/// have the room again.
pub fn fill_disk_but(bytes: u64) -> PathBuf {
    let file = disk().join("filler");
    let left = free_bytes(&disk());
    let room = left.checked_sub(bytes).unwrap();
    std::fs::write(&file, vec![1; usize::try_from(room).unwrap()]).unwrap();
    file
}

/// What `df` says is left there, in bytes.
pub fn free_bytes(folder: &Path) -> u64 {
    let output = Command::new("df").args(["--output=avail", "--block-size=1"]).arg(folder).output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.lines().nth(1).unwrap().trim().parse().unwrap()
}

/// Says that a test is not possible here.
pub fn skip(why: &str) {
    // Not eprintln, which the test harness keeps to itself when the test passes. (It can't be told of a test that turns
    // out not to be possible, and counts it as passed; `scripts/test` repeats these lines in its summary.)
    let told = format!("\nskipped: {why}\n");
    std::io::Write::write_all(&mut std::io::stderr(), told.as_bytes()).unwrap();
}
