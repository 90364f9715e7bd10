//! The compiler's messages, as a reader sees them: the cell's own lines with what is wrong written below, and what helps.

use super::Failure;
use ariadne::{Color, Config, IndexType, Label, Report, ReportKind, Source};
use evcxr::CompilationError;

/// A line and a column, both from 1, in characters.
pub type Place = (usize, usize);

/// What the compiler says of a cell, `name`, with the source `code`. `original` turns the places that it names into places of
/// that source.
pub fn failure(error: &CompilationError, code: &str, name: &str, original: &dyn Fn(Place) -> Place) -> Failure {
    let kind = error.code().unwrap_or("Error");
    let message = error.message();
    let mut traceback = drawn(error, code, name, original).unwrap_or_else(|| vec![format!("{kind}: {message}")]);
    traceback.extend(error.help().iter().flat_map(|help| lines_of(help)));
    if let Some("E0384" | "E0596") = error.code() {
        traceback.push("help: a variable of an earlier cell becomes mutable with `let mut x = x;`".into());
    }
    if let Some(hint) = error.evcxr_extra_hint() {
        traceback.push(format!("help: {hint}"));
    }
    Failure { name: kind.into(), text: message, traceback }
}

/// What the compiler suggests, followed in evcxr's words by an empty line and the text to put in.
fn lines_of(help: &str) -> Vec<String> {
    match help.split_once("\n\n") {
        Some((what, text)) if !text.contains('\n') => vec![format!("help: {what}: `{}`", text.trim())],
        _ => format!("help: {help}").lines().filter(|line| !line.is_empty()).map(str::to_owned).collect(),
    }
}

/// The lines that the message is about, or `None` if it is about none of this cell's.
fn drawn(error: &CompilationError, code: &str, name: &str, original: &dyn Fn(Place) -> Place) -> Option<Vec<String>> {
    let starts = line_starts(code);
    let at = |place: Place| {
        let (line, column) = original(place);
        starts.get(line.checked_sub(1)?).map(|start| start + column.saturating_sub(1))
    };
    let mut labels = Vec::new();
    for message in error.spanned_messages() {
        let Some(span) = message.span else { continue };
        let range = at((span.start_line, span.start_column))?..at((span.end_line, span.end_column))?;
        labels.push((range, message.label.as_str(), message.is_primary));
    }
    let first = labels.iter().find(|(.., primary)| *primary).or(labels.first())?.0.clone();
    let config = Config::default().with_index_type(IndexType::Char);
    let mut report = Report::build(ReportKind::Error, (name, first)).with_config(config).with_message(error.message());
    if let Some(code) = error.code() {
        report = report.with_code(code);
    }
    for (range, label, primary) in labels {
        let color = if primary { Color::Red } else { Color::Blue };
        let mark = Label::new((name, range)).with_color(color);
        report = report.with_label(if label.is_empty() { mark } else { mark.with_message(label) });
    }
    let mut text = Vec::new();
    report.finish().write((name, Source::from(code)), &mut text).ok()?;
    Some(String::from_utf8_lossy(&text).lines().map(str::to_owned).collect())
}

/// Where each line begins, in characters.
fn line_starts(code: &str) -> Vec<usize> {
    let mut starts = vec![0];
    starts.extend(code.chars().enumerate().filter(|(_, character)| *character == '\n').map(|(at, _)| at + 1));
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suggestion_is_one_line_with_its_text() {
        assert_eq!(lines_of("make it mutable\n\nmut "), ["help: make it mutable: `mut`"]);
        assert_eq!(lines_of("just so"), ["help: just so"]);
        assert_eq!(lines_of("two\n\na\nb"), ["help: two", "a", "b"]);
    }
}
