//! The stand-in for cargo.

use super::{
    cell::Cell,
    compiling,
    kernel::Kernel,
    manifest::{self, CRATE, PROBE},
    metadata, resolve, share,
};
use anyhow::{Context, Result, bail};
use std::{
    env,
    ffi::OsString,
    fs,
    io::{self, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, ExitCode, ExitStatus},
};

/// evcxr sets this for each cargo that it starts; rust-analyzer and the programs in cells don't.
const FROM_EVCXR: &str = "EVCXR_CORE_EXTERN";

/// The file in a kernel's folder that names the folders of the packages on this machine that rust-analyzer has read.
const LOCAL: &str = "local-packages.json";

/// Who calls, and what for.
#[derive(Debug, PartialEq)]
enum Call {
    /// evcxr compiles a cell, or checks it.
    Compile,
    /// evcxr asks about dependencies.
    Ask,
    /// rust-analyzer asks about dependencies.
    Analyze,
    /// Something else about evcxr's crate.
    Other,
    /// A program in a cell, or a build script, has business of its own.
    Foreign,
}

pub fn run(arguments: &[OsString]) -> Result<ExitCode> {
    let kernel = Kernel::from_environment()?;
    let folder = env::current_dir().context("the current folder is gone")?;
    match call(
        arguments,
        &folder,
        env::var_os("EVCXR_TMPDIR").as_deref().map(Path::new),
        env::var_os(FROM_EVCXR).is_some(),
    ) {
        Call::Compile => compile(&kernel, arguments, &folder),
        Call::Ask => ask(&kernel, arguments, &folder),
        Call::Analyze => analyze(&kernel, arguments, &folder),
        Call::Other => Err(kernel.cargo().args(arguments).exec()).context("can't run cargo"),
        Call::Foreign => Err(kernel.become_users_cargo(arguments)),
    }
}

/// `evcxrs` is the folder of evcxr's crate, as far as the environment tells.
fn call(arguments: &[OsString], folder: &Path, evcxrs: Option<&Path>, from_evcxr: bool) -> Call {
    let manifest = value(arguments, "--manifest-path").map(PathBuf::from);
    let verb = arguments.iter().position(|argument| !argument.to_string_lossy().starts_with('-'));
    let verb = verb.and_then(|index| arguments[index].to_str()).unwrap_or_default();
    let has_dependencies = !arguments.iter().any(|argument| argument == "--no-deps");
    let is_package = |wanted: &[&str]| {
        let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        manifest::package(&text).is_some_and(|name| wanted.contains(&name))
    };
    if from_evcxr && manifest.is_none() {
        match verb {
            "build" | "check" if is_package(&[CRATE]) => return Call::Compile,
            "metadata" if has_dependencies && is_package(&[CRATE, PROBE]) => return Call::Ask,
            _ => {}
        }
    }
    let same = |a: &Path, b: &Path| fs::canonicalize(a).is_ok_and(|a| fs::canonicalize(b).is_ok_and(|b| a == b));
    let place = manifest.as_deref().and_then(Path::parent).unwrap_or(folder);
    match (evcxrs.is_some_and(|evcxrs| same(evcxrs, place)), verb) {
        (false, _) => Call::Foreign,
        (true, "metadata") if has_dependencies => Call::Analyze,
        (true, _) => Call::Other,
    }
}

/// The value of an option, in either of its forms.
fn value(arguments: &[OsString], option: &str) -> Option<OsString> {
    let (index, first) = arguments.iter().enumerate().find(|(_, argument)| {
        argument.to_str().map_or(argument.as_os_str() == option, |text| {
            text.strip_prefix(option).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        })
    })?;
    match first.to_str().and_then(|text| text.split_once('=')) {
        Some((_, value)) => Some(value.into()),
        None => arguments.get(index + 1).cloned(),
    }
}

