//! What the cursor stands on, put so that evcxr's `hover_at` finds it.
//!
//! `hover_at` reads the text before the position, closes it with `;` (or `);` after a bracket), and asks rust-analyzer what
//! stands at its end. So it needs the whole name there, a bracket behind a method's name, and everything closed before.

mod context;
mod question;

use crate::source::{cell, cell::Cell, head::Head};
use question::Question;
use ra_ap_syntax::{
    AstNode, SyntaxKind, SyntaxNode, SyntaxToken,
    ast::{self, HasArgList},
};

/// A name for `self`, which is a keyword and means nothing outside of its function.
const OWN_SELF: &str = "evcxr_live_self";

/// The arguments for `CommandContext::hover_at`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspect {
    /// The code, which ends with the name in question.
    pub src: String,
    /// The position: the code's length.
    pub position: usize,
}

/// What to ask evcxr about the place `cursor` (in bytes) of the cell `code`. None if no name stands there. Between the
/// brackets of a call, where there is no other name, it is about the function.
pub fn expression_at(code: &str, cursor: usize) -> Option<Inspect> {
    let head = Head::of(code);
    let rust = head.docs(code).unwrap_or(head.rust);
    let at = cursor.checked_sub(rust)?;
    let cell = Cell::parse(&code[rust..]);
    let (question, place) = ask(&cell, at)?;
    // The commands stay: a dependency among them may be what the code is about.
    let mended = Head::of(code).mended(code);
    let mut src = String::new();
    for line in mended.lines().take(code[..rust].lines().count()) {
        src.push_str(line);
        src.push('\n');
    }
    for text in context::before(&cell, &place, question.whole_statement) {
        // At the beginning of a line evcxr would take docs for a mere comment.
        src.push_str(if text.starts_with("//") { " " } else { "" });
        src.push_str(&text);
        src.push('\n');
    }
    if question.is_value {
        src.push_str(&context::opening(&place));
    }
    src.push_str(&question.text);
    Some(Inspect { position: src.len(), src })
}

/// The question about the place `at`, and the node in whose place it is to be asked.
fn ask(cell: &Cell, at: usize) -> Option<(Question, SyntaxNode)> {
    let token = cell.tokens_at(at).into_iter().next()?;
    let call = token.parent_ancestors().filter_map(ast::MacroCall::cast).last();
    let within = call.and_then(|call| call.token_tree().map(|tree| (call, cell::start(tree.syntax()))));
    if let Some((call, start)) = within.filter(|(_, start)| *start < at) {
        // The parser leaves a macro's arguments alone; most are expressions.
        let tree = call.token_tree()?.syntax().text().to_string();
        let inner = tree.get(1..)?.trim_end_matches([')', ']', '}']);
        let arguments = Cell::parse(&format!("f({inner})"));
        if let Some((question, _)) = ask(&arguments, at - start + 1).filter(|(question, _)| question.text != "f") {
            return Some((question, call.syntax().clone()));
        }
        return Question::about(&last_name(call.path()?.syntax())?);
    }
    Question::about(&name_at(cell, at).or_else(|| callee(cell, at))?)
}

fn name_at(cell: &Cell, at: usize) -> Option<SyntaxToken> {
    let wanted = |token: &SyntaxToken| matches!(token.kind(), SyntaxKind::IDENT | SyntaxKind::SELF_KW);
    cell.tokens_at(at).into_iter().find(wanted)
}

/// The name of the function in the brackets of whose call `at` lies.
fn callee(cell: &Cell, at: usize) -> Option<SyntaxToken> {
    let inside = |list: Option<ast::ArgList>| {
        list.is_some_and(|list| {
            let closed = list.r_paren_token().map_or(usize::MAX, |token| cell::token_start(&token));
            cell::start(list.syntax()) < at && at <= closed
        })
    };
    for node in cell.tokens_at(at).into_iter().next()?.parent_ancestors() {
        if let Some(call) = ast::MethodCallExpr::cast(node.clone()).filter(|call| inside(call.arg_list())) {
            return call.name_ref()?.ident_token();
        }
        if let Some(call) = ast::CallExpr::cast(node.clone()).filter(|call| inside(call.arg_list())) {
            return last_name(call.expr()?.syntax());
        }
        if ast::BlockExpr::can_cast(node.kind()) || ast::Item::can_cast(node.kind()) {
            return None;
        }
    }
    None
}

