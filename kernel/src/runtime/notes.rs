//! What a cell's process tells: words to evcxr, and notes to the front.

use super::{PANICKED, lock, trace, write_line};
use serde_json::{Value, json};
use std::{
    fs::File,
    io::Write,
    sync::Mutex,
    thread::{self, ThreadId},
};

/// The kinds of what cells say; `in_cell.rs` has the same numbers.
const WORD: u32 = 0;
const PANIC: u32 = 1;
const FAILED: u32 = 2;
const LOST: u32 = 3;
/// Stands between the parts of what a cell says.
const SEPARATOR: char = '\u{1f}';

/// A line on the pipe `notes`.
#[derive(Debug, PartialEq)]
pub enum Note {
    /// The cell is compiled, and its code begins to run.
    Began,
    /// The cell has failed: by a `?` or a panic.
    Failed {
        /// What kind of error: a type, or `panic`.
        name: String,
        text: String,
        /// Where in the generated source, as `line:column`, or nothing.
        place: String,
        /// The functions that were called, the innermost first, or nothing.
        details: String,
    },
    /// A variable's type was defined anew, so its value can't be used any more.
    Lost(String),
}

impl Note {
    fn to_line(&self) -> String {
        match self {
            Self::Began => json!({"note": "began"}),
            Self::Failed { name, text, place, details } => {
                json!({"note": "failed", "name": name, "text": text, "place": place, "details": details})
            }
            Self::Lost(variable) => json!({"note": "lost", "variable": variable}),
        }
        .to_string()
    }

    /// The note in a line; `None` for a line that holds none.
    pub fn from_line(line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line).ok()?;
        let text = |name: &str| line[name].as_str().map(str::to_owned);
        match line["note"].as_str()? {
            "began" => Some(Self::Began),
            "failed" => Some(Self::Failed {
                name: text("name")?,
                text: text("text")?,
                place: text("place")?,
                details: text("details")?,
            }),
            "lost" => Some(Self::Lost(text("variable")?)),
            _ => None,
        }
    }
}

/// A panic of which it is not known yet whether it ends the cell.
struct Panic {
    text: String,
    place: String,
    functions: String,
}

/// Where words and notes go.
pub struct Notes {
    answers: Mutex<File>,
    notes: Option<Mutex<File>>,
    /// The thread that runs the cells.
    main: ThreadId,
    panic: Mutex<Option<Panic>>,
    begun: Mutex<bool>,
}

impl Notes {
    pub fn new(answers: File, notes: Option<File>) -> Self {
        let (panic, begun) = (Mutex::new(None), Mutex::new(false));
        Self { answers: Mutex::new(answers), notes: notes.map(Mutex::new), main: thread::current().id(), panic, begun }
    }

    /// Whether this is the first cell of this process.
    pub fn begin(&self) -> bool {
        !std::mem::replace(&mut *lock(&self.begun), true)
    }

    /// One of evcxr's own words, for evcxr.
    pub fn answer(&self, word: &str) {
        write_line(&self.answers, word);
    }

    pub fn send(&self, note: &Note) {
        if let Some(notes) = &self.notes {
            write_line(notes, &note.to_line());
        }
    }

    /// The cell has ended. If it caught its panic, that is shown now, as Rust shows it.
    pub fn end(&self) {
        if let Some(panic) = lock(&self.panic).take() {
            show(&panic);
        }
    }

    /// What a cell says.
    pub fn hear(&self, kind: u32, text: &str) {
        let mut parts = text.splitn(4, SEPARATOR).map(str::to_owned);
        let mut part = || parts.next().unwrap_or_default();
        match kind {
            WORD if text.starts_with(PANICKED) => {
                let _word = part();
                let payload = part();
                let panic = lock(&self.panic).take();
                // Without a recorded panic, the cell has replaced Rust's panic hook.
                let panic = panic.unwrap_or(Panic { text: payload, place: String::new(), functions: String::new() });
                let Panic { text, place, functions: details } = panic;
                self.send(&Note::Failed { name: "panic".into(), text, place, details });
                self.answer(PANICKED);
            }
            WORD => self.answer(text),
            PANIC => {
                let panic = Panic { text: part(), place: part(), functions: trace::functions() };
                if thread::current().id() != self.main {
                    show(&panic);
                } else if let Some(earlier) = lock(&self.panic).replace(panic) {
                    show(&earlier); // it was caught: the cell has gone on since
                }
            }
            FAILED => {
                let (name, text, place) = (part(), part(), part());
                self.send(&Note::Failed { name, text, place, details: String::new() });
            }
            LOST => self.send(&Note::Lost(part())),
            _ => {}
        }
    }
}

/// On the cells' standard error.
fn show(panic: &Panic) {
    let _ = writeln!(std::io::stderr(), "a panic that did not end the cell: {}", panic.text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_survive_their_line() {
        let failed = Note::Failed {
            name: "ParseIntError".into(),
            text: "línea 1\nlínea 2 \"quoted\"".into(),
            place: "12:4".into(),
            details: "  0: frame".into(),
        };
        for note in [Note::Began, failed, Note::Lost("gan".into())] {
            let line = note.to_line();
            assert!(!line.contains('\n'), "one line");
            assert_eq!(Note::from_line(&line), Some(note));
        }
        for wrong in ["", "{", "[]", r#"{"note": "failed"}"#, r#"{"note": "other"}"#] {
            assert_eq!(Note::from_line(wrong), None, "{wrong}");
        }
    }
}
