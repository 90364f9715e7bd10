//! Loading takes little more memory than the pictures. In a process of its own: it looks at the process's peak.
#![cfg(target_os = "linux")]

use crate::common::{cifar_files::write_zeros, printed_by};
use gan_nb::data::Cifar10;

/// The most memory that this process ever held, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[test]
#[ignore = "started by the next test"]
fn loads() {
    let dir = tempfile::tempdir().unwrap();
    write_zeros(dir.path());
    let before = peak();
    let data = Cifar10::load_from(dir.path()).unwrap();
    let (taken, size) = (peak() - before, data.len() * 3072);
    assert!(taken >= size / 2, "{taken} bytes can't be right");
    assert!(taken * 10 <= size * 12, "took {taken} bytes for {size}");
}

#[test]
fn loading_holds_no_second_copy() {
    printed_by("memory::loads", &[]);
}
