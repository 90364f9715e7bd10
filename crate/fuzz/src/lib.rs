//! What the targets share: a folder for an input's files, and the bounds on what an input may cost.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

#[path = "../../tests/common/peak.rs"]
mod peak;

/// The folder that the inputs' files are written to, one input after another. scripts/fuzz names one in memory, and removes
/// it: libFuzzer ends the process without a word to Rust.
pub fn folder() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| tempfile::tempdir().unwrap().keep());
    &FOLDER
}

/// Does `work`, which may hold so many bytes at once and no more; what it gives is still there when they are counted.
///
/// libtorch's memory is not Rust's: see [`resident`].
#[track_caller]
pub fn within<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    let (result, peak) = peak::peak_of(work);
    assert!(peak <= bytes, "held {peak} bytes at once, of {bytes} allowed");
    result
}

/// Does `work`, which may make the process so many bytes larger and no more, whoever takes them.
#[track_caller]
pub fn resident<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    let kib = |field: &str| {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find(|line| line.starts_with(field)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|number| number.parse::<usize>().ok()).unwrap_or(0)
    };
    let _ = fs::write("/proc/self/clear_refs", "5"); // Linux: forgets the peak so far
    let before = kib("VmRSS");
    let result = work();
    let taken = kib("VmHWM").saturating_sub(before) << 10;
    assert!(taken <= bytes, "the process grew by {taken} bytes, of {bytes} allowed");
    result
}
