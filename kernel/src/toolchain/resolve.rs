//! Which versions the dependencies of cells have.
//!
//! Cargo forgets the versions of whatever a manifest does not name, and evcxr's manifests name now one dependency, now
//! all. So the versions are kept apart as *pins*, and a manifest that names something new is resolved with them: first
//! from what has been downloaded, and only if that fails over the network.

use super::{
    cell::{Cell, write_if_changed},
    kernel::Kernel,
    lock::Lock,
    manifest::{self, Dependencies},
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
    if is_same && cell.lock().exists() && is_known(cell, &dependencies) {
        return Ok(());
    }
    // A failure must leave the old manifest, and no lock file that might be taken for complete.
    let result = resolve_anew(kernel, cell, &dependencies, offline);
    if result.is_err() {
        let _ = fs::remove_file(cell.lock());
        match before {
            Some(before) => fs::write(&path, before)?,
            None => fs::remove_file(&path)?,
        }
    }
    result
}

fn resolve_anew(kernel: &Kernel, cell: &Cell, dependencies: &Dependencies, offline: bool) -> Result<()> {
    match fs::copy(cell.pins(), cell.lock()) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        copied => _ = copied.with_context(|| format!("can't write {}; is the disk full?", cell.lock().display()))?,
    }
    if is_known(cell, dependencies) {
        return Ok(()); // the pins are all that cargo needs
    }
    let output = offline_first(offline, |more| {
        let mut cargo = kernel.cargo();
        cargo.args(["metadata", "--format-version=1", "--manifest-path"]).arg(cell.manifest()).args(more);
        if let Some(host) = &kernel.host {
            cargo.arg("--filter-platform").arg(host);
        }
        cargo.current_dir(cell.outer()); // has settings of evcxr's
        cargo
    })?;
    let message = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(anyhow!(explain(&message)));
    }
    eprint!("{message}"); // evcxr looks for a warning
    let resolved = Lock::parse(&fs::read_to_string(cell.lock())?);
    let mut pins = read_lock(&cell.pins());
    if pins.add(&resolved) {
        replace(&cell.pins(), &pins.to_string())?;
    }
    let lines: String = dependencies.iter().map(|(name, rest)| format!("{name} = {rest}\n")).collect();
    fs::write(cell.known(), format!("[dependencies]\n{lines}"))?;
    Ok(())
}

/// Whether the pins are complete for these dependencies.
fn is_known(cell: &Cell, dependencies: &Dependencies) -> bool {
    let known = manifest::dependencies(&fs::read_to_string(cell.known()).unwrap_or_default());
    dependencies.iter().all(|(name, rest)| known.get(name) == Some(rest))
}

/// Runs the cargo that `command` makes without the network, and then, if that fails, with it.
pub fn offline_first(offline: bool, command: impl Fn(&[&str]) -> Command) -> Result<Output> {
    let run = |more: &[&str]| {
        let mut cargo = command(more);
        // A reader waits: what cannot be reached is said at once.
        for (name, value) in [("CARGO_NET_RETRY", "1"), ("CARGO_HTTP_TIMEOUT", "10")] {
            if env::var_os(name).is_none() {
                cargo.env(name, value);
            }
        }
        let failed = format!("can't run {}", Path::new(cargo.get_program()).display());
        cargo.stdin(Stdio::null()).output().context(failed)
    };
    let output = run(&["--offline"])?;
    if output.status.success() || offline { Ok(output) } else { run(&[]) }
}

/// Cargo's message, with what a reader can do about it.
fn explain(message: &str) -> String {
    let lines: Vec<_> = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let between = |line: &str, start: &str| Some(line.split_once(start)?.1.split_once('`')?.0.to_owned());
    let wanted =
        lines.iter().find_map(|line| between(line, "failed to get `").or(between(line, "failed to download `")));
    let is_network = |line: &&&str| {
        line.starts_with('[') && line.contains("] ") // a numbered error of curl
            || line.contains("network failure") || line.contains("failed to resolve address")
    };
    if let Some(cause) = lines.iter().rfind(is_network) {
        let cause = cause.rsplit_once(" (").map_or(*cause, |(_, cause)| cause.trim_end_matches(')'));
        let wanted = wanted.map_or_else(|| "a crate".to_owned(), |name| format!("the crate `{name}`"));
        return format!(
            "can't download {wanted}: {cause}\nhelp: check its name and the network, and run the cell again"
        );
    }
    // Cargo lists all versions first, which may be hundreds.
    if let Some(index) = lines.iter().position(|line| line.ends_with("does not have that feature.")) {
        let (name, feature) = (between(lines[index], "depends on `"), between(lines[index], "with feature `"));
        if let (Some(name), Some(feature)) = (name, feature) {
            let others = lines.get(index + 1).filter(|line| line.starts_with("available features"));
            return format!("`{name}` does not have the feature `{feature}`\n{}", others.unwrap_or(&""))
                .trim_end()
                .to_owned();
        }
    }
    let is_needed = |line: &&str| {
        !line.starts_with("required by package `ctx ")
            && !line.starts_with("Updating ")
            && !line.starts_with("Locking ")
    };
    let text = message.lines().filter(|line| is_needed(&line.trim())).collect::<Vec<_>>().join("\n");
    let text = text.trim().trim_start_matches("error: ").to_owned();
    if text.starts_with("no matching package") && text.contains("crates.io index") {
        return text + "\nhelp: look for its name at https://crates.io";
    }
    text
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
    use std::time::{Duration, Instant};

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
        // Something new needs a newer version of what is there: it gets it, rather than fails.
        world.publish("c", "1.0.0", "a = \"1.0.1\"");
        resolve_lines(&world, &cell, "a = \"1\"\nb = \"1\"\nc = \"1\"").unwrap();
        assert_eq!(locked(&cell), ["a 1.0.1", "b 1.0.0", "c 1.0.0", "ctx 1.0.0"]);
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
        assert!(first.starts_with("can't download the crate `rand`: "), "{message}");
        assert_eq!(help, "help: check its name and the network, and run the cell again");
    }

    #[test]
    fn cargos_own_words_are_understood() {
        let unknown = "    Updating crates.io index\nerror: no matching package named `randd` found\nlocation searched: crates.io index\n\
            required by package `ctx v1.0.0 (/a)`\n";
        assert_eq!(
            explain(unknown),
            "no matching package named `randd` found\nlocation searched: crates.io index\n\
             help: look for its name at https://crates.io"
        );
        let cut_off = "error: failed to get `rand` as a dependency of package `ctx v1.0.0 (/a)`\n\nCaused by:\n  download of config.json failed\n\n\
            Caused by:\n  [6] Could not resolve hostname (Could not resolve host: index.crates.io)\n";
        let no_feature = "error: failed to select a version for `serde`.\n    ... required by package `ctx v1.0.0 (/a)`\nversions that meet the requirements `^1` are: 1.0.229, 1.0.228\n\n\
            package `ctx` depends on `serde` with feature `nosuch` but `serde` does not have that feature.\n available features: alloc, std\n\n\n\
            failed to select a version for `serde` which could resolve this conflict\n";
        assert_eq!(explain(no_feature), "`serde` does not have the feature `nosuch`\navailable features: alloc, std");
        assert_eq!(
            explain(cut_off),
            "can't download the crate `rand`: Could not resolve host: index.crates.io\n\
             help: check its name and the network, and run the cell again"
        );
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
