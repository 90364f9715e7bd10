//! The program as evcxr meets it under the names `cargo` and `rustup`, in folders whose names are hard on careless code.

// clippy.toml allows this only inside of test functions.
#![allow(clippy::unwrap_used)]

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use std::{
    fs::{self, File, TryLockError},
    os::unix::fs::{PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};
use tempfile::TempDir;

struct World {
    temporary: TempDir,
    /// Where Rust is installed.
    root: PathBuf,
}

impl World {
    /// A kernel's folder and CARGO_HOME, and evcxr's crate.
    fn new() -> World {
        let temporary = tempfile::Builder::new().prefix("it's a \"ñ\" ").tempdir().unwrap();
        let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().unwrap().stdout;
        let world = World { temporary, root: String::from_utf8(sysroot).unwrap().trim().into() };
        for folder in ["kernel/evcxr/src", "cargo-home/bin", "empty"] {
            fs::create_dir_all(world.path(folder)).unwrap();
        }
        for name in ["cargo", "rustup"] {
            symlink(env!("CARGO_BIN_EXE_evcxr_live"), world.path("cargo-home/bin").join(name)).unwrap();
        }
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.temporary.path().join(name)
    }

    /// One of the stand-ins, with no other programs on PATH than those in `more`.
    fn command(&self, name: &str, more: &Path) -> Command {
        let mut command = Command::new(self.path("cargo-home/bin").join(name));
        let path = std::env::join_paths([&self.path("cargo-home/bin"), more, Path::new("/usr/bin"), Path::new("/bin")]);
        command
            .env("PATH", path.unwrap())
            .env("CARGO_HOME", self.path("cargo-home"))
            .env("EVCXR_TMPDIR", self.path("kernel/evcxr"))
            .env("EVCXR_LIVE_FOLDER", self.path("kernel"))
            .env("EVCXR_LIVE_CARGO", self.root.join("bin/cargo"))
            .env("EVCXR_LIVE_CARGO_HOME", self.path("users-home"))
            .env_remove("RUSTC")
            .env_remove("EVCXR_CORE_EXTERN");
        command
    }

    /// As evcxr calls cargo.
    fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.command("cargo", &self.path("empty"));
        command
            .args(arguments)
            .current_dir(self.path("kernel/evcxr"))
            .env("CARGO_TARGET_DIR", "target")
            .env("RUSTC", self.root.join("bin/rustc"))
            .env("EVCXR_CORE_EXTERN", "core=x");
        command
    }

    fn write(&self, dependencies: &str, source: &str) {
        let crate_folder = self.path("kernel/evcxr");
        let manifest = format!(
            "\n[package]\nname = \"ctx\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[lib]\ncrate-type = [\"cdylib\"]\n\
             path = \"src/lib.rs\"\n\n[profile.dev]\nopt-level = 2\n\n[dependencies]\n{dependencies}\n"
        );
        fs::write(crate_folder.join("Cargo.toml"), manifest).unwrap();
        fs::write(crate_folder.join("src/lib.rs"), source).unwrap();
    }

    /// A package in a folder; returns the line that depends on it.
    fn package(&self, name: &str, build_script: &str) -> String {
        let folder = self.path(name);
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::write(folder.join("src/lib.rs"), "").unwrap();
        fs::write(folder.join("build.rs"), build_script).unwrap();
        fs::write(folder.join("Cargo.toml"), format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n")).unwrap();
        format!("{name} = {{ path = {:?} }}", folder.to_str().unwrap())
    }
}

fn program(path: &Path, script: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn text(output: &Output) -> (String, String) {
    (String::from_utf8_lossy(&output.stdout).trim().to_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn rustup_names_the_stand_in_and_the_real_compiler() {
    let world = World::new();
    let users = world.path("users");
    let ask = |more: &Path, arguments: &[&str]| world.command("rustup", more).args(arguments).output().unwrap();
    let (cargo, _) = text(&ask(&users, &["which", "cargo"]));
    assert_eq!(Path::new(&cargo), world.path("cargo-home/bin/cargo"));
    assert_eq!(Path::new(&text(&ask(&users, &["which", "rustc"])).0), world.root.join("bin/rustc"));

    let nightly = ask(&users, &["+nightly", "which", "cargo"]);
    assert!(!nightly.status.success());
    let (_, message) = text(&nightly);
    assert!(message.starts_with("error: rustup is not installed, or not on PATH"), "{message}");
    program(&users.join("rustup"), "echo \"real rustup: $*\"");
    assert_eq!(text(&ask(&users, &["+nightly", "which", "cargo"])).0, "real rustup: +nightly which cargo");
}

#[test]
fn a_cells_own_cargo_is_the_users() {
    let world = World::new();
    let users = world.path("users");
    program(&users.join("cargo"), "echo \"$CARGO_HOME: $*\"");
    let mut command = world.command("cargo", &users);
    let output = command.args(["+nightly", "metadata"]).current_dir(world.path("empty")).output().unwrap();
    assert_eq!(text(&output).0, format!("{}: +nightly metadata", world.path("users-home").display()));
}

#[test]
fn a_cell_is_compiled_and_evcxrs_files_stay() {
    let world = World::new();
    let line = world.package("one", "fn main() {}");
    world.write(&line, "#[unsafe(no_mangle)] pub extern \"C\" fn f() { let _ = \"ñ\"; }");
    fs::write(world.path("kernel/evcxr/Cargo.lock"), "version = 4\n").unwrap();
    let files = ["Cargo.toml", "src/lib.rs", "Cargo.lock"].map(|name| world.path("kernel/evcxr").join(name));
    let state =
        || files.each_ref().map(|file| (fs::read(file).unwrap(), fs::metadata(file).unwrap().modified().unwrap()));
    let before = state();
    for verb in ["build", "check"] {
        let output = world.cargo(&["--offline", verb, "--message-format=json"]).output().unwrap();
        let (messages, complaints) = text(&output);
        assert!(output.status.success(), "{complaints}");
        assert!(messages.contains("\"src_path\":") && messages.contains("libctx.so"), "{messages}");
        assert!(state() == before, "rust-analyzer would load everything again");
    }
    // rust-analyzer usually names another lock file, but not always.
    let mut analyzer = world.command("cargo", &world.path("empty"));
    let manifest = world.path("kernel/evcxr/Cargo.toml");
    let output = analyzer.args(["metadata", "--format-version=1", "--manifest-path"]).arg(manifest).output().unwrap();
    let (answer, complaints) = text(&output);
    assert!(output.status.success(), "{complaints}");
    assert!(
        answer.contains("\"name\":\"one\"") && fs::read_to_string(&files[2]).unwrap() == "version = 4\n",
        "{answer}"
    );

    world.write(&line, "fn f() -> u8 { 'x' }");
    let output = world.cargo(&["--offline", "check", "--message-format=json"]).output().unwrap();
    let (messages, _) = text(&output);
    assert!(!output.status.success());
    assert!(messages.contains("\"code\":\"E0308\"") && messages.contains("\"file_name\":\"src/lib.rs\""), "{messages}");
}

#[test]
fn a_dependency_that_does_not_exist_is_one_clear_error() {
    let world = World::new();
    let config = "[source.crates-io]\nreplace-with = \"local\"\n[source.local]\ndirectory = \"../../empty\"\n";
    fs::create_dir(world.path("kernel/evcxr/.cargo")).unwrap();
    fs::write(world.path("kernel/evcxr/.cargo/config.toml"), config).unwrap();
    let probe = |line: &str| {
        let manifest = "\n    [package]\n    name = \"evcxr_dummy_validate_dep\"\n    version = \"0.0.1\"\n    edition = \"2024\"\n\n    \
            [lib]\n    path = \"lib.rs\"\n\n    [dependencies]\n    ";
        fs::write(world.path("kernel/evcxr/Cargo.toml"), format!("{manifest}{line}\n    ")).unwrap();
        world.cargo(&["metadata", "--format-version=1"]).output().unwrap()
    };
    let output = probe("randd = \"1\"");
    let (_, message) = text(&output);
    assert!(!output.status.success());
    assert!(message.starts_with("error: no matching package named `randd` found\n"), "{message}");
    let good = probe(&world.package("one", "fn main() {}"));
    assert!(good.status.success(), "{}", text(&good).1);
}

#[test]
fn the_stop_button_ends_a_compilation() {
    let world = World::new();
    let sleep_a_minute = "fn main() { std::thread::sleep(std::time::Duration::from_secs(60)); }";
    world.write(&world.package("slow", sleep_a_minute), "// 1");
    let file = world.path("kernel/compiling");
    let mut cargo = world.cargo(&["--offline", "build"]).stderr(Stdio::piped()).spawn().unwrap();
    let is_building = || {
        fs::read_dir(world.path("kernel/evcxr/target/debug/build/"))
            .is_ok_and(|mut all| all.any(|unit| unit.unwrap().path().join("build-script-build").exists()))
    };
    let since = Instant::now();
    while !is_building() {
        assert!(cargo.try_wait().unwrap().is_none() && since.elapsed() < Duration::from_secs(60));
        sleep(Duration::from_millis(20));
    }
    assert!(matches!(File::open(&file).unwrap().try_lock(), Err(TryLockError::WouldBlock)), "nobody holds it");
    let group: i32 = fs::read_to_string(&file).unwrap().trim().parse().unwrap();
    assert_eq!(group, i32::try_from(cargo.id()).unwrap());
    let since = Instant::now();
    killpg(Pid::from_raw(group), Signal::SIGKILL).unwrap();
    cargo.wait().unwrap();
    while File::open(&file).unwrap().try_lock().is_err() {
        assert!(since.elapsed() < Duration::from_secs(5), "something is still running");
        sleep(Duration::from_millis(5));
    }

    // Until the front has removed the file, nothing starts.
    world.write("", "// 2");
    let interrupt = world.path("kernel/interrupt");
    fs::write(&interrupt, "").unwrap();
    let output = world.cargo(&["--offline", "build"]).output().unwrap();
    assert!(!output.status.success());
    assert_eq!(text(&output).1, "error: interrupted\n");
    fs::remove_file(interrupt).unwrap();
    let output = world.cargo(&["--offline", "build"]).output().unwrap();
    assert!(output.status.success(), "{}", text(&output).1);
}

#[test]
fn what_a_kernel_compiles_goes_to_the_template() {
    let world = World::new();
    let template = world.path("template");
    fs::create_dir(&template).unwrap();
    world.write(&world.package("one", "fn main() {}"), "// 1");
    let output = world.cargo(&["--offline", "build"]).env("EVCXR_LIVE_TEMPLATE", &template).output().unwrap();
    assert!(output.status.success(), "{}", text(&output).1);
    let units = || {
        let units = fs::read_dir(template.join("target/debug/.fingerprint")).into_iter().flatten().flatten();
        let mut names: Vec<_> = units.map(|unit| unit.file_name().to_string_lossy()[..4].to_owned()).collect();
        names.sort();
        names
    };
    let since = Instant::now();
    while units().len() < 3 {
        assert!(since.elapsed() < Duration::from_secs(10));
        sleep(Duration::from_millis(10));
    }
    assert_eq!(units(), ["one-", "one-", "one-"]);
}
