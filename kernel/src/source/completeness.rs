//! Whether a console should run the lines so far, or wait for another one.

use crate::source::{cell, cell::Cell, head::Head, mend};
use ra_ap_syntax::{SyntaxKind, T};

/// What Jupyter asks with `is_complete_request`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// It can be run.
    Complete,
    /// Something has to follow; `indent` is what its line should begin with.
    Incomplete {
        /// Four spaces for each open block.
        indent: String,
    },
    /// Nothing that follows could make it right.
    Invalid,
}

/// Tells how complete the cell `code` is.
pub fn completeness(code: &str) -> Completeness {
    let code = mend::plain(code);
    let head = Head::of(&code);
    let rust = &code[head.rust..];
    if rust.trim().is_empty() {
        // The docs of an item that is still to come.
        return match head.lost_docs(&code).is_some() || open_comment(&code) {
            true => Completeness::Incomplete { indent: String::new() },
            false => Completeness::Complete,
        };
    }
    let parsed = Cell::parse(rust);
    let open = match Open::of(&parsed) {
        Ok(open) => open,
        Err(Mismatch) => return Completeness::Invalid,
    };
    let indent = " ".repeat(4 * open.blocks);
    if open.text || open.blocks > 0 {
        return Completeness::Incomplete { indent: if open.text { String::new() } else { indent } };
    }
    let Some(last) = parsed.last_token() else { return Completeness::Complete };
    if parsed.errors.is_empty() || mend::semicolon(rust, &parsed).is_some() {
        return Completeness::Complete;
    }
    // What is missing at the end can still follow.
    let end = cell::token_start(&last) + last.text().len();
    match parsed.errors.iter().all(|error| *error >= end) {
        true => Completeness::Incomplete { indent },
        false => Completeness::Invalid,
    }
}

struct Mismatch;

/// What is still open at the end.
struct Open {
    /// On how many lines something was opened that is not closed yet.
    blocks: usize,
    /// Whether a string or a comment is open.
    text: bool,
}

impl Open {
    fn of(parsed: &Cell) -> Result<Open, Mismatch> {
        let mut brackets = Vec::new();
        let mut line = 0;
        let mut text = false;
        // Tokens of the code alone: the brace that closes the parser's own function belongs to no one here.
        for token in parsed.tokens() {
            match token.kind() {
                T!['('] => brackets.push((T![')'], line)),
                T!['['] => brackets.push((T![']'], line)),
                T!['{'] => brackets.push((T!['}'], line)),
                kind @ (T![')'] | T![']'] | T!['}']) => match brackets.pop() {
                    Some((closing, _)) if closing == kind => {}
                    _ => return Err(Mismatch),
                },
                kind => text |= is_open(kind, token.text()),
            }
            line += token.text().matches('\n').count();
        }
        let mut lines: Vec<usize> = brackets.into_iter().map(|(_, line)| line).collect();
        lines.dedup();
        Ok(Open { blocks: lines.len(), text })
    }
}

/// Whether a token of this kind is a string or a comment that has not ended.
fn is_open(kind: SyntaxKind, text: &str) -> bool {
    match kind {
        SyntaxKind::COMMENT => text.starts_with("/*") && open_comment(text),
        SyntaxKind::STRING | SyntaxKind::BYTE_STRING | SyntaxKind::C_STRING => {
            let quote = text.find('"').unwrap_or(0);
            let hashes = text[..quote].matches('#').count();
            let body = &text[(quote + 1).min(text.len())..];
            match text[..quote].contains('r') {
                true => !body.ends_with(&format!("\"{}", "#".repeat(hashes))),
                false => {
                    let before = body.strip_suffix('"');
                    let escaped = |body: &str| (body.len() - body.trim_end_matches('\\').len()) % 2 == 1;
                    before.is_none_or(escaped)
                }
            }
        }
        _ => false,
    }
}

fn open_comment(text: &str) -> bool {
    text.trim_start().starts_with("/*") && text.matches("/*").count() > text.matches("*/").count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(code: &str) -> Option<usize> {
        match completeness(code) {
            Completeness::Incomplete { indent } => Some(indent.len()),
            _ => None,
        }
    }

    #[test]
    fn whole_cells_are_complete() {
        for code in [
            "1 + 1",
            "fn f() {}",
            "fn f() {\n    1;\n}",
            "let x = 1;",
            ":dep rand = \"0.9\"",
            ":vars",
            "!ls",
            "// a",
            "",
            "  \n",
            "/* a */",
            "let x = 1",
            "use std::fmt",
            "x = 5",
            "println!(\"{}\", 1)",
            "#![allow(unused)]",
            "struct A;",
            ":vars\nlet x = 1;",
            "if a { b } else { c }",
            "r\"a\\\"",
            "r#\"a\"b\"#",
            "\"a\\\\\"",
            "'{'",
            "\"{(\"",
            "// {",
            "#[derive(Debug)]\nstruct A;",
            "for a in b {}",
            "a()?",
            "a.await",
            "return",
            "&a",
            "b'a'",
            "let x: u8 = 5",
        ] {
            assert_eq!(completeness(code), Completeness::Complete, "{code}");
        }
    }

    #[test]
    fn open_blocks_wait_for_more_and_indent_it() {
        assert_eq!(waits("fn f() {"), Some(4));
        assert_eq!(waits("let x = (1 +"), Some(4));
        assert_eq!(waits("impl A {\n    fn f() {\n        if a {"), Some(12));
        assert_eq!(waits("f(g({\n"), Some(4), "one level for each line");
        assert_eq!(waits("fn f() {\n    let a = [1];"), Some(4));
        assert_eq!(waits(":vars\nif a {"), Some(4));
    }

    #[test]
    fn open_strings_and_comments_wait_for_more() {
        for code in ["let x = \"a", "\"a\\\"", "/* a", "1 /* a", "r#\"a\"", "\"\"\"", "/* a /* b */", "b\"a"] {
            assert_eq!(waits(code), Some(0), "{code}");
        }
    }

    #[test]
    fn half_statements_wait_for_more() {
        for code in [
            "1 +",
            "let x =",
            "let x",
            "x.",
            "a &&",
            "#[derive(Debug)]",
            "/// docs",
            "fn f()",
            "struct A",
            "impl A",
            "if a",
            "for i in 0..3",
            "match x",
            "use std::",
            "let x = 1 + // one",
            "x as",
            "#[a]\n#[b]",
            "while a",
            "fn f() -> u8",
            "if a {} else",
            "let x: ",
            "pub",
            "a = ",
        ] {
            assert_eq!(waits(code), Some(0), "{code}");
        }
    }

    #[test]
    fn what_cannot_become_right_is_invalid() {
        for code in [
            "}",
            "let x = );",
            "(]",
            "let = 5;",
            "fn f() { ( }",
            "let x = ;",
            "1 2 3",
            "x +;",
            "let ;",
            "struct;",
            "fn 5() {}",
        ] {
            assert_eq!(completeness(code), Completeness::Invalid, "{code}");
        }
    }
}
