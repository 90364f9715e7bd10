//! `Cargo.toml` files, as evcxr writes them: `[dependencies]` comes last, and each dependency is one line.

use std::{collections::BTreeMap, fmt::Write};

/// The package that evcxr compiles.
pub const CRATE: &str = "ctx";
/// The package with a single dependency, by which evcxr finds out whether it exists.
pub const PROBE: &str = "evcxr_dummy_validate_dep";
/// See [`super::cell`].
pub const COMPANIONS: &str = "evcxr_live_companions";

/// What cells can name: each crate's name, and the rest of its line.
pub type Dependencies = BTreeMap<String, String>;

/// What the dependencies of cells are compiled with, whatever `:opt` says about the cells.
const OPT_LEVEL: &str = "opt-level = 2";

/// A manifest for the case that evcxr has not written its own yet.
const MINIMAL: &str = r#"[package]
name = "ctx"
version = "1.0.0"
edition = "2024"

[lib]
crate-type = ["cdylib"]
path = "src/lib.rs"
"#;

/// The name of the package that evcxr has written.
pub fn package(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.trim().strip_prefix("name = \"")?.strip_suffix('"'))
}

pub fn dependencies(text: &str) -> Dependencies {
    let lines = text.lines().map(str::trim).skip_while(|line| *line != "[dependencies]").skip(1);
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs.map(|(name, rest)| (name.trim().to_owned(), rest.trim().to_owned())).collect()
}

/// The manifest that cells are compiled with: evcxr's own, or one that this function has made of it, with other
/// `dependencies`.
///
/// The level of optimisation that evcxr asks for becomes that of the cells alone, so that `:opt 0` compiles nothing
/// else anew. (`[profile.dev.package."*"]` would optimise build scripts and procedural macros too.) An empty
/// `[workspace]` keeps cargo from looking for one in the folders above.
pub fn for_cells(text: Option<&str>, dependencies: &Dependencies) -> String {
    let text = text.unwrap_or(MINIMAL);
    let lines: Vec<_> = text.lines().take_while(|line| line.trim() != "[dependencies]").collect();
    let mut manifest = String::new();
    if lines.contains(&"[workspace]") {
        manifest.push_str(&lines.join("\n"));
    } else {
        let mut level = None;
        for line in lines {
            let is_level = line.starts_with("opt-level = ");
            level = if is_level { Some(line) } else { level };
            let _ = writeln!(manifest, "{}", if is_level { OPT_LEVEL } else { line });
        }
        if let Some(level) = level {
            let _ = writeln!(manifest, "[profile.dev.package.{CRATE}]\n{level}\n");
        }
        manifest.push_str("[workspace]\nexclude = [\"companions\"]\n");
    }
    manifest.push_str("\n[dependencies]\n");
    for (name, rest) in dependencies {
        let _ = writeln!(manifest, "{name} = {rest}");
    }
    manifest
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVCXRS: &str = "\n[package]\nname = \"ctx\"\nversion = \"1.0.0\"\n\n[profile.dev]\nopt-level = 0\ndebug = false\n\n[dependencies]\n\
        b = { path = \"/a b/ñ = x\" }\na = \"1\"\n\n";

    #[test]
    fn evcxrs_lines_are_read() {
        assert_eq!(package(EVCXRS), Some(CRATE));
        let probe =
            "\n    [package]\n    name = \"evcxr_dummy_validate_dep\"\n\n    [dependencies]\n    rand = \"0.9\"\n    ";
        assert_eq!(package(probe), Some(PROBE));
        assert_eq!(dependencies(probe), [("rand".to_owned(), "\"0.9\"".to_owned())].into());
        let found = dependencies(EVCXRS);
        assert_eq!(found.get("b").map(String::as_str), Some("{ path = \"/a b/ñ = x\" }"));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn only_the_cell_has_the_level_of_optimisation_that_is_asked_for() {
        let dependencies = [("c".to_owned(), "\"2\"".to_owned())].into();
        let made = for_cells(Some(EVCXRS), &dependencies);
        let expected = "\n[package]\nname = \"ctx\"\nversion = \"1.0.0\"\n\n[profile.dev]\nopt-level = 2\ndebug = false\n\n\
            [profile.dev.package.ctx]\nopt-level = 0\n\n[workspace]\nexclude = [\"companions\"]\n\n[dependencies]\nc = \"2\"\n";
        assert_eq!(made, expected);
        assert_eq!(for_cells(Some(&made), &dependencies), expected, "made twice");
        assert!(for_cells(None, &dependencies).starts_with("[package]\nname = \"ctx\"\n"));
    }
}
