//! Broken rules, one for each, in made-up sources: what the test of the real ones would say of them.

use crate::imports::Library;
use crate::rules::violations;

/// Files that break nothing, and that the planted ones name.
const SOUND: [(&str, &str); 21] = [
    ("lib.rs", "pub use error::{Error, Result};\npub use platform::device::Device;\npub use tch;"),
    ("error.rs", "pub struct Error;"),
    ("random.rs", "use crate::{Result, platform::device};"),
    ("platform/mod.rs", "mod atomic_file; pub mod device; mod env;"),
    ("platform/atomic_file.rs", "use std::fs; fn f() { unsafe { std::fs::File::g() } }"),
    ("platform/device.rs", "use super::env;"),
    ("platform/env.rs", "fn f() { eprintln!(\"ignored\") }"),
    ("imaging/mod.rs", "pub fn resize() {}"),
    ("data/mod.rs", "mod dataset; pub use dataset::Dataset;"),
    ("data/dataset.rs", "use crate::{imaging::resize, Error};"),
    ("display/mod.rs", "mod notebook_output; pub struct Figure;"),
    ("display/notebook_output.rs", "fn f() { println!(\"{}\", 1) }"),
    ("nn/mod.rs", "use crate::{Device, random};"),
    ("loss/mod.rs", "use crate::Result;"),
    ("models/mod.rs", "use crate::nn::Sequential;"),
    ("metrics/mod.rs", "use crate::{data::Dataset, random};"),
    ("train/mod.rs", "mod gan; mod history; pub use gan::Gan; pub use history::{History, Step as S};"),
    ("train/gan.rs", "use super::{History, S};\nuse crate::{models, data::{self, Dataset}};"),
    ("train/history.rs", "/// See [`crate::runs::Run`].\npub struct History; // use crate::progress;"),
    ("runs/mod.rs", "use crate::{display::Figure, train::{Gan, History}};\npub struct Run;"),
    ("progress/mod.rs", "use crate::runs::Run; fn f() { println!(\"Iteración\") }"),
];

/// What is said of the sound files, some of them in another form, and some more.
fn said_of_all(others: &[(&str, &str)]) -> Vec<String> {
    let kept = SOUND.iter().filter(|(path, _)| !others.iter().any(|(other, _)| path == other));
    let sources: Vec<_> = kept.chain(others).map(|(path, source)| (path.to_string(), source.to_string())).collect();
    violations(&Library::new(&sources)).iter().map(ToString::to_string).collect()
}

fn said_of(path: &str, source: &str) -> Vec<String> {
    said_of_all(&[(path, source)])
}

/// Fails unless exactly one rule is broken, at `place`, and the message has `parts`.
fn assert_seen(path: &str, source: &str, place: &str, parts: &[&str]) {
    let said = said_of(path, source);
    assert_eq!(said.len(), 1, "{path}: {source}\n{said:#?}");
    assert!(said[0].starts_with(&format!("crate/src/{place}")), "{said:?}, expected {place}");
    for part in parts {
        assert!(said[0].contains(part), "no {part:?} in {said:?}");
    }
}

#[test]
fn a_call_that_panics_is_seen() {
    for call in ["f_add_scalar", "f_mul_scalar_", "f_pow_tensor_scalar", "f_clamp", "f_full", "f_lerp_"] {
        let source = format!("fn f(x: Tensor) {{ x.{call}(1.0)?; }}");
        assert_seen("nn/mod.rs", &source, "nn/mod.rs:1", &[call, "platform/arithmetic.rs"]);
    }
    assert_eq!(
        said_of("nn/mod.rs", "fn f(x: Tensor) { x.f_add(&y)?; x.f_clamp_tensor(a, b)?; x.f_gt_tensor(&y)?; }"),
        [""; 0]
    );
}

#[test]
fn sound_files_break_nothing() {
    assert_eq!(said_of("lib.rs", SOUND[0].1), [""; 0]);
}

#[test]
fn an_import_to_the_right_is_seen_in_every_form() {
    let rule = "train may import ";
    for (source, line, what) in [
        ("use crate::runs::Run;", 1, "imports crate::runs::Run from runs/mod.rs"),
        ("\nuse crate::{\n    Error,\n    progress::{\n        Panel as P,\n    },\n};", 5, "crate::progress::Panel"),
        ("use crate::{data::Dataset, runs::*};", 1, "imports crate::runs::* from"),
        ("use super::super::runs;", 1, "imports crate::runs from"),
        ("fn f() {\n    let run = crate::runs::Run::open(1);\n}", 2, "imports crate::runs::Run::open from"),
        ("impl From<crate::runs::Run> for u8 {}", 1, "imports crate::runs::Run from"),
        ("fn f(x: u8) -> super::super::runs::Run {}", 1, "imports crate::runs::Run from"),
        ("pub(in crate::train) use crate::runs::Run;", 1, "imports crate::runs::Run from"),
        ("use crate::display::Figure;", 1, "imports crate::display::Figure from display/mod.rs"),
    ] {
        assert_seen("train/loop.rs", source, &format!("train/loop.rs:{line}: "), &[what, rule]);
    }
}

