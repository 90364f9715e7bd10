//! Which versions the dependencies of cells have.
//!
//! Cargo forgets the versions of whatever a manifest does not name, and evcxr's manifests name now one dependency, now
//! all. So the versions are kept apart as *pins*, and a manifest that names something new is resolved with them: first
//! from what has been downloaded, and only if that fails over the network.

use super::{
    cell::{Cell, write_if_changed},
    explain::explain,
    kernel::Kernel,
    lock::Lock,
    manifest::{self, COMPANIONS, Dependencies},
};
use anyhow::{Context, Result, anyhow};
use std::{
    env, fs, io,
    path::Path,
    process::{Command, Output, Stdio},
};

/// What readers have added to a template's Cargo.lock, beside it.
pub const READERS_PINS: &str = "readers.lock";

/// Makes the cell's manifest, of `text` and `dependencies`, and a lock file that is complete for it.
///
/// # Errors
/// When there are no such versions, or they can't be downloaded.
pub fn resolve(
    kernel: &Kernel,
    cell: &Cell,
    text: Option<&str>,
    dependencies: Dependencies,
    offline: bool,
) -> Result<()> {
    let path = cell.manifest();
    let before = fs::read_to_string(&path).ok();
    let dependencies = cell.with_companions(dependencies);
    let is_same = before.as_deref().is_some_and(|before| manifest::dependencies(before) == dependencies);
    let made = manifest::for_cells(text.or(before.as_deref()), &dependencies);
    write_if_changed(&path, &made)?;
    let known = manifest::dependencies(&fs::read_to_string(cell.known()).unwrap_or_default());
    let is_known = dependencies.iter().all(|(name, rest)| known.get(name) == Some(rest));
    if is_same && is_known && cell.lock().exists() {
        return Ok(());
    }
    // A failure must leave the old manifest, and no lock file that might be taken for complete.
    let result = if is_known {
        copy_pins(cell) // that is all that cargo needs
    } else {
        resolve_anew(kernel, cell, &dependencies, &known, offline)
    };
    if result.is_err() {
        let _ = fs::remove_file(cell.lock());
        match before {
            Some(before) => fs::write(&path, before)?,
            None => fs::remove_file(&path)?,
        }
    }
    result
}

/// `known` are the dependencies for which the pins are complete.
fn resolve_anew(
    kernel: &Kernel,
    cell: &Cell,
    dependencies: &Dependencies,
    known: &Dependencies,
    offline: bool,
) -> Result<()> {
    let run = |more: &[&str]| -> Result<Output> {
        copy_pins(cell)?;
        let mut cargo = kernel.cargo();
        // For all platforms: cargo replaces a pin that has not been downloaded when it can't ask the network.
        cargo.args(["metadata", "--format-version=1", "--manifest-path"]).arg(cell.manifest()).args(more);
        cargo.current_dir(cell.outer()); // has settings of evcxr's
        output(cargo)
    };
    let resolved = || read_lock(&cell.lock());
    let mut pins = read_lock(&cell.pins());
    let mut answer = run(&["--offline"])?;
    if !offline && (!answer.status.success() || pins.is_replaced_by(&resolved())) {
        let online = run(&[])?;
        // Without a network, another version is better than none.
        answer = if answer.status.success() && !online.status.success() { run(&["--offline"])? } else { online };
    }
    let message = String::from_utf8_lossy(&answer.stderr);
    if !answer.status.success() {
        let new = dependencies.iter().filter(|(name, rest)| known.get(*name) != Some(rest));
        let new: Vec<_> = new.map(|(name, _)| name.as_str()).filter(|name| *name != COMPANIONS).collect();
        return Err(anyhow!(explain(&message, &new)));
    }
    eprint!("{message}"); // evcxr looks for a warning
    if pins.add(&resolved()) {
        replace(&cell.pins(), &pins.to_string())?;
    }
    let lines: String = dependencies.iter().map(|(name, rest)| format!("{name} = {rest}\n")).collect();
    fs::write(cell.known(), format!("[dependencies]\n{lines}"))?;
    Ok(())
}

fn copy_pins(cell: &Cell) -> Result<()> {
    match fs::copy(cell.pins(), cell.lock()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let _ = fs::remove_file(cell.lock()); // there may be none either
            Ok(())
        }
        copied => copied.map(drop).with_context(|| format!("can't write {}; is the disk full?", cell.lock().display())),
    }
}

