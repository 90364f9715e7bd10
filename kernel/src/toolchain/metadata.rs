//! `cargo metadata`, reduced to the packages whose items a notebook can name.

use serde_json::Value;
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

/// Returns the answer of `cargo metadata` with only
///
/// - the root package and its direct dependencies,
/// - below each of them all ordinary dependencies (not those of build scripts or tests), or, in the whole tree below
///   it, only those that the package names in its Cargo.toml:
///
///   ```toml
///   [package.metadata.evcxr_live]
///   public-dependencies = ["tch"]
///   ```
/// - nothing below procedural macros, which evcxr's rust-analyzer does not expand.
///
/// `None` if `answer` is not an answer of `cargo metadata`.
pub fn reduce(answer: &[u8]) -> Option<Vec<u8>> {
    let mut metadata: Value = serde_json::from_slice(answer).ok()?;
    let kept = kept(&metadata)?;
    let is_kept = |id: &Value| id.as_str().is_some_and(|id| kept.contains(id));
    for list in ["workspace_members", "workspace_default_members"] {
        if let Some(ids) = metadata[list].as_array_mut() {
            ids.retain(is_kept);
        }
    }
    metadata["packages"].as_array_mut()?.retain(|package| is_kept(&package["id"]));
    let nodes = metadata["resolve"]["nodes"].as_array_mut()?;
    nodes.retain(|node| is_kept(&node["id"]));
    for node in nodes {
        node["deps"].as_array_mut()?.retain(|dependency| is_kept(&dependency["pkg"]));
        node["dependencies"].as_array_mut()?.retain(is_kept);
    }
    let mut text = serde_json::to_vec(&metadata).ok()?;
    text.push(b'\n');
    Some(text)
}

/// The folders of the packages that come from this machine, not from a registry, without the root package's: their sources
/// may change. `None` if `answer` is not an answer of `cargo metadata`.
pub fn local(answer: &[u8]) -> Option<Vec<PathBuf>> {
    let metadata: Value = serde_json::from_slice(answer).ok()?;
    let root = &metadata["resolve"]["root"];
    let local = metadata["packages"].as_array()?.iter();
    let local = local.filter(|package| package["source"].is_null() && package["id"] != *root);
    local.map(|package| Path::new(package["manifest_path"].as_str()?).parent().map(Path::to_owned)).collect()
}

/// The ids of the packages to keep.
fn kept(metadata: &Value) -> Option<HashSet<String>> {
    let packages = metadata["packages"].as_array()?;
    let nodes = metadata["resolve"]["nodes"].as_array()?;
    let package = |id: &Value| packages.iter().find(|package| package["id"] == *id);

    let mut kept = HashSet::new();
    let mut seen = HashSet::new();
    let mut ahead = vec![(&metadata["resolve"]["root"], None)];
    while let Some((id, public)) = ahead.pop() {
        if !seen.insert((id.as_str()?, public)) {
            continue;
        }
        kept.insert(id.as_str()?.to_owned());
        let this = package(id)?;
        if is_procedural_macro(this) {
            continue;
        }
        // A list applies to everything below the package.
        let public = public.or(this["metadata"]["evcxr_live"]["public-dependencies"].as_array());
        let node = nodes.iter().find(|node| node["id"] == *id)?;
        for dependency in node["deps"].as_array()?.iter().filter(|dependency| is_ordinary(dependency)) {
            let name = &package(&dependency["pkg"])?["name"];
            if public.is_none_or(|public| public.contains(name)) {
                ahead.push((&dependency["pkg"], public));
            }
        }
    }
    Some(kept)
}

fn is_procedural_macro(package: &Value) -> bool {
    let targets = package["targets"].as_array();
    targets.is_some_and(|targets| targets.iter().any(|target| target["kind"][0] == "proc-macro"))
}

