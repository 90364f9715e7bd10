//! The rules of the library's rooms, read from its `use` lines: who may import whom, who may print, open files and speak Spanish.
//! `rules.rs` has them; `planted.rs` breaks each one, to show that it is seen.
#![allow(clippy::unwrap_used, clippy::panic)] // Helpers too: clippy lets only the tests themselves.

mod circles;
mod devices;
mod imports;
mod planted;
mod rules;
mod tokens;

use std::path::Path;

#[test]
fn the_library_keeps_the_rules_of_its_rooms() {
    let library = imports::Library::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let imports = library.files.values().flat_map(|file| &file.imports);
    let known = imports.filter(|import| library.home(&import.path).is_some()).count();
    assert!(library.files.len() > 90 && known > 200, "{} files, {known} imports: not read", library.files.len());
    let found = rules::violations(&library);
    let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{} places break a rule:\n{}", found.len(), lines.join("\n"));
}

#[test]
fn rooms_import_only_those_before_them() {
    for (i, (room, may_import)) in rules::ROOMS.iter().enumerate() {
        for other in may_import.split_whitespace() {
            assert!(rules::ROOMS[..i].iter().any(|(name, _)| *name == other), "{room} may not import {other}");
        }
    }
}
