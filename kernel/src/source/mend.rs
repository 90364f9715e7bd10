//! Small things that stop a cell, and that its text alone can put right: characters that look like spaces, and the last
//! semicolon.

use crate::source::{cell, cell::Cell, head::Head};
use ra_ap_syntax::{
    AstNode, SyntaxKind, SyntaxNode,
    ast::{self, BinaryOp},
};

/// Macros that only do something: their `()` is nothing to show.
const SILENT: [&str; 11] = [
    "println",
    "print",
    "eprintln",
    "eprint",
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "thread_local",
];

/// The cell with `\n` at the end of its lines, spaces for a byte-order mark and for the odd spaces of web pages, and an
/// empty line for a first line `#!/usr/bin/…`. The count of lines, and of characters before any other one, stays the same.
pub fn plain(code: &str) -> String {
    let mut plain = code.replace("\r\n", "\n");
    if let Some(rest) = plain.strip_prefix('\u{feff}') {
        plain = format!(" {rest}");
    }
    let shebang = plain.trim_start_matches(' ');
    if shebang.starts_with("#!") && !shebang[2..].trim_start().starts_with('[') {
        plain = plain.find('\n').map_or_else(String::new, |end| plain[end..].to_owned());
    }
    if !plain.contains(is_odd_space) {
        return plain;
    }
    // The head mends its own spaces; in Rust code they may well stand in a string.
    let rust = Head::of(&plain).rust;
    let parsed = Cell::parse(&plain[rust..]);
    let mut mended = plain[..rust].to_owned();
    for token in parsed.tokens() {
        let text = &token.text()[..token.text().len().min(plain.len() - rust - cell::token_start(&token))];
        if token.kind() == SyntaxKind::ERROR || token.kind() == SyntaxKind::WHITESPACE {
            mended.extend(text.chars().map(|character| if is_odd_space(character) { ' ' } else { character }));
        } else {
            mended.push_str(text);
        }
    }
    mended
}

/// Characters that look like a space, and are none to Rust.
fn is_odd_space(character: char) -> bool {
    matches!(
        character,
        '\u{a0}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{2060}' | '\u{3000}' | '\u{feff}'
    )
}

/// Where the cell `rust` lacks its last semicolon: after `let` and the like, which cannot do without, and after what has no
/// value to show, such as `x += 1` or `println!(…)`, for which evcxr would show `()`.
pub fn semicolon(rust: &str, parsed: &Cell) -> Option<usize> {
    let last = parsed.nodes.last()?;
    let end = cell::end(last).min(rust.len());
    if parsed.errors.is_empty() && has_no_value(last) {
        return Some(end);
    }
    let statement = match last.kind() {
        // Without a value it says nothing yet.
        SyntaxKind::LET_STMT => ast::LetStmt::cast(last.clone()).is_some_and(|item| item.initializer().is_some()),
        kind => matches!(kind, SyntaxKind::USE | SyntaxKind::CONST | SyntaxKind::STATIC | SyntaxKind::TYPE_ALIAS),
    };
    // The parser may leave what follows a mistake outside of the statement.
    let end = rust[..end].trim_end().len();
    let complete = || Cell::parse(&format!("{};{}", &rust[..end], &rust[end..])).errors.is_empty();
    (statement && !parsed.errors.is_empty() && complete()).then_some(end)
}

fn has_no_value(node: &SyntaxNode) -> bool {
    match ast::Expr::cast(node.clone()) {
        Some(ast::Expr::ForExpr(_) | ast::Expr::WhileExpr(_)) => true,
        Some(ast::Expr::BinExpr(binary)) => matches!(binary.op_kind(), Some(BinaryOp::Assignment { .. })),
        Some(ast::Expr::MacroExpr(macro_expr)) => {
            let path = macro_expr.macro_call().and_then(|call| call.path());
            let name = path.map(|path| path.syntax().text().to_string()).unwrap_or_default();
            SILENT.contains(&name.as_str())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_line_ends_of_other_systems_are_no_obstacle() {
        assert_eq!(plain("\u{feff}let a = 1;\r\n\r\na"), " let a = 1;\n\na");
        assert_eq!(plain("#!/usr/bin/env evcxr\n1"), "\n1");
        assert_eq!(plain("#![allow(dead_code)]\n1"), "#![allow(dead_code)]\n1");
        assert_eq!(plain("#!/bin/sh"), "");
    }

    #[test]
    fn odd_spaces_become_spaces_but_not_in_strings_and_comments() {
        assert_eq!(plain("let\u{a0}a\u{3000}= \"b\u{a0}c\"; // d\u{a0}e\n"), "let a = \"b\u{a0}c\"; // d\u{a0}e\n");
        assert_eq!(plain("\u{a0}\u{a0}a()"), "  a()");
        assert_eq!(plain("let é = 'a';\u{200b}"), "let é = 'a'; ");
    }

    fn mended(code: &str) -> String {
        match semicolon(code, &Cell::parse(code)) {
            Some(at) => format!("{};{}", &code[..at], &code[at..]),
            None => code.to_owned(),
        }
    }

    #[test]
    fn the_last_semicolon_may_be_left_out() {
        assert_eq!(mended("let x = 1"), "let x = 1;");
        assert_eq!(mended("a();\nlet x = 1 // one\n"), "a();\nlet x = 1; // one\n");
        assert_eq!(mended("use std::fmt"), "use std::fmt;");
        assert_eq!(mended("const A: u8 = 1"), "const A: u8 = 1;");
        assert_eq!(mended("let x = if a { 1 } else { 2 }"), "let x = if a { 1 } else { 2 };");
    }

    #[test]
    fn nothing_is_shown_where_there_is_no_value() {
        assert_eq!(mended("println!(\"{x}\")"), "println!(\"{x}\");");
        assert_eq!(mended("for a in b {}"), "for a in b {};");
        assert_eq!(mended("x += 1 // more"), "x += 1; // more");
        assert_eq!(mended("x = 1"), "x = 1;");
    }

    #[test]
    fn values_are_shown_and_mistakes_stay() {
        for code in [
            "x",
            "1 + 1",
            "x == 1",
            "vec![1]",
            "f()",
            "let x = ",
            "let x = (1",
            "let x: u8",
            "if a { 1 } else { 2 }",
            "",
            "use a::",
            "let x = 1;",
        ] {
            assert_eq!(mended(code), code);
        }
    }
}