/// Runs a cargo that may ask the network. A reader waits: what cannot be reached is said at once.
pub fn output(mut cargo: Command) -> Result<Output> {
    for (name, value) in [("CARGO_NET_RETRY", "1"), ("CARGO_HTTP_TIMEOUT", "10")] {
        if env::var_os(name).is_none() {
            cargo.env(name, value);
        }
    }
    let failed = format!("can't run {}", Path::new(cargo.get_program()).display());
    cargo.stdin(Stdio::null()).output().context(failed)
}

/// Collects a crate's pins in its Cargo.lock: to those that are there, it adds the companions' and the readers'.
pub fn collect_pins(folder: &Path) -> Result<()> {
    let path = folder.join("Cargo.lock");
    let mut pins = read_lock(&path);
    let mut is_new = pins.add(&read_lock(&folder.join("companions/Cargo.lock")));
    is_new |= pins.add(&read_lock(&folder.join(READERS_PINS)));
    if is_new { replace(&path, &pins.to_string()) } else { Ok(()) }
}

/// The packages in a lock file; none if it isn't there.
pub fn read_lock(path: &Path) -> Lock {
    Lock::parse(&fs::read_to_string(path).unwrap_or_default())
}

/// Writes a file so that whoever reads it sees either the old or the new one.
fn replace(path: &Path, text: &str) -> Result<()> {
    let new = path.with_extension("new");
    let written = fs::write(&new, text).and_then(|()| fs::rename(&new, path));
    written.with_context(|| format!("can't write {}; is the disk full?", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolchain::testing::{World, evcxrs_manifest, write_package};
    use std::{
        os::unix::fs::PermissionsExt,
        time::{Duration, Instant},
    };

    /// Resolves these lines, as evcxr has written them.
    fn resolve_lines(world: &World, cell: &Cell, lines: &str) -> Result<()> {
        let text = evcxrs_manifest("2", lines);
        resolve(&world.kernel, cell, Some(&text), manifest::dependencies(&text), false)
    }

    fn locked(cell: &Cell) -> Vec<String> {
        let text = fs::read_to_string(cell.lock()).unwrap();
        let mut lines = text.lines();
        let mut found = Vec::new();
        while let Some(line) = lines.next() {
            if let (Some(name), Some(version)) = (line.strip_prefix("name = "), lines.clone().next()) {
                found.push(format!("{name} {}", version.trim_start_matches("version = ")).replace('"', ""));
            }
        }
        found
    }

    /// Runs cargo as a compilation does, after which the lock file has nothing but what the manifest names.
    fn prune(world: &World, cell: &Cell) {
        let mut cargo = world.kernel.cargo();
        cargo.args(["metadata", "--format-version=1", "--offline", "--manifest-path"]).arg(cell.manifest());
        assert!(cargo.current_dir(cell.outer()).output().unwrap().status.success());
    }

    #[test]
    fn pins_hold_whatever_a_manifest_names() {
        let world = World::new();
        world.publish("a", "1.0.0", "");
        let cell = world.cell("evcxr");
        resolve_lines(&world, &cell, "a = \"1\"").unwrap();
        prune(&world, &cell);
        assert_eq!(locked(&cell), ["a 1.0.0", "ctx 1.0.0"]);

        world.publish("a", "1.0.1", "");
        world.publish("b", "1.0.0", "a = \"1\"");
        resolve_lines(&world, &cell, "").unwrap();
        prune(&world, &cell);
        assert_eq!(locked(&cell), ["ctx 1.0.0"]);
        resolve_lines(&world, &cell, "a = \"1\"\nb = \"1\"").unwrap();
        prune(&world, &cell);
        assert_eq!(locked(&cell), ["a 1.0.0", "b 1.0.0", "ctx 1.0.0"]);
    }

    #[test]
    fn a_pin_is_replaced_only_if_it_must_be_and_after_the_network_was_asked() {
        let mut world = World::new();
        let calls = world.path("calls");
        let script =
            format!("#!/bin/sh\necho \"$*\" >>\"${{0%/*}}/calls\"\nexec '{}' \"$@\"\n", world.kernel.cargo.display());
        fs::write(world.path("cargo"), script).unwrap();
        fs::set_permissions(world.path("cargo"), fs::Permissions::from_mode(0o755)).unwrap();
        world.kernel.cargo = world.path("cargo");
        let asked = || {
            let text = fs::read_to_string(&calls).unwrap();
            fs::remove_file(&calls).unwrap();
            text.lines().map(|line| !line.contains("--offline")).collect::<Vec<_>>()
        };
        world.publish("a", "1.0.0", "");
        let cell = world.cell("evcxr");
        resolve_lines(&world, &cell, "a = \"1\"").unwrap();
        assert_eq!(asked(), [false]);
        world.publish("a", "1.0.1", "");
        world.publish("b", "1.0.0", "a = \"1.0.1\"");
        resolve_lines(&world, &cell, "a = \"1\"\nb = \"1\"").unwrap();
        assert_eq!(asked(), [false, true]);
        assert_eq!(locked(&cell), ["a 1.0.1", "b 1.0.0", "ctx 1.0.0"]);
    }

    #[test]
    fn a_known_manifest_costs_nothing() {
        let mut world = World::new();
        world.publish("a", "1.0.0", "");
        world.publish("b", "1.0.0", "");
        let cell = world.cell("evcxr");
        resolve_lines(&world, &cell, "a = \"1\"\nb = \"1\"").unwrap();
        world.kernel.cargo = world.path("no cargo");
        for lines in ["a = \"1\"\nb = \"1\"", "", "b = \"1\"", "b = \"1\"\na = \"1\""] {
            resolve_lines(&world, &cell, lines).unwrap();
        }
        let message = resolve_lines(&world, &cell, "a = \"1.0.0\"").unwrap_err().to_string();
        assert!(message.starts_with("can't run "), "{message}");
    }

    #[test]
    fn a_failure_is_explained_and_leaves_everything_as_it_was() {
        let world = World::new();
        world.publish("a", "1.0.0", "");
        let cell = world.cell("evcxr");
        resolve_lines(&world, &cell, "a = \"1\"").unwrap();
        let (manifest, pins) = (fs::read_to_string(cell.manifest()).unwrap(), fs::read_to_string(cell.pins()).unwrap());
        for (lines, expected) in [
            ("a = \"1\"\nrandd = \"1\"", "no matching package named `randd` found"),
            ("a = \"7\"", "failed to select a version for the requirement `a = \"^7\"`"),
        ] {
            let message = resolve_lines(&world, &cell, lines).unwrap_err().to_string();
            assert!(message.starts_with(expected), "{message}");
            assert!(!message.contains("ctx"), "{message}");
            assert_eq!(fs::read_to_string(cell.manifest()).unwrap(), manifest);
            assert_eq!(fs::read_to_string(cell.pins()).unwrap(), pins);
        }
        resolve_lines(&world, &cell, "a = \"1\"").unwrap();
        prune(&world, &cell);
        assert_eq!(locked(&cell), ["a 1.0.0", "ctx 1.0.0"]);
    }

    #[test]
    fn without_a_network_the_crate_is_named_at_once() {
        let world = World::new();
        let cell = world.cell("evcxr");
        let config =
            "[source.crates-io]\nreplace-with = \"gone\"\n[source.gone]\nregistry = \"sparse+http://127.0.0.1:9/\"\n";
        fs::write(cell.outer().join(".cargo/config.toml"), config).unwrap();
        let since = Instant::now();
        let message = resolve_lines(&world, &cell, "rand = \"0.9\"").unwrap_err().to_string();
        assert!(since.elapsed() < Duration::from_secs(8));
        let (first, help) = message.split_once('\n').unwrap();
        assert!(first.starts_with("can't download `rand`: "), "{message}");
        assert_eq!(help, "help: check its name and the network, and run the cell again");
    }

    #[test]
    fn all_pins_are_collected() {
        let world = World::new();
        let folder = world.crate_folder("evcxr");
        collect_pins(&folder).unwrap();
        assert!(!folder.join("Cargo.lock").exists());
        write_package(&folder.join("companions"), "evcxr_live_companions", "0.0.0", "");
        for (path, name) in [("Cargo.lock", "a"), ("companions/Cargo.lock", "b"), (READERS_PINS, "c")] {
            let package = format!("[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\n");
            fs::write(folder.join(path), format!("version = 4\n\n{package}")).unwrap();
        }
        collect_pins(&folder).unwrap();
        let pins = fs::read_to_string(folder.join("Cargo.lock")).unwrap();
        assert_eq!(
            pins.lines().filter(|line| line.starts_with("name")).collect::<String>(),
            "name = \"a\"name = \"b\"name = \"c\""
        );
    }
}