#[test]
fn no_room_may_import_what_stands_to_its_right() {
    for (path, import) in [
        ("error.rs", "crate::random::stream"),
        ("random.rs", "crate::data::Dataset"),
        ("platform/x.rs", "crate::random"),
        ("imaging/x.rs", "crate::data"),
        ("data/x.rs", "crate::nn::Sequential"),
        ("display/x.rs", "crate::Device"),
        ("nn/x.rs", "crate::models"),
        ("loss/x.rs", "crate::nn"),
        ("models/x.rs", "crate::loss"),
        ("metrics/x.rs", "crate::train::History"),
        ("runs/x.rs", "crate::progress"),
        ("progress/x.rs", "crate::report"),
    ] {
        let report = ("report/mod.rs", "use crate::{progress, runs::Run};");
        let said = said_of_all(&[report, (path, &format!("use {import};"))]);
        let is_seen = |line: &String| {
            line.starts_with(&format!("crate/src/{path}:1: imports crate::"))
                && line.contains(&format!("{} may import ", path.split(['/', '.']).next().unwrap()))
        };
        assert!(said.iter().any(is_seen), "{path} imports {import}: {said:?}");
    }
}

#[test]
fn what_others_only_hand_on_counts_as_theirs() {
    let data = "mod dataset;\npub use dataset::Dataset;\npub use crate::display::Figure as Picture;";
    let said = said_of("data/mod.rs", data);
    assert!(said.len() == 1 && said[0].contains("data/mod.rs:3: imports crate::display::Figure from"), "{said:?}");
    for source in ["use crate::data::Picture;", "use super::super::data::{Picture as P};"] {
        let said = said_of_all(&[("data/mod.rs", data), ("train/x.rs", source)]);
        let expected = "train/x.rs:1: imports crate::data::Picture from display/mod.rs";
        assert!(said.iter().any(|line| line.contains(expected)), "{said:?}");
    }
}

#[test]
fn a_room_that_is_not_listed_is_seen() {
    assert_seen("panels/mod.rs", "", "panels/mod.rs:1: ", &["panels is a room that the rules do not name"]);
}

#[test]
fn circles_are_seen_with_their_way() {
    let rule = "No files import one another in a circle.";
    let way = "train/gan.rs → train/history.rs → train/gan.rs";
    // By the file, by the name that mod.rs gives it, and in the code.
    for import in ["use super::gan::step;", "use super::Gan;", "use crate::train::{Gan};", "fn f() -> super::Gan {}"] {
        assert_seen("train/history.rs", import, "train/gan.rs: imports itself", &[way, rule]);
    }
    let said = said_of_all(&[
        ("nn/a.rs", "use super::b;"),
        ("nn/b.rs", "use crate::nn::c::X;"),
        ("nn/c.rs", "use super::a::Y;"),
    ]);
    assert!(said.len() == 1 && said[0].contains("nn/a.rs → nn/b.rs → nn/c.rs → nn/a.rs"), "{said:?}");
    let said = said_of_all(&[("nn/a.rs", "use super::conv::X;"), ("nn/conv/mod.rs", "use crate::nn::a::Y;")]);
    assert!(said.len() == 1 && said[0].contains("nn/a.rs → nn/conv/mod.rs → nn/a.rs"), "another folder's: {said:?}");
    // Within its own folder a mod.rs imports and is imported.
    assert_eq!(said_of("data/dataset.rs", "use super::Dataset3; use crate::data;"), [""; 0]);
}

#[test]
fn a_training_that_opens_files_is_seen() {
    for source in [
        "use std::fs;",
        "use std::{fs::File, io};",
        "fn f() { std::fs::remove_file(\"x\") }",
        "use crate::platform::atomic_file::write_whole;",
    ] {
        assert_seen("train/gan.rs", source, "train/gan.rs:1: ", &["train opens no file."]);
    }
    assert_eq!(said_of("train/gan.rs", "#[cfg(test)]\nmod tests { use std::fs; }"), [""; 0]);
    let declared = "#[cfg(test)]\n#[path = \"gan_tests.rs\"]\nmod tests;";
    let tests = ("train/gan_tests.rs", "use std::fs;");
    assert_eq!(said_of_all(&[("train/gan.rs", declared), tests]), [""; 0]);
    assert_eq!(said_of_all(&[tests]).len(), 1, "without that line it is a file as any other");
}

#[test]
fn prints_are_seen() {
    let out = "Standard output is written by progress and display/notebook_output.rs alone.";
    let err = "Standard error is written by platform/env.rs alone.";
    for (path, source, rule) in [
        ("train/gan.rs", "fn f() {\n    println!(\"{}\", 1)\n}", out),
        ("runs/x.rs", "fn f() {\n    print!(\"{}\", 1)\n}", out),
        ("data/x.rs", "fn f() {\n    std::io::stdout().lock()\n}", out),
        ("report/x.rs", "fn f() {\n    println!()\n}", out),
        ("display/x.rs", "use std::io::{self,\n    stdout};", out),
        ("data/x.rs", "fn f() {\n    eprintln!()\n}", err),
        ("nn/x.rs", "fn f() {\n    dbg!(1)\n}", err),
        ("progress/x.rs", "fn f() {\n    io::stderr()\n}", err),
    ] {
        assert_seen(path, source, &format!("{path}:2: "), &[rule]);
    }
    for path in ["progress/x.rs", "bin/gan_nb/main.rs"] {
        assert_eq!(said_of(path, "fn f() { println!() }"), [""; 0]);
    }
}

#[test]
fn spanish_and_unsafe_are_seen() {
    let spanish = "Spanish stands in progress and report alone.";
    for text in ["\"iteración\"", "r#\"¿Sigue?\"#", "'ñ'", "\"a\\\"í\""] {
        assert_seen("runs/x.rs", &format!("const A: X = {text};"), "runs/x.rs:1: ", &[spanish]);
        assert_eq!(said_of("report/x.rs", &format!("const A: X = {text};")), [""; 0]);
        assert_eq!(said_of("runs/x.rs", &format!("/// {text}\nconst A: X = 1;")), [""; 0]);
    }
    assert_seen("nn/x.rs", "fn f() {\n    unsafe { g() }\n}", "nn/x.rs:2: ", &["unsafe stands in platform alone."]);
}
