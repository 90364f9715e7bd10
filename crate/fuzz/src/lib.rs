//! Shared by all targets: a folder for an input's files, and limits on the memory that an input may cost.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

#[path = "../../tests/common/peak.rs"]
mod peak;

/// The folder that the inputs' files are written to, one input after another. scripts/fuzz chooses one in memory, and
/// removes it afterwards: libFuzzer ends the process without giving Rust a chance to clean up.
pub fn folder() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| tempfile::tempdir().unwrap().keep());
    &FOLDER
}

/// Runs `work`, which may hold at most this many bytes at once, its result included.
///
/// This does not count libtorch's memory: see [`resident`].
#[track_caller]
pub fn within<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    let (result, peak) = peak::peak_of(work);
    assert!(peak <= bytes, "held {peak} bytes at once, allowed are {bytes}");
    result
}

/// Runs `work`, which may make the process grow by at most this many bytes, whoever allocates them.
#[track_caller]
pub fn resident<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    let kib = |field: &str| {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with(field)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|number| number.parse::<usize>().ok()).unwrap_or(0)
    };
    let _ = fs::write("/proc/self/clear_refs", "5"); // Linux: resets the peak
    let before = kib("VmRSS");
    let result = work();
    let taken = kib("VmHWM").saturating_sub(before) << 10;
    assert!(taken <= bytes, "the process grew by {taken} bytes, allowed are {bytes}");
    result
}