fn compile(kernel: &Kernel, arguments: &[OsString], folder: &Path) -> Result<ExitCode> {
    // Without such a file, only the stop button is less sharp.
    let registered = kernel.folder.as_deref().and_then(|folder| compiling::register(folder).ok());
    if kernel.folder.as_deref().is_some_and(compiling::is_interrupted) {
        bail!("interrupted");
    }
    let cell = Cell::new(folder)?;
    let text = evcxrs_manifest(folder)?;
    cell.write_source()?;
    resolve::resolve(kernel, &cell, Some(&text), manifest::dependencies(&text), is_offline(arguments))?;

    let status = compiler(kernel, &cell, arguments).status();
    drop(registered);
    let status = status.context("can't run cargo")?;
    if let (true, Some(template)) = (status.success(), &kernel.template) {
        share::start(folder, template);
    }
    Ok(exit_code(status))
}

/// The cargo that compiles the cell. To check alone would take another set of compiled dependencies; a type error is
/// found before code is generated.
pub fn compiler(kernel: &Kernel, cell: &Cell, arguments: &[OsString]) -> Command {
    let mut cargo = kernel.cargo();
    cargo.args(
        arguments.iter().map(|argument| if argument == "check" { "build".as_ref() } else { argument.as_os_str() }),
    );
    cargo.arg("--manifest-path").arg(cell.manifest());
    cargo
}

/// evcxr asks whether a dependency exists, or for the names of all. The first is answered for the program that would
/// result, so that the versions are those that it will be compiled with.
fn ask(kernel: &Kernel, arguments: &[OsString], folder: &Path) -> Result<ExitCode> {
    let _registered = kernel.folder.as_deref().and_then(|folder| compiling::register(folder).ok());
    let cell = Cell::new(folder)?;
    let text = evcxrs_manifest(folder)?;
    let mut dependencies = manifest::dependencies(&text);
    if manifest::package(&text) == Some(PROBE) {
        let mut all = cell.last_dependencies();
        all.append(&mut dependencies);
        resolve::resolve(kernel, &cell, None, all, is_offline(arguments))?;
        return Ok(ExitCode::SUCCESS); // evcxr does not read the answer
    }
    resolve::resolve(kernel, &cell, Some(&text), dependencies, is_offline(arguments))?;
    let status = kernel.cargo().args(arguments).arg("--manifest-path").arg(cell.manifest()).status();
    Ok(exit_code(status.context("can't run cargo")?))
}

fn analyze(kernel: &Kernel, arguments: &[OsString], folder: &Path) -> Result<ExitCode> {
    // rust-analyzer has cargo write a copy, unless it does not know how to tell this cargo so.
    let pins = value(arguments, "--manifest-path").map_or_else(|| folder.join("Cargo.lock"), PathBuf::from);
    let pins = pins.with_extension("lock");
    let before = fs::read(&pins).ok();
    let run = |more: &[&str]| {
        let mut cargo = kernel.cargo();
        cargo.args(arguments).args(more);
        resolve::output(cargo)
    };
    let mut output = run(&["--offline"])?;
    if !output.status.success() && !is_offline(arguments) {
        output = run(&[])?;
    }
    if let Some(before) = before
        && fs::read(&pins).is_ok_and(|after| after != before)
    {
        fs::write(&pins, before)?;
    }
    io::stderr().write_all(&output.stderr)?;
    if let (Some(folder), Some(local)) = (&kernel.folder, metadata::local(&output.stdout)) {
        let _ = fs::write(folder.join(LOCAL), serde_json::to_vec(&local)?); // only a spare will miss it
    }
    let answer = metadata::reduce(&output.stdout).unwrap_or(output.stdout);
    io::stdout().write_all(&answer)?;
    Ok(exit_code(output.status))
}

/// The folders of the packages on this machine that the rust-analyzer of the kernel in `folder` has read.
pub fn local_packages(folder: &Path) -> Vec<PathBuf> {
    let text = fs::read(folder.join(LOCAL)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// The names by which cells use their dependencies, where evcxr's crate is `folder`.
pub fn dependencies(folder: &Path) -> Vec<String> {
    let names = manifest::dependencies(&evcxrs_manifest(folder).unwrap_or_default()).into_keys();
    names.map(|name| name.replace('-', "_")).collect()
}

fn evcxrs_manifest(folder: &Path) -> Result<String> {
    let path = folder.join("Cargo.toml");
    fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))
}

fn is_offline(arguments: &[OsString]) -> bool {
    arguments.iter().any(|argument| argument == "--offline")
}

