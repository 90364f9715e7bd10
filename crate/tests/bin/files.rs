//! Files and folders that a command is given: pictures in the format of their name, data wherever it lies.
#![cfg(feature = "cli")]

use crate::command_line::{gan_nb, prints, refuses, with_data};
use crate::common::{cifar_files, skipped};
use std::fs;

/// How a file of each format begins.
const FORMATS: [(&str, &[u8]); 7] = [
    ("png", b"\x89PNG"),
    ("gif", b"GIF89a"),
    ("jpg", b"\xff\xd8\xff"),
    ("JPEG", b"\xff\xd8\xff"),
    ("webp", b"RIFF"),
    ("bmp", b"BM"),
    ("PNG", b"\x89PNG"),
];

#[test]
fn samples_are_written_as_their_name_says() {
    let dir = with_data();
    prints(dir.path(), "train --iterations 1 --batch-size 2 --data data --out run");
    for (extension, start) in FORMATS {
        prints(dir.path(), &format!("sample --run run --count 2 --out a.{extension}"));
        let file = fs::read(dir.path().join(format!("a.{extension}"))).unwrap();
        assert!(file.starts_with(start), "{extension}: {:?}", &file[..8]);
    }
    prints(dir.path(), "sample --run run --count 2 --out plain");
    assert!(fs::read(dir.path().join("plain")).unwrap().starts_with(b"\x89PNG"), "without an extension");
    let parts = ["a.tiff", "found the extension tiff", "png, gif, jpg, jpeg, webp or bmp"];
    refuses(dir.path(), "sample --run run --count 2 --out a.tiff", &parts);
    assert!(!dir.path().join("a.tiff").exists());
}

/// Before anything else is done: a wrong name is no reason to wait.
#[test]
fn a_name_without_a_format_is_refused_first() {
    let dir = tempfile::tempdir().unwrap();
    refuses(dir.path(), "sample --run nowhere --out a.txt", &["a.txt", "png, gif, jpg, jpeg, webp or bmp"]);
}

#[test]
fn data_may_be_the_archive_or_begin_with_the_home() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    cifar_files::write_zeros(&home.join("data"));
    cifar_files::write_test_zeros(&home.join("data"));
    let mut command = gan_nb(dir.path(), "data info --data=~/data");
    let output = command.env("HOME", &home).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(printed.contains("CIFAR-10: 50000 images"), "{printed}{}", String::from_utf8_lossy(&output.stderr));

    let archive = home.join("cifar-10-binary (1).tar.gz");
    let names: Vec<&str> = cifar_files::TRAIN.into_iter().chain(["test_batch.bin"]).collect();
    cifar_files::pack_zeros(&archive, &names);
    fs::remove_dir_all(home.join("data")).unwrap();
    let info = |mut command: std::process::Command| {
        let output = command.env("HOME", &home).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let mut command = gan_nb(dir.path(), "data info --data");
    command.arg(&archive);
    assert!(info(command).contains("CIFAR-10: 50000 images"));
    let mut command = gan_nb(dir.path(), "data info");
    command.env("GAN_NB_DATA", "~");
    assert!(info(command).contains("CIFAR-10 test: 10000 images"));
}

/// `--out=~/run` too: no shell has put the home in its place there.
#[test]
fn a_run_may_lie_in_the_home() {
    let dir = with_data();
    let home = dir.path().join("home");
    fs::create_dir(&home).unwrap();
    let do_it = |arguments: &str| {
        let output = gan_nb(dir.path(), arguments).env("HOME", &home).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    };
    do_it("train --iterations 1 --batch-size 2 --data data --out=~/run");
    do_it("sample --run=~/run --count 1 --out=~/a.png");
    assert!(home.join("run/config.json").exists() && home.join("a.png").exists());
    assert!(!dir.path().join("~").exists());
}

#[test]
fn without_a_gpu_the_device_is_the_cpu_and_nothing_is_wrong() {
    let has_driver =
        ["/dev/nvidiactl", "/usr/lib/wsl/lib/libcuda.so.1"].iter().any(|path| std::path::Path::new(path).exists());
    if has_driver {
        return skipped("without_a_gpu_the_device_is_the_cpu_and_nothing_is_wrong", "there is a GPU's driver here");
    }
    let dir = with_data();
    let printed = prints(dir.path(), "train --iterations 1 --batch-size 2 --data data --out run");
    let line = printed.lines().find(|line| line.starts_with("CPU")).unwrap();
    let (threads, rest) = line.trim_start_matches("CPU (").split_once(' ').unwrap();
    assert!(threads.parse::<usize>().is_ok() && ["threads)", "threads, fast in bfloat16)"].contains(&rest), "{line}");
}
