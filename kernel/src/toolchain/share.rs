//! Adds to the template what a reader's `:dep` lines have compiled, so that the next kernel starts with it.
//!
//! Each compiled *unit* of a package is a folder `NAME-HASH` in `.fingerprint/`; its outputs elsewhere have the same
//! hash in their names. A kernel may be copying the template at any moment: only new names are added, each at once, and
//! the fingerprints last. A kernel that copies fingerprints first never has one without its outputs.

use super::{
    lock::Lock,
    manifest::CRATE,
    resolve::{READERS_PINS, read_lock},
};
use crate::warm::copy::{copy_file, copy_tree};
use anyhow::{Context, Result};
use std::{
    collections::HashSet,
    env,
    ffi::OsString,
    fs::{self, File},
    io,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

/// By this name, this program is the process that shares.
pub const NAME: &str = "evcxr_live_share";
const FINGERPRINTS: &str = ".fingerprint";

/// After a successful compilation in `folder`, starts a process that adds what is new to the template. It outlives the
/// cell; nobody waits for it, or minds if it fails.
pub fn start(folder: &Path, template: &Path) {
    let units = new_units(folder, template);
    let Ok(this) = env::current_exe() else { return };
    if units.is_empty() {
        return;
    }
    let mut command = Command::new(this);
    command.arg0(NAME).arg(folder).arg(template).args(units);
    let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn();
}

/// The units that the kernel has and the template lacks, as paths of their fingerprints in either.
fn new_units(folder: &Path, template: &Path) -> Vec<PathBuf> {
    let mut units = Vec::new();
    for place in places(folder) {
        let own = names(&folder.join(&place).join(FINGERPRINTS));
        let known: HashSet<_> = names(&template.join(&place).join(FINGERPRINTS)).into_iter().collect();
        let is_cells = |name: &OsString| name.to_string_lossy().rsplit_once('-').is_none_or(|(name, _)| name == CRATE);
        let new = own.into_iter().filter(|name| !known.contains(name) && !is_cells(name));
        units.extend(new.map(|name| place.join(FINGERPRINTS).join(name)));
    }
    units.retain(|unit| is_complete(&folder.join(unit)));
    units
}

/// Files and folders of a template whose times change whenever something is added to what it holds.
pub fn changes_with_what_is_compiled(template: &Path) -> Vec<PathBuf> {
    let fingerprints = places(template).into_iter().map(|place| template.join(place).join(FINGERPRINTS));
    fingerprints.chain(Some(template.join(READERS_PINS)).filter(|pins| pins.exists())).collect()
}

/// Where cargo compiles for this machine and for each other platform, below `folder`.
fn places(folder: &Path) -> Vec<PathBuf> {
    let target = Path::new("target");
    let platforms = names(&folder.join(target)).into_iter().map(|name| target.join(name).join("debug"));
    let mut places: Vec<_> = platforms.chain([target.join("debug")]).collect();
    places.retain(|place| folder.join(place).join(FINGERPRINTS).is_dir());
    places
}

fn names(folder: &Path) -> Vec<OsString> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect()
}

/// Cargo empties a fingerprint before it compiles, and writes it when it has succeeded.
fn is_complete(fingerprint: &Path) -> bool {
    names(fingerprint).iter().any(|name| {
        let json = fingerprint.join(name);
        json.extension().is_some_and(|extension| extension == "json")
            && fs::metadata(json.with_extension("")).is_ok_and(|hash| hash.len() > 0)
    })
}

pub fn run(arguments: &[OsString]) -> Result<ExitCode> {
    let [folder, template, units @ ..] = arguments else { anyhow::bail!("usage: {NAME} FOLDER TEMPLATE UNIT...") };
    let units: Vec<_> = units.iter().map(PathBuf::from).collect();
    share(Path::new(folder), Path::new(template), &units)?;
    Ok(ExitCode::SUCCESS)
}

fn share(folder: &Path, template: &Path, units: &[PathBuf]) -> Result<()> {
    let beside = template.parent().context("the template is the root folder")?;
    // One kernel at a time. What is half copied lies outside the template.
    let one = File::create(beside.join("sharing.lock"))?;
    one.lock()?;
    let staging = beside.join("sharing");
    let _ = fs::remove_dir_all(&staging); // left by a process that was killed
    fs::create_dir(&staging)?;
    let result = share_pins(folder, template, &staging)
        .and_then(|agrees| if agrees { share_units(folder, template, &staging, units) } else { Ok(()) });
    fs::remove_dir_all(&staging)?;
    result
}

/// Adds the versions that are new. Returns whether the kernel's versions include all of the template's: if a `:dep` has
/// forced another version, what was compiled with it would serve no other kernel.
fn share_pins(folder: &Path, template: &Path, staging: &Path) -> Result<bool> {
    let (own, fixed) = (read_lock(&folder.join("Cargo.lock")), read_lock(&template.join("Cargo.lock")));
    if !own.includes(&fixed) {
        return Ok(false);
    }
    let readers = template.join(READERS_PINS);
    let mut pins: Lock = read_lock(&readers);
    if pins.add(&own.without(&fixed)) {
        let new = staging.join(READERS_PINS);
        fs::write(&new, pins.to_string())?;
        fs::rename(new, readers)?;
    }
    Ok(true)
}

