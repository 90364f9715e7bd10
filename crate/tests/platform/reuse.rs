//! Freed memory is used again, not taken from the system anew. In a process of its own: the setting is the process's.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use gan_nb::Device;
use std::process::Command;
use tch::{Kind, Tensor};

/// Pages that the system gave this process so far: the 8th number behind the program's name in `man 5 proc`'s stat.
fn pages() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    stat.rsplit(')').next().unwrap().split_whitespace().nth(7).unwrap().parse().unwrap()
}

#[test]
#[ignore = "what the test below measures, in another process"]
fn measured() {
    let device = Device::best();
    println!("{device}");
    let work = || drop(Tensor::ones([8 << 20], (Kind::Float, tch::Device::Cpu))); // 32 MiB
    // This one, the test's own, is older than the setting.
    let thread = std::thread::spawn(move || {
        (0..20).for_each(|_| work()); // until the heap has holes that fit
        let before = pages();
        (0..20).for_each(|_| work());
        pages() - before
    });
    println!("pages: {}", thread.join().unwrap());
}

#[test]
fn large_buffers_keep_their_pages() {
    let count = |setting: &str| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "reuse::measured", "--ignored", "--nocapture"]);
        // A GPU's driver takes pages of its own.
        command.env("GAN_NB_KEEP_MEMORY", setting).env("GAN_NB_DEVICE", "cpu");
        let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
        let line = output.lines().find_map(|line| line.strip_prefix("pages: "));
        line.unwrap_or_else(|| panic!("{output}")).parse::<u64>().unwrap()
    };
    let (kept, given_back) = (count("1"), count("0"));
    assert!(given_back > 20 * 1000, "without the setting each buffer has fresh pages: {given_back}");
    assert!(kept * 20 < given_back, "{kept} fresh pages with the setting, {given_back} without");
}