/// A process that a signal killed has no exit code.
fn exit_code(status: ExitStatus) -> ExitCode {
    status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        toolchain::testing::{World, write_package},
        warm::copy::copy_tree,
    };

    #[test]
    fn companions_are_compiled_with_the_template_and_nothing_is_compiled_again() {
        let world = World::new();
        world.publish("a", "1.0.0", "");
        world.publish("b", "1.0.0", "a = \"1\"");
        world.publish("b", "2.0.0", "");
        let outer = world.crate_folder("template");
        let lines = "b = \"1\"\nb_2 = { package = \"b\", version = \"2\" }";
        write_package(&outer.join("companions"), "evcxr_live_companions", "0.0.0", lines);
        let template = Cell::new(&outer).unwrap();
        assert_eq!(world.compile(&template, "2", "", "// 42").unwrap(), ["ctx v1.0.0"]);
        let compiled = world.compile(&template, "2", "a = \"1\"", "// 1").unwrap();
        assert_eq!(compiled, ["a v1.0.0", "b v1.0.0", "b v2.0.0", "ctx v1.0.0", "evcxr_live_companions v0.0.0"]);

        let outer = world.path("kernel");
        fs::create_dir(&outer).unwrap();
        copy_tree(template.outer(), &outer).unwrap();
        let kernel = Cell::new(&outer).unwrap();
        let only_the_cell = ["ctx v1.0.0"];
        assert_eq!(world.compile(&kernel, "2", "", "// 2").unwrap(), only_the_cell);
        assert_eq!(world.compile(&kernel, "2", "a = \"1\"\nb = \"1\"", "pub use b as _;").unwrap(), only_the_cell);
        assert_eq!(world.compile(&kernel, "2", "a = \"1\"\nb = \"2\"", "pub use b as _;").unwrap(), only_the_cell);
        assert_eq!(world.compile(&kernel, "0", "a = \"1\"\nb = \"1\"", "pub use b as _;").unwrap(), only_the_cell);
        assert_eq!(world.call(&kernel, "check", "0", "b = \"1\"", "pub use b as _c;").unwrap(), only_the_cell);
        let error = world.call(&kernel, "check", "0", "b = \"1\"", "fn f() -> u8 { b }").unwrap_err();
        assert!(error.starts_with("src/lib.rs:1:16: error[E0423]"), "{error}");
    }

    #[test]
    fn callers_are_told_apart() {
        let temporary = tempfile::Builder::new().prefix("a ñ'").tempdir().unwrap();
        let (evcxrs, probe, users) =
            (temporary.path().join("evcxr"), temporary.path().join("probe"), temporary.path().join("users"));
        for (folder, name) in [(&evcxrs, CRATE), (&probe, PROBE), (&users, "mine")] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("Cargo.toml"), format!("[package]\nname = \"{name}\"\n")).unwrap();
        }
        let manifest = format!("--manifest-path={}", evcxrs.join("Cargo.toml").display());
        let target = ["--target", "x"];
        for (from_evcxr, folder, line, expected) in [
            (true, &evcxrs, vec!["build", "--message-format=json"], Call::Compile),
            (true, &evcxrs, vec!["--offline", "check"], Call::Compile),
            (true, &evcxrs, vec!["metadata", "--format-version", "1"], Call::Ask),
            (true, &probe, vec!["metadata", "--format-version=1"], Call::Ask),
            (true, &evcxrs, vec!["clean"], Call::Other),
            (true, &users, vec!["build"], Call::Foreign), // a build script's
            (false, &evcxrs, vec!["metadata", &manifest], Call::Analyze),
            (false, &evcxrs, vec!["metadata", "--no-deps", &manifest], Call::Other),
            (false, &evcxrs, vec!["locate-project", "--workspace", &manifest], Call::Other),
            (false, &users, vec!["metadata"], Call::Foreign),
            (false, &users, vec!["+nightly", "build"], Call::Foreign),
        ] {
            let arguments: Vec<OsString> = line.iter().chain(&target).map(OsString::from).collect();
            assert_eq!(call(&arguments, folder, Some(&evcxrs), from_evcxr), expected, "{line:?}");
        }
    }
}