/// Not only for build scripts or tests: its kind is null.
fn is_ordinary(dependency: &Value) -> bool {
    dependency["dep_kinds"].as_array().is_none_or(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, fs, process::Command};

    /// What cargo answers for a root package with direct dependencies `open`, which lists nothing, and `closed`, which
    /// lists `named`.
    fn answer() -> Vec<u8> {
        let temporary = tempfile::tempdir().unwrap();
        let package = |name: &str, rest: &str| {
            let folder = temporary.path().join(name);
            fs::create_dir_all(folder.join("src")).unwrap();
            fs::write(folder.join("src/lib.rs"), "").unwrap();
            let manifest = format!("[package]\nname = \"{name}\"\nedition = \"2024\"\n{rest}");
            fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        };
        let on = |names: &[&str]| names.iter().map(|name| format!("{name}.path = \"../{name}\"\n")).collect::<String>();
        package("root", &format!("[dependencies]\n{}", on(&["open", "closed"])));
        package(
            "open",
            &format!("[dependencies]\n{}[build-dependencies]\n{}", on(&["below", "derive"]), on(&["build"])),
        );
        package("below", &format!("[dependencies]\n{}[dev-dependencies]\n{}", on(&["deepest"]), on(&["hidden"])));
        package("derive", &format!("[lib]\nproc-macro = true\n[dependencies]\n{}", on(&["syntax"])));
        let list = "[package.metadata.evcxr_live]\npublic-dependencies = [\"named\"]";
        package("closed", &format!("{list}\n[dependencies]\n{}", on(&["named", "hidden", "below"])));
        package("named", &format!("[dependencies]\n{}", on(&["hidden"])));
        for name in ["deepest", "hidden", "build", "syntax"] {
            package(name, "");
        }
        let cargo = option_env!("CARGO").unwrap_or("cargo");
        let mut command = Command::new(cargo);
        command.args(["metadata", "--format-version=1", "--offline"]).current_dir(temporary.path().join("root"));
        command.output().unwrap().stdout
    }

    fn ids(list: &Value, key: &str) -> BTreeSet<String> {
        let name = |id: &Value| Path::new(id.as_str().unwrap()).file_name().unwrap().to_string_lossy().into_owned();
        list.as_array().unwrap().iter().map(|item| name(if key.is_empty() { item } else { &item[key] })).collect()
    }

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| format!("{name}#0.0.0")).collect()
    }

    #[test]
    fn what_cells_can_name_is_kept() {
        let whole = answer();
        let before: Value = serde_json::from_slice(&whole).unwrap();
        assert_eq!(before["packages"].as_array().unwrap().len(), 10);
        let after: Value = serde_json::from_slice(&reduce(&whole).unwrap()).unwrap();
        let kept = set(&["root", "open", "below", "deepest", "derive", "closed", "named"]);
        assert_eq!(ids(&after["packages"], "id"), kept);
        assert_eq!(ids(&after["resolve"]["nodes"], "id"), kept);
        let node = |name: &str| {
            let nodes = after["resolve"]["nodes"].as_array().unwrap();
            nodes.iter().find(|node| node["id"].as_str().unwrap().contains(&format!("/{name}#"))).unwrap()
        };
        for (name, below) in
            [("named", &[][..]), ("closed", &["named", "below"]), ("derive", &[]), ("below", &["deepest"])]
        {
            assert_eq!(ids(&node(name)["dependencies"], ""), set(below), "{name}");
            assert_eq!(ids(&node(name)["deps"], "pkg"), set(below), "{name}");
        }
        assert_eq!(after["workspace_members"], before["workspace_members"]);
        assert_eq!(after["workspace_root"], before["workspace_root"]);
    }

    #[test]
    fn packages_on_this_machine_are_found() {
        let names: BTreeSet<_> =
            local(&answer()).unwrap().into_iter().map(|path| path.file_name().unwrap().to_owned()).collect();
        let expected = ["below", "build", "closed", "deepest", "derive", "hidden", "named", "open", "syntax"];
        assert_eq!(names.into_iter().collect::<Vec<_>>(), expected);
        let mut published: Value = serde_json::from_slice(&answer()).unwrap();
        for package in published["packages"].as_array_mut().unwrap() {
            package["source"] = "registry+x".into();
        }
        assert_eq!(local(&serde_json::to_vec(&published).unwrap()), Some(Vec::new()));
    }

    #[test]
    fn anything_else_is_left_alone() {
        assert_eq!(reduce(b"error: no such command"), None);
        assert_eq!(reduce(br#"{"packages": [], "resolve": null}"#), None);
        assert_eq!(reduce(br#"{"packages": [], "resolve": {"root": "a", "nodes": []}}"#), None);
    }
}