fn share_units(folder: &Path, template: &Path, staging: &Path, units: &[PathBuf]) -> Result<()> {
    for place in places(folder) {
        let (own, shared) = (folder.join(&place), template.join(&place));
        let fingerprints = place.join(FINGERPRINTS);
        let units: Vec<_> = units.iter().filter_map(|unit| unit.strip_prefix(&fingerprints).ok()).collect();
        let hashes: HashSet<_> = units.iter().filter_map(|unit| hash(&unit.to_string_lossy())).collect();
        for part in ["deps", "build", FINGERPRINTS] {
            fs::create_dir_all(shared.join(part))?;
        }
        for name in names(&own.join("deps")) {
            let stem = name.to_string_lossy();
            let stem = stem.split_once('.').map_or(&*stem, |(stem, _)| stem);
            if hash(stem).is_some_and(|hash| hashes.contains(&hash)) {
                let from = own.join("deps").join(&name);
                add(&from, &staging.join(&name), &shared.join("deps").join(&name))?;
            }
        }
        for part in ["build", FINGERPRINTS] {
            for unit in &units {
                let from = own.join(part).join(unit);
                if from.is_dir() {
                    add(&from, &staging.join(unit), &shared.join(part).join(unit))?;
                }
            }
        }
    }
    Ok(())
}

fn hash(name: &str) -> Option<String> {
    Some(name.rsplit_once('-')?.1.to_owned())
}

/// Adds a file or folder to the template, at once, unless there is one of that name.
fn add(from: &Path, staged: &Path, to: &Path) -> io::Result<()> {
    if to.exists() {
        return Ok(());
    }
    if from.is_dir() {
        fs::create_dir(staged)?;
        copy_tree(from, staged)?;
    } else {
        copy_file(from, staged)?;
    }
    fs::rename(staged, to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::toolchain::{cell::Cell, collect_pins, testing::World};

    /// A template in which `a` is compiled, and a kernel's copy of it in which `b` is compiled too.
    fn template_and_kernel(world: &World) -> (Cell, Cell) {
        world.publish("a", "1.0.0", "");
        world.publish("b", "1.0.0", "a = \"1\"");
        fs::write(world.path("registry/b-1.0.0/build.rs"), "fn main() {}").unwrap();
        let template = world.cell("template");
        assert_eq!(world.compile(&template, "2", "a = \"1\"", "// 1").unwrap(), ["a v1.0.0", "ctx v1.0.0"]);
        let kernel = start(&template, &world.path("kernel"));
        assert_eq!(world.compile(&kernel, "2", "a = \"1\"\nb = \"1\"", "// 2").unwrap(), ["b v1.0.0", "ctx v1.0.0"]);
        (template, kernel)
    }

    fn start(template: &Cell, folder: &Path) -> Cell {
        fs::create_dir(folder).unwrap();
        copy_tree(template.outer(), folder).unwrap();
        collect_pins(folder).unwrap();
        Cell::new(folder).unwrap()
    }

    #[test]
    fn the_next_kernel_starts_with_what_this_one_has_compiled() {
        let world = World::new();
        let (template, kernel) = template_and_kernel(&world);
        let fixed = fs::read_to_string(template.pins()).unwrap();
        let units = new_units(kernel.outer(), template.outer());
        assert_eq!(units.len(), 3, "a library, a build script and its run: {units:?}");
        share(kernel.outer(), template.outer(), &units).unwrap();
        assert_eq!(new_units(kernel.outer(), template.outer()), [""; 0].map(PathBuf::from));
        assert_eq!(fs::read_to_string(template.pins()).unwrap(), fixed);
        share(kernel.outer(), template.outer(), &units).unwrap(); // as another kernel may, at the same time

        // What is newest by now does not matter.
        world.publish("b", "1.0.1", "");
        let next = start(&template, &world.path("next"));
        assert_eq!(world.compile(&next, "2", "a = \"1\"\nb = \"1\"", "// 3").unwrap(), ["ctx v1.0.0"]);
        let mut left: Vec<_> = fs::read_dir(world.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["kernel", "next", "registry", "sharing.lock", "template"]);
    }

    #[test]
    fn a_template_keeps_its_versions() {
        let world = World::new();
        let (template, kernel) = template_and_kernel(&world);
        world.publish("a", "1.0.1", "");
        world.publish("c", "1.0.0", "a = \"1.0.1\"");
        let compiled = world.compile(&kernel, "2", "a = \"1\"\nc = \"1\"", "// 3").unwrap();
        assert_eq!(compiled, ["a v1.0.1", "c v1.0.0", "ctx v1.0.0"]);
        let before = fs::read_dir(template.outer().join("target/debug/.fingerprint")).unwrap().count();
        share(kernel.outer(), template.outer(), &new_units(kernel.outer(), template.outer())).unwrap();
        assert_eq!(fs::read_dir(template.outer().join("target/debug/.fingerprint")).unwrap().count(), before);
        assert!(!template.outer().join(READERS_PINS).exists());
    }

    #[test]
    fn what_failed_to_compile_is_no_unit() {
        let world = World::new();
        let (template, kernel) = template_and_kernel(&world);
        world.publish("broken", "1.0.0", "");
        fs::write(world.path("registry/broken-1.0.0/src/lib.rs"), "!").unwrap();
        let before = new_units(kernel.outer(), template.outer());
        world.compile(&kernel, "2", "broken = \"1\"", "// 3").unwrap_err();
        assert!(
            names(&kernel.outer().join("target/debug/.fingerprint"))
                .iter()
                .any(|name| name.to_string_lossy().starts_with("broken-"))
        );
        assert_eq!(new_units(kernel.outer(), template.outer()), before);
    }
}
