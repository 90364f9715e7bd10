//! The rules of the house, and where they are broken.

use crate::circles::circles;
use crate::imports::{File, Library};
use crate::tokens::Token;

/// Each room and those that it may import, which all stand before it. `error`, `digits` and `random` are files beside `lib.rs`.
pub const ROOMS: [(&str, &str); 15] = [
    ("error", ""),
    ("digits", ""),
    ("platform", "error"),
    ("random", "error platform"),
    ("imaging", "error random platform"),
    ("data", "error random platform imaging"),
    ("display", "error digits imaging"),
    ("nn", "error digits random platform"),
    ("loss", "error random platform"),
    ("models", "error random platform nn"),
    ("metrics", "error random platform imaging data nn"),
    ("train", "error random platform imaging data nn loss models metrics"),
    // display for the picture files of the samples.
    ("runs", "error random platform imaging data nn loss models metrics train display"),
    ("progress", "error random platform imaging data nn loss models metrics train display runs"),
    ("report", "error random platform imaging data nn loss models metrics train display runs progress"),
];

/// Everyone's: the front page of the library, and the command line.
const FREE: [&str; 2] = ["lib", "bin"];
/// Who writes to standard output, and who to standard error; a room or a file.
const PRINT: [&str; 3] = ["bin", "progress", "display/notebook_output.rs"];
const WARN: [&str; 2] = ["bin", "platform/env.rs"];
/// What of tch takes a number, and so panics where libtorch refuses; besides all names that end in `_scalar` or `_scalar_`.
const TAKES_A_NUMBER: [&str; 22] = [
    "f_full",
    "f_full_like",
    "f_fill_",
    "f_clamp",
    "f_clamp_",
    "f_clamp_min",
    "f_clamp_min_",
    "f_clamp_max",
    "f_clamp_max_",
    "f_lerp",
    "f_lerp_",
    "f_gt",
    "f_ge",
    "f_lt",
    "f_le",
    "f_eq",
    "f_ne",
    "f_arange",
    "f_arange_start",
    "f_linspace",
    "f_masked_fill",
    "f_masked_fill_",
];
/// Which says why, and has others in their place.
const ARITHMETIC: &str = "platform/arithmetic.rs";
const SPANISH: &str = "áéíóúñÁÉÍÓÚÑ¿¡";

/// A line that breaks a rule.
#[derive(Debug)]
pub struct Violation {
    pub place: String,
    pub what: String,
    pub rule: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}. {}", self.place, self.what, self.rule)
    }
}

/// All that the library's files break.
pub fn violations(library: &Library) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in library.files.values() {
        let mut tell = |line: usize, what: String, rule: &str| {
            found.push(Violation { place: format!("crate/src/{}:{line}", file.path), what, rule: rule.into() });
        };
        rooms(library, file, &mut tell);
        opened_files(library, file, &mut tell);
        words(file, &mut tell);
    }
    found.extend(circles(library).into_iter().map(|circle| Violation {
        place: format!("crate/src/{}", circle[0]),
        what: format!("imports itself: {}", circle.join(" → ")),
        rule: "No files import one another in a circle.".into(),
    }));
    found
}

fn is_one_of(file: &File, places: &[&str]) -> bool {
    places.contains(&file.room()) || places.contains(&&*file.path)
}

fn rooms(library: &Library, file: &File, tell: &mut impl FnMut(usize, String, &str)) {
    if FREE.contains(&file.room()) {
        return;
    }
    let Some((_, may_import)) = ROOMS.iter().find(|(room, _)| *room == file.room()) else {
        return tell(
            1,
            format!("{} is a room that the rules do not name", file.room()),
            "Rooms are listed in rules.rs.",
        );
    };
    for import in &file.imports {
        let Some(home) = library.home(&import.path) else { continue };
        if home.room() != file.room() && !may_import.split(' ').any(|room| room == home.room()) {
            let may = if may_import.is_empty() { "nothing".into() } else { may_import.replace(' ', ", ") };
            let what = format!("imports {} from {}", import.path.join("::"), home.path);
            tell(import.line, what, &format!("{} may import {may}.", file.room()));
        }
    }
}

fn opened_files(library: &Library, file: &File, tell: &mut impl FnMut(usize, String, &str)) {
    if file.room() != "train" {
        return;
    }
    for import in &file.imports {
        let is_std_fs = import.path.iter().map(|part| &**part).take(2).eq(["std", "fs"]);
        let is_own = library.home(&import.path).is_some_and(|home| home.path == "platform/atomic_file.rs");
        if is_std_fs || is_own {
            tell(import.line, format!("imports {}", import.path.join("::")), "train opens no file.");
        }
    }
}

fn takes_a_number(word: &str) -> bool {
    let name = word.trim_end_matches('_');
    word.starts_with("f_") && (name.ends_with("_scalar") || TAKES_A_NUMBER.contains(&word))
}

fn words(file: &File, tell: &mut impl FnMut(usize, String, &str)) {
    for (i, (line, token)) in file.tokens.iter().enumerate() {
        let is_macro = file.tokens.get(i + 1).is_some_and(|(_, next)| next.is("!"));
        match token {
            Token::Word(word) => match &**word {
                "print" | "println" | "dbg" if !is_macro => {}
                "eprint" | "eprintln" if !is_macro => {}
                "print" | "println" | "stdout" if !is_one_of(file, &PRINT) => {
                    let rule = "Standard output is written by progress and display/notebook_output.rs alone.";
                    tell(*line, format!("has {word}"), rule);
                }
                "eprint" | "eprintln" | "dbg" | "stderr" if !is_one_of(file, &WARN) => {
                    tell(*line, format!("has {word}"), "Standard error is written by platform/env.rs alone.");
                }
                word if takes_a_number(word) && file.path != ARITHMETIC => {
                    tell(
                        *line,
                        format!("has {word}"),
                        "platform/arithmetic.rs has operators with numbers that don't panic.",
                    );
                }
                "unsafe" if file.room() != "platform" => {
                    tell(*line, "has unsafe".into(), "unsafe stands in platform alone.");
                }
                _ => {}
            },
            Token::Text(text)
                if !["progress", "report"].contains(&file.room()) && text.contains(|c| SPANISH.contains(c)) =>
            {
                tell(*line, format!("says {text:?}"), "Spanish stands in progress and report alone.");
            }
            _ => {}
        }
    }
}
