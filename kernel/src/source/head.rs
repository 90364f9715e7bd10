//! The head of a cell: the lines before its Rust code, which hold commands such as `:dep`, `!ls` and comments.
//!
//! evcxr leaves the head at the first line that is not empty, not a command and does not begin with `//` in its first
//! column. An indented comment or a tab before a command is enough, and the command is then taken for Rust.

use crate::source::cell::Cell;
use ra_ap_syntax::{AstNode, ast};
use std::ops::Range;

/// What a line of the head is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Comment,
    Command,
    Shell,
}

/// The head of a cell, and where its Rust code begins.
pub struct Head {
    lines: Vec<(Range<usize>, Kind)>,
    /// Where the first line of Rust code begins; the code's length if there is none.
    pub rust: usize,
}

impl Head {
    /// Finds the end of the head.
    pub fn of(code: &str) -> Head {
        let mut lines = Vec::new();
        let mut start = 0;
        let mut comment_end = 0;
        for line in code.split_inclusive('\n') {
            let text = line.trim();
            let range = start..start + line.trim_end_matches(['\n', '\r']).len();
            let here = start + (line.len() - line.trim_start().len());
            if range.end <= comment_end {
                lines.push((range, Kind::Comment));
            } else if start < comment_end {
                // A block comment ends in this line.
                let behind = code[comment_end..range.end].trim();
                if !behind.is_empty() && !behind.starts_with("//") {
                    break;
                }
                lines.push((range, Kind::Comment));
            } else if text.is_empty() || text.starts_with("//") {
                lines.push((range, Kind::Comment));
            } else if text.starts_with("/*") {
                comment_end = here + block_comment(&code[here..]);
                let behind = code.get(comment_end..range.end).unwrap_or_default().trim();
                if !behind.is_empty() && !behind.starts_with("//") {
                    break;
                }
                lines.push((range, Kind::Comment));
            } else if line.starts_with('!') {
                lines.push((range, Kind::Shell));
            } else if text.starts_with(':') {
                lines.push((range, Kind::Command));
            } else {
                break;
            }
            start += line.len();
        }
        Head { lines, rust: start }
    }

    fn last_command(&self) -> Option<usize> {
        self.lines.iter().rposition(|(_, kind)| *kind != Kind::Comment)
    }

    /// Whether the head holds the command `name`.
    pub fn has_command(&self, code: &str, name: &str) -> bool {
        self.lines
            .iter()
            .any(|(range, kind)| *kind == Kind::Command && code[range.clone()].split_whitespace().next() == Some(name))
    }

    /// Where the docs of the first item begin if they stand in the first column, where evcxr drops them.
    pub fn docs(&self, code: &str) -> Option<usize> {
        // Only an item can have docs; before anything else rustc would refuse them.
        let before_item = |start: &usize| {
            let first = Cell::parse(&code[*start..]).nodes.into_iter().next();
            first.is_some_and(|node| ast::Item::can_cast(node.kind()))
        };
        self.lost_docs(code).filter(before_item)
    }

    /// Where the first `///` line begins that stands directly before the Rust code, in the first column.
    pub fn lost_docs(&self, code: &str) -> Option<usize> {
        let after = self.last_command().map_or(0, |last| last + 1);
        self.lines[after..]
            .iter()
            .map(|(range, _)| range.start)
            .find(|&start| code[start..].starts_with("///") && !code[start..].starts_with("////"))
    }

    /// The code with a head that evcxr understands. Lines stay lines; the Rust code stays as it is.
    pub fn mended(&self, code: &str) -> String {
        let last = self.last_command();
        let mut mended = String::with_capacity(code.len());
        let mut done = 0;
        for (index, (range, kind)) in self.lines.iter().enumerate() {
            mended.push_str(&code[done..range.start]);
            let text = &code[range.clone()];
            match kind {
                // An empty line is the one thing that evcxr is sure to skip.
                Kind::Comment if last.is_some_and(|last| index < last) && !text.starts_with("//") => {}
                Kind::Command => mended.push_str(&command(text)),
                Kind::Comment | Kind::Shell => mended.push_str(text),
            }
            done = range.end;
        }
        mended.push_str(&code[done..]);
        mended
    }
}

