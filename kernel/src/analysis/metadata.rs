//! `cargo metadata`, reduced to the packages whose items a notebook can name.

use serde_json::Value;
use std::collections::HashSet;

/// Returns the answer of `cargo metadata` with only
///
/// - the root package and its direct dependencies,
/// - below each of them all ordinary dependencies (none that only build scripts or tests have), or, of the whole tree
///   below it, only those that the package names in its Cargo.toml:
///
///   ```toml
///   [package.metadata.evcxr_live]
///   public-dependencies = ["tch"]
///   ```
/// - nothing below procedural macros, which evcxr's rust-analyzer does not expand.
///
/// `None` if `answer` is no such thing.
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
        // A list holds for all that lies below the package.
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

/// Not only of build scripts or tests: its kind is null.
fn is_ordinary(dependency: &Value) -> bool {
    dependency["dep_kinds"].as_array().is_none_or(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
}
