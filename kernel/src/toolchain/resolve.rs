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
pub fn resolve(kernel: &Kernel, cell: &Cell, text: Option<&str>, dependencies: Dependencies, offline: bool) -> Result<()> {
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
    let wanted = lines.iter().find_map(|line| between(line, "failed to get `").or(between(line, "failed to download `")));
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
    let is_needed = |line: &&str| {
        !line.starts_with("required by package `ctx ") && !line.starts_with("Updating ") && !line.starts_with("Locking ")
    };
    let text = message.lines().filter(|line| is_needed(&line.trim())).collect::<Vec<_>>().join("\n");
    let text = text.trim().trim_start_matches("error: ").to_owned();
    if text.starts_with("no matching package") && text.contains("crates.io index") {
        return text + "\nhelp: look for its name at https://crates.io";
    }
    text
}

/// Adds what readers have added to the template's pins, in a kernel's copy of it.
pub fn add_readers_pins(folder: &Path) -> Result<()> {
    let (path, readers) = (folder.join("Cargo.lock"), read_lock(&folder.join(READERS_PINS)));
    let mut pins = read_lock(&path);
    if pins.add(&readers) { replace(&path, &pins.to_string()) } else { Ok(()) }
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