fn last_name(node: &SyntaxNode) -> Option<SyntaxToken> {
    let tokens = node.descendants_with_tokens().filter_map(|element| element.into_token());
    tokens.filter(|token| token.kind() == SyntaxKind::IDENT).last()
}

/// The text of a token, with a name for `self`.
fn own_text(token: &SyntaxToken) -> &str {
    if token.kind() == SyntaxKind::SELF_KW { OWN_SELF } else { token.text() }
}

/// The text of a node, with a name for `self`.
fn own_node_text(node: &SyntaxNode) -> String {
    let tokens = node.descendants_with_tokens().filter_map(|element| element.into_token());
    tokens.map(|token| own_text(&token).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The question for the place marked with `|`.
    fn ask(marked: &str) -> Option<String> {
        ask_at(marked, '|')
    }

    fn ask_at(marked: &str, mark: char) -> Option<String> {
        let cursor = marked.find(mark).unwrap();
        let code = marked.replacen(mark, "", 1);
        expression_at(&code, cursor).map(|inspect| {
            assert_eq!(inspect.position, inspect.src.len());
            inspect.src
        })
    }

    fn asked(marked: &str) -> String {
        ask(marked).unwrap_or_else(|| panic!("nothing at {marked}"))
    }

    #[test]
    fn a_name_is_completed_wherever_the_cursor_is_in_it() {
        for marked in ["|area(1)", "ar|ea(1)", "area|(1)"] {
            assert_eq!(asked(marked), "area");
        }
        assert_eq!(asked("gan.tr|ain_gan(&y, 0)?"), "gan.train_gan(");
        assert_eq!(asked("p.na|me.len()"), "p.name");
        assert_eq!(asked("a.b()\n    .c(x)\n    .d|d()"), "a.b()\n    .c(x).dd(");
    }

    #[test]
    fn a_path_ends_with_the_segment_at_the_cursor() {
        assert_eq!(asked("Gan::n|ew()"), "Gan::new");
        assert_eq!(asked("G|an::new()"), "let _: Gan");
        assert_eq!(asked("std::m|em::swap()"), "let _: std::mem");
        assert_eq!(asked("let a: Vec<Po|int> = b;"), "let _: Point");
        assert_eq!(asked("Po|int { x: 1 }"), "let _: Point");
        assert_eq!(asked("prin|tln!(\"a\")"), "fn evcxr_live_macro() { use std::println");
        assert_eq!(asked("a::b|c!()"), "fn evcxr_live_macro() { use a::bc");
        assert_eq!(asked("use std::{fmt, io::Wr|ite};"), "let _: std::io::Write");
    }

    #[test]
    fn between_the_brackets_of_a_call_it_is_about_the_function() {
        assert_eq!(asked("area(|)"), "area");
        assert_eq!(asked("gan.train(1, |)"), "gan.train(");
        assert_eq!(asked("gan.train(|"), "gan.train(");
        assert_eq!(asked("f(g(1), | 2)"), "f");
        assert_eq!(asked("f(g(a|b))"), "ab");
        assert_eq!(ask("f(1); |"), None);
        assert_eq!(ask("f(1)|"), None);
        assert_eq!(ask("f(|"), Some("f".to_owned()));
    }

    #[test]
    fn variables_and_items_of_the_cell_stay_before_it() {
        assert_eq!(asked("let a = b();\nprintln!(\"\");\nfoo(a.c|d())"), "let a = b();\na.cd(");
        assert_eq!(asked("a.b|c();\nfn f() {}\nlet d = 1;"), "fn f() {}\na.bc(");
        assert_eq!(
            asked(":dep rand = \"1\"\n  // c\nuse rand::Rng;\nr|ng()"),
            ":dep rand = \"1\"\n  // c\nuse rand::Rng;\nrng"
        );
    }

    #[test]
    fn the_blocks_around_it_are_dropped_and_their_variables_kept() {
        assert_eq!(
            asked("let a = 1;\n{\n    let b = a;\n    b.c|d();\n    let e = 2;\n}"),
            "let a = 1;\nlet b = a;\nb.cd("
        );
        assert_eq!(
            asked("fn f(p: &P, n: u8) {\n    let q = p;\n    q.x.y|z() }"),
            "let p: &P = todo!();\nlet n: u8 = todo!();\nlet q = p;\nq.x.yz("
        );
        assert_eq!(
            asked("struct A;\nimpl A { fn f(&self) { self.g|h(); } }"),
            "struct A;\nlet evcxr_live_self: &A = todo!();\nevcxr_live_self.gh("
        );
    }

    #[test]
    fn loops_closures_and_arms_stay_open_for_their_variables() {
        let code = "let a = 1;\nfor i in 0..3 {\n    let b = i;\n    b.c|d();\n}";
        assert_eq!(asked(code), "let a = 1;\nlet _ = for i in 0..3 {\n    let b = i;\n    b.cd(");
        assert_eq!(ask_at("let m = v.map(|q| q.n^n());", '^').as_deref(), Some("let m = v.map(|q| q.nn("));
        assert_eq!(asked("if let Some(a) = b { a.c|d() }"), "let _ = if let Some(a) = b { a.cd(");
        assert_eq!(asked("match a { Some(b) => b.c|d(), _ => 1 }"), "let _ = match a { Some(b) => b.cd(");
        assert_eq!(asked("for i in 0..3 { A::b|c(i) }"), "A::bc", "no variable needed");
        assert_eq!(asked("for i in 0..3 { f(i|i) }"), "let _ = for i in 0..3 { f(ii");
    }

    #[test]
    fn the_arguments_of_a_macro_are_code_too() {
        assert_eq!(asked("println!(\"{}\", p.n|n(1))"), "p.nn(");
        assert_eq!(asked("println!(\"{}\", p.nn(1, |))"), "p.nn(");
        assert_eq!(asked("println!(\"{}\", |)"), "fn evcxr_live_macro() { use std::println");
        assert_eq!(asked("vec![f(a|b)]"), "ab");
        assert_eq!(asked("for q in v { println!(\"{}\", q.n|n()) }"), "let _ = for q in v { q.nn(");
        assert_eq!(asked("let a = 1;\nprintln!(\"{}\", vec![a.n|n()].len())"), "let a = 1;\na.nn(");
    }

    #[test]
    fn definitions_are_asked_about_by_their_use() {
        assert_eq!(asked("fn ar|ea() {}"), "fn area() {}\narea");
        assert_eq!(asked("/// docs\nfn ar|ea() {}"), " /// docs\nfn area() {}\narea");
        assert_eq!(asked("struct Po|int;"), "struct Point;\nlet _: Point");
        assert_eq!(asked("struct A;\nimpl A { fn n|ew() {} }"), "struct A;\nimpl A { fn new() {} }\n<A>::new");
        assert_eq!(asked("let xy|z = 1;"), "let xyz = 1;\nxyz");
        assert_eq!(asked("enum E { A, B|b }"), "enum E { A, Bb }\nE::Bb");
        assert_eq!(asked("fn f(ab|c: u8) {}").lines().last(), Some("abc"));
    }

    #[test]
    fn mistakes_and_places_without_names_are_no_problem() {
        assert_eq!(asked("let = 1;\na.b|c()"), "a.bc(");
        for marked in ["1| + 2", "|", "\"te|xt\"", "// com|ment", ":de|p rand", "a + | b"] {
            assert_eq!(ask(marked), None, "{marked}");
        }
    }
}
