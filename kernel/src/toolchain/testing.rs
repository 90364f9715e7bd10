//! Crates to resolve and compile without a network, for tests.

use super::{cargo, cell::Cell, kernel::Kernel, manifest, resolve};
use std::{ffi::OsString, fs, path::Path, process::Command};
use tempfile::TempDir;

/// A folder with all that a test needs, below a name that is hard on careless code.
pub struct World {
    folder: TempDir,
    pub kernel: Kernel,
}

impl World {
    pub fn new() -> World {
        let folder = tempfile::Builder::new().prefix("it's a \"ñ\" ").tempdir().unwrap();
        let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().unwrap().stdout;
        let cargo = Path::new(String::from_utf8(sysroot).unwrap().trim()).join("bin/cargo");
        fs::create_dir_all(folder.path().join("registry")).unwrap();
        World { folder, kernel: Kernel { cargo, folder: None, template: None } }
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Publishes a crate, with these lines below `[dependencies]`.
    pub fn publish(&self, name: &str, version: &str, dependencies: &str) {
        let folder = self.path("registry").join(format!("{name}-{version}"));
        write_package(&folder, name, version, dependencies);
        let checksum = format!("{:0>64}", version.replace('.', ""));
        fs::write(folder.join(".cargo-checksum.json"), format!("{{\"files\": {{}}, \"package\": \"{checksum}\"}}"))
            .unwrap();
    }

    /// evcxr's crate, in the folder `name`, where crates.io is the local registry.
    pub fn crate_folder(&self, name: &str) -> std::path::PathBuf {
        let folder = self.path(name);
        fs::create_dir_all(folder.join(".cargo")).unwrap();
        fs::create_dir_all(folder.join("src")).unwrap();
        // Absolute, so that it is the same for all: cargo records it for each package.
        let registry = self.path("registry");
        let config = format!(
            "[source.crates-io]\nreplace-with = \"local\"\n[source.local]\ndirectory = {:?}\n",
            registry.to_str().unwrap()
        );
        fs::write(folder.join(".cargo/config.toml"), config).unwrap();
        fs::write(folder.join("src/lib.rs"), "").unwrap();
        folder
    }

    pub fn cell(&self, name: &str) -> Cell {
        Cell::new(&self.crate_folder(name)).unwrap()
    }

    /// Compiles a cell with these lines of dependencies, as evcxr does. Returns the packages that were compiled, or the
    /// first error.
    pub fn compile(
        &self,
        cell: &Cell,
        opt_level: &str,
        dependencies: &str,
        source: &str,
    ) -> Result<Vec<String>, String> {
        self.call(cell, "build", opt_level, dependencies, source)
    }

    pub fn call(
        &self,
        cell: &Cell,
        verb: &str,
        opt_level: &str,
        lines: &str,
        source: &str,
    ) -> Result<Vec<String>, String> {
        fs::write(cell.outer().join("src/lib.rs"), source).unwrap();
        let text = evcxrs_manifest(opt_level, lines);
        cell.write_source().unwrap();
        resolve::resolve(&self.kernel, cell, Some(&text), manifest::dependencies(&text), false).unwrap();
        let arguments = [verb, "--offline", "--message-format=short"].map(OsString::from);
        let mut cargo = cargo::compiler(&self.kernel, cell, &arguments);
        let output = cargo.current_dir(cell.outer()).env("CARGO_TARGET_DIR", "target").output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        if !output.status.success() {
            return Err(message.lines().find(|line| line.contains("error")).unwrap_or(&message).to_owned());
        }
        let compiled = message.lines().filter_map(|line| line.trim().strip_prefix("Compiling "));
        let mut names: Vec<_> = compiled.map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
        names.sort();
        Ok(names)
    }
}

pub fn write_package(folder: &Path, name: &str, version: &str, dependencies: &str) {
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/lib.rs"), "").unwrap();
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
}

/// A manifest as evcxr writes it.
pub fn evcxrs_manifest(opt_level: &str, dependencies: &str) -> String {
    format!(
        "\n[package]\nname = \"ctx\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[lib]\ncrate-type = [\"cdylib\"]\npath = \"src/lib.rs\"\n\n\
         [profile.dev]\nopt-level = {opt_level}\nincremental = true\n\n[dependencies]\n{dependencies}\n"
    )
}