/// The length of the block comment at the beginning of `text`. Such comments nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// A command's line with spaces for all other kinds of space; `:dep` also without a Rust comment or a semicolon at its
/// end, which Cargo would find in the dependency.
fn command(line: &str) -> String {
    let spaced: String =
        line.chars().map(|character| if character.is_whitespace() { ' ' } else { character }).collect();
    if !spaced.trim_start().starts_with(":dep ") {
        return spaced;
    }
    let mut quoted = false;
    let comment = spaced.char_indices().find(|&(at, character)| {
        quoted ^= character == '"';
        !quoted && spaced[at..].starts_with(" //")
    });
    let kept = comment.map_or(spaced.as_str(), |(at, _)| &spaced[..at]);
    kept.trim_end().trim_end_matches(';').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(code: &str) -> String {
        Head::of(code).mended(code)
    }

    #[test]
    fn comments_of_all_kinds_may_stand_before_a_command() {
        assert_eq!(mended("  // indented\n:dep rand\n1"), "\n:dep rand\n1");
        assert_eq!(mended("\t// tabbed\n\n:vars"), "\n\n:vars");
        assert_eq!(mended("/* one\n/* two */\nthree */\n:vars\nx"), "\n\n\n:vars\nx");
        assert_eq!(mended("/* a */ // b\n!ls"), "\n!ls", "a comment behind a comment");
        assert_eq!(mended("// as it is\n:vars"), "// as it is\n:vars");
    }

    #[test]
    fn comments_before_rust_code_stay() {
        for code in ["  // a\nx", "/* a\n b */\nlet x = 1;", ":vars\n  // a\nx", "/* a */ x\n:vars", "  // a", "", "\n"]
        {
            assert_eq!(mended(code), code);
        }
    }

    #[test]
    fn commands_may_be_indented_by_tabs_and_use_any_space() {
        assert_eq!(mended("\t:dep\trand\u{a0}= \"0.9\"\n\tx"), " :dep rand = \"0.9\"\n\tx");
    }

    #[test]
    fn a_dependency_loses_its_comment_and_semicolon() {
        assert_eq!(mended(":dep rand = \"0.9\"; // dice"), ":dep rand = \"0.9\"");
        assert_eq!(mended(":dep a = { git = \"https://b //c\" }"), ":dep a = { git = \"https://b //c\" }");
        assert_eq!(mended(":opt 2; // no dependency"), ":opt 2; // no dependency");
    }

    #[test]
    fn the_rust_code_begins_at_its_first_line() {
        let rust = |code: &'static str| &code[Head::of(code).rust..];
        assert_eq!(rust(":dep a\n// b\n  c\nd"), "  c\nd");
        assert_eq!(rust("/* a\n*/ b"), "*/ b");
        assert_eq!(rust(":vars"), "");
        assert_eq!(rust("a\n:vars"), "a\n:vars");
        assert!(Head::of("  :clear\na").has_command("  :clear\na", ":clear"));
        assert!(!Head::of("// :clear\na").has_command("// :clear\na", ":clear"));
    }

    #[test]
    fn docs_in_the_first_column_are_found() {
        let docs = |code: &str| Head::of(code).lost_docs(code);
        assert_eq!(docs(":vars\n// a\n/// b\nfn c() {}"), Some(11));
        assert_eq!(docs("//// a\nfn c() {}"), None);
        assert_eq!(docs(" /// evcxr sees this one\nfn c() {}"), None);
        assert_eq!(docs("/// before a command\n:vars\nfn c() {}"), None);
        let of_item = |code: &str| Head::of(code).docs(code);
        assert_eq!(of_item(":vars\n/// a\nfn c() {}"), Some(6));
        assert_eq!(of_item("/// a\nc()"), None);
    }
}
