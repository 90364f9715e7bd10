//! What was wrong with a cell, in words for its reader.

use crate::{engine::Failure, queue::Running, source};
use serde_json::{Value, json};
use std::path::Path;

/// Lines that begin with one of these are a trace, which says where in a library something happened, not what.
const TRACES: [&str; 4] = ["Exception raised from", "frame #", "Stack backtrace:", "stack backtrace:"];

/// Of a line of the cell, this many characters are shown.
const LINE: usize = 120;

/// A cell's program has told that it failed: by a `?`, whose error has the type `name`, or by a panic.
pub fn of_program(name: &str, text: &str, place: &str, running: &Running, generated: &Path) -> (Failure, String) {
    let name = short_type(name);
    let (text, trace) = without_trace(text);
    let mut traceback: Vec<String> = format!("{name}: {text}").lines().map(str::to_owned).collect();
    if let Some((number, line)) = locate(place, running, generated) {
        let shown: String = line.trim().chars().take(LINE).collect();
        let more = if shown.len() < line.trim().len() { " …" } else { "" };
        traceback.push(format!("   in line {number} of {}: {shown}{more}", running.name));
    }
    (Failure { name, text: text.to_owned(), traceback }, trace.to_owned())
}

/// A type's name without the modules that it and its parameters are in.
fn short_type(name: &str) -> String {
    let mut short = String::new();
    for part in name.split_inclusive(|character: char| !character.is_alphanumeric() && !"_:".contains(character)) {
        short.push_str(part.rsplit("::").next().unwrap_or(part));
    }
    short
}

fn without_trace(text: &str) -> (&str, &str) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if TRACES.iter().any(|trace| line.trim_start().starts_with(trace)) {
            break;
        }
        at += line.len();
    }
    let (text, trace) = text.split_at(at);
    (text.trim_end(), trace)
}

/// The line of the cell, and its number, that became the line of the generated source in `place`.
fn locate<'a>(place: &str, running: &'a Running, generated: &Path) -> Option<(usize, &'a str)> {
    let line = place.split(':').next()?.parse().ok()?;
    let generated = std::fs::read_to_string(generated).ok()?;
    let number = source::locate(&generated, line, &running.code)?;
    Some((number, running.code.lines().nth(number - 1)?))
}

/// Where a panic happened and other details, folded: `None` if there are none.
pub fn folded(details: &str) -> Option<Value> {
    let details = details.trim_end();
    let escaped = details.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let html = format!("<details><summary>Where it happened</summary><pre>{escaped}</pre></details>");
    let data = json!({"text/plain": details, "text/html": html});
    (!details.is_empty()).then(|| json!({"data": data, "metadata": {}, "transient": {}}))
}

/// The process that held the variables has ended, as `how` says.
pub fn of_process(how: &str, running: &Running, if_lost: Option<&str>) -> Failure {
    let how = how.rsplit_once("terminated with status: ").map_or(how, |(_, status)| status).trim();
    let (name, text) = if running.killed {
        ("Interrupted", "this cell did not stop by itself, so its process was killed".to_owned())
    } else if how.starts_with("signal: 9") {
        ("ProcessEnded", "the process of this notebook's cells was killed: the memory may have run out".to_owned())
    } else {
        ("ProcessEnded", format!("this cell has ended the process of this notebook's cells ({how})"))
    };
    let mut traceback = vec![format!("{name}: {text}.")];
    traceback.push("All variables are lost; `use` lines, functions and types are still known.".into());
    traceback.extend(if_lost.into_iter().flat_map(str::lines).map(str::to_owned));
    Failure { name: name.into(), text, traceback }
}

pub fn stopped_while_compiling() -> Failure {
    Failure {
        name: "Interrupted".into(),
        text: "stopped before this cell ran".into(),
        traceback: vec!["Interrupted: stopped before this cell ran. All variables are as they were.".into()],
    }
}

/// A cell waits for a line, and no client can give one.
pub fn nobody_to_ask() -> Failure {
    let text = "this cell reads a line from its reader, and nobody can be asked here";
    let help = "Run it in JupyterLab or in a console; where a notebook runs by itself, give the value in the code.";
    Failure {
        name: "StdinNotImplementedError".into(),
        text: text.into(),
        traceback: vec![format!("StdinNotImplementedError: {text}."), help.into()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_lose_their_modules() {
        assert_eq!(short_type("core::num::error::ParseIntError"), "ParseIntError");
        assert_eq!(short_type("alloc::boxed::Box<dyn core::error::Error>"), "Box<dyn Error>");
        assert_eq!(short_type("anyhow::Error"), "Error");
    }

    #[test]
    fn only_what_was_wrong_is_the_text() {
        let text = "Internal torch error: shapes differ\nException raised from mm at /a.cpp:1 (most recent call first):\nframe #0: x";
        let (text, trace) = without_trace(text);
        assert_eq!(text, "Internal torch error: shapes differ");
        assert!(trace.starts_with("Exception raised from"));
        assert_eq!(without_trace("one\ntwo"), ("one\ntwo", ""));
    }

    #[test]
    fn details_are_folded_if_there_are_any() {
        assert_eq!(folded(" \n"), None);
        let html = folded("a::<b>").unwrap()["data"]["text/html"].to_string();
        assert!(html.contains("<details>") && html.contains("a::&lt;b&gt;"));
    }
}
