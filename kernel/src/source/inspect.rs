//! What the cursor stands on, put so that evcxr's `hover_at` finds it.
//!
//! `hover_at` reads the text before the position, closes it with `;` (or `);` after a bracket), and asks rust-analyzer what
//! stands at its end. So it needs the whole name there, a bracket behind a method's name, and everything closed before.

use crate::source::{
    cell,
    cell::Cell,
    head::Head,
};
use ra_ap_syntax::{
    AstNode, SyntaxKind, SyntaxNode, SyntaxToken,
    ast::{self, HasArgList, HasName},
};

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
    let at = cursor.checked_sub(head.rust)?;
    let rust = &code[head.rust..];
    let cell = Cell::parse(rust);
    let name = name_at(&cell, at).or_else(|| callee(&cell, at))?;
    let question = Question::about(&name)?;
    let mut src = head.mended(code)[..].lines().take(code[..head.rust].lines().count()).map(|line| format!("{line}\n")).collect::<String>();
    for text in context(&cell, &name, rust, question.whole_statement) {
        src.push_str(&text);
        src.push('\n');
    }
    src.push_str(&question.text);
    Some(Inspect { position: src.len(), src })
}

fn name_at(cell: &Cell, at: usize) -> Option<SyntaxToken> {
    let wanted = |token: &SyntaxToken| matches!(token.kind(), SyntaxKind::IDENT | SyntaxKind::SELF_KW);
    cell.tokens_at(at).into_iter().find(wanted)
}

/// The name of the function in the brackets of whose call `at` lies.
fn callee(cell: &Cell, at: usize) -> Option<SyntaxToken> {
    let token = cell.tokens_at(at).into_iter().next()?;
    for node in token.parent_ancestors() {
        // Behind the brackets one is out of them.
        let inside = |list: Option<ast::ArgList>| {
            list.is_some_and(|list| {
                let closed = list.r_paren_token().map_or(usize::MAX, |token| cell::token_start(&token));
                cell::start(list.syntax()) < at && at <= closed
            })
        };
        if let Some(call) = ast::MethodCallExpr::cast(node.clone()).filter(|call| inside(call.arg_list())) {
            return call.name_ref()?.ident_token();
        }
        if let Some(call) = ast::CallExpr::cast(node.clone()).filter(|call| inside(call.arg_list())) {
            return last_name(call.expr()?.syntax());
        }
        if let Some(call) = ast::MacroCall::cast(node.clone())
            && call.token_tree().is_some_and(|tree| cell::start(tree.syntax()) < at)
        {
            return last_name(call.path()?.syntax());
        }
        if ast::BlockExpr::can_cast(node.kind()) || ast::Item::can_cast(node.kind()) {
            return None;
        }
    }
    None
}

fn last_name(node: &SyntaxNode) -> Option<SyntaxToken> {
    node.descendants_with_tokens().filter_map(|element| element.into_token()).filter(|token| token.kind() == SyntaxKind::IDENT).last()
}

struct Question {
    /// Code that ends with the name.
    text: String,
    /// Whether the statement in which the name stands has to come before it.
    whole_statement: bool,
}

impl Question {
    fn about(name: &SyntaxToken) -> Option<Question> {
        let node = name.parent()?;
        let parent = node.parent()?;
        let here = |text: String| Some(Question { text, whole_statement: false });
        let defined = |text: String| Some(Question { text, whole_statement: true });
        // A definition: ask about its use.
        if ast::Name::can_cast(node.kind()) {
            let owner = parent.ancestors().find_map(ast::Impl::cast).and_then(|item| item.self_ty());
            let text = name.text();
            return match (parent.kind(), owner) {
                (SyntaxKind::FN | SyntaxKind::CONST, Some(owner)) => defined(format!("<{}>::{text}", owner.syntax().text())),
                (SyntaxKind::STRUCT | SyntaxKind::ENUM | SyntaxKind::UNION | SyntaxKind::TRAIT | SyntaxKind::TYPE_ALIAS, _) => {
                    defined(type_question(text))
                }
                (SyntaxKind::VARIANT, _) => {
                    let name = parent.ancestors().find_map(ast::Enum::cast)?.name()?;
                    defined(format!("{}::{text}", name.text()))
                }
                (SyntaxKind::RECORD_FIELD | SyntaxKind::TYPE_PARAM, _) => None,
                _ => defined(text.to_owned()),
            };
        }
        if let Some(call) = ast::MethodCallExpr::cast(parent.clone()) {
            return here(format!("{}.{}(", own_text(call.receiver()?.syntax()), name.text()));
        }
        if let Some(field) = ast::FieldExpr::cast(parent.clone()) {
            return here(format!("{}.{}", own_text(field.expr()?.syntax()), name.text()));
        }
        if ast::PathSegment::can_cast(parent.kind()) {
            let path = parent.parent().and_then(ast::Path::cast)?;
            let before = path.qualifier().map(|path| format!("{}::", path.syntax().text())).unwrap_or_default();
            let text = format!("{before}{}", if name.kind() == SyntaxKind::SELF_KW { OWN_SELF } else { name.text() });
            let around = path.syntax().ancestors().skip(1).find(|node| !ast::Path::can_cast(node.kind()))?;
            let is_end = around.children().find_map(ast::Path::cast).is_some_and(|whole| whole == path);
            return match around.kind() {
                SyntaxKind::MACRO_CALL => here(format!("{text}!(")),
                SyntaxKind::PATH_EXPR | SyntaxKind::PATH_PAT | SyntaxKind::TUPLE_STRUCT_PAT if is_end => here(text),
                SyntaxKind::USE_TREE => here(type_question(&use_path(&around, &text))),
                _ => here(type_question(&text)),
            };
        }
        match parent.kind() {
            SyntaxKind::RECORD_EXPR_FIELD | SyntaxKind::RECORD_PAT_FIELD => None,
            _ => here(name.text().to_owned()),
        }
    }
}

/// A name for `self`, which is a keyword and means nothing outside of its function.
const OWN_SELF: &str = "evcxr_live_self";

/// Code in which `path` stands for a type; as an expression it would be a value.
fn type_question(path: &str) -> String {
    format!("let _: {path}")
}

/// The text of a receiver, with a name for `self`.
fn own_text(node: &SyntaxNode) -> String {
    let tokens = node.descendants_with_tokens().filter_map(|element| element.into_token());
    tokens.map(|token| if token.kind() == SyntaxKind::SELF_KW { OWN_SELF.to_owned() } else { token.text().to_owned() }).collect()
}

/// The path within a tree of imports, from its root.
fn use_path(tree: &SyntaxNode, path: &str) -> String {
    let above = tree.ancestors().skip(1).filter_map(ast::UseTree::cast).filter_map(|tree| tree.path());
    above.fold(path.to_owned(), |path, before| format!("{}::{path}", before.syntax().text()))
}

/// What the code before the name gives it: all items of the cell, and the variables of each block around it, function
/// parameters among them.
fn context(cell: &Cell, name: &SyntaxToken, rust: &str, whole_statement: bool) -> Vec<String> {
    let at = name.text_range().start();
    let mut pieces = Vec::new();
    let text = |node: &SyntaxNode| rust[cell::start(node)..cell::end(node).min(rust.len())].trim().to_owned();
    for node in &cell.nodes {
        // An item with the cursor in it may not be finished.
        let is_whole = !node.text_range().contains(at) || whole_statement;
        if ast::Item::can_cast(node.kind()) && is_whole {
            pieces.push(text(node));
        }
    }
    let mut around: Vec<SyntaxNode> = name.parent_ancestors().collect();
    around.reverse();
    for node in &around {
        if let Some(function) = ast::Fn::cast(node.clone()) {
            pieces.extend(parameters(&function));
        }
        let Some(list) = ast::StmtList::cast(node.clone()) else { continue };
        let lets = list.syntax().children().filter(|child| ast::LetStmt::can_cast(child.kind()));
        for statement in lets {
            let range = statement.text_range();
            if range.end() <= at || (whole_statement && range.start() <= at && binds(&statement, name)) {
                let text = own_text(&statement);
                pieces.push(if text.ends_with(';') { text } else { format!("{text};") });
            }
        }
    }
    pieces
}

fn binds(statement: &SyntaxNode, name: &SyntaxToken) -> bool {
    let pattern = ast::LetStmt::cast(statement.clone()).and_then(|statement| statement.pat());
    pattern.is_some_and(|pattern| pattern.syntax().text_range().contains_range(name.text_range()))
}

/// The parameters of a function as variables.
fn parameters(function: &ast::Fn) -> Vec<String> {
    let Some(list) = function.param_list() else { return Vec::new() };
    let mut variables = Vec::new();
    let owner = function.syntax().ancestors().find_map(ast::Impl::cast).and_then(|item| item.self_ty());
    if let (Some(parameter), Some(owner)) = (list.self_param(), owner) {
        let reference = match (parameter.amp_token(), parameter.mut_token()) {
            (Some(_), Some(_)) => "&mut ",
            (Some(_), None) => "&",
            (None, _) => "",
        };
        variables.push(format!("let {OWN_SELF}: {reference}{} = todo!();", owner.syntax().text()));
    }
    for parameter in list.params() {
        if let (Some(pattern), Some(kind)) = (parameter.pat(), parameter.ty()) {
            variables.push(format!("let {}: {} = todo!();", pattern.syntax().text(), kind.syntax().text()));
        }
    }
    variables
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The question for the place marked with `|`.
    fn ask(marked: &str) -> Option<String> {
        let cursor = marked.find('|').unwrap();
        let code = marked.replacen('|', "", 1);
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
        assert_eq!(asked("a.b()\n    .c(|x| x)\n    .d|d()").lines().last(), Some("    .d(").map(|_| "    .dd("));
    }

    #[test]
    fn a_path_ends_with_the_segment_at_the_cursor() {
        assert_eq!(asked("Gan::n|ew()"), "Gan::new");
        assert_eq!(asked("G|an::new()"), "let _: Gan");
        assert_eq!(asked("std::m|em::swap()"), "let _: std::mem");
        assert_eq!(asked("let a: Vec<Po|int> = b;"), "let _: Point");
        assert_eq!(asked("Po|int { x: 1 }"), "let _: Point");
        assert_eq!(asked("prin|tln!(\"a\")"), "println!(");
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
        assert_eq!(ask("f(|"), Some("f".to_owned()));
    }

    #[test]
    fn variables_and_items_of_the_cell_stay_before_it() {
        assert_eq!(asked("let a = b();\nprintln!(\"\");\nfoo(a.c|d())"), "let a = b();\na.cd(");
        assert_eq!(asked("a.b|c();\nfn f() {}\nlet d = 1;"), "fn f() {}\na.bc(");
        assert_eq!(asked(":dep rand = \"1\"\n  // c\nuse rand::Rng;\nr|ng()"), ":dep rand = \"1\"\n  // c\nuse rand::Rng;\nrng");
    }

    #[test]
    fn the_blocks_around_it_are_dropped_and_their_variables_kept() {
        assert_eq!(asked("let a = 1;\nfor i in 0..3 {\n    let b = a;\n    b.c|d();\n    let e = 2;\n}"), "let a = 1;\nlet b = a;\nb.cd(");
        assert_eq!(asked("fn f(p: &P, n: u8) {\n    let q = p;\n    q.x.y|z() }"), "let p: &P = todo!();\nlet n: u8 = todo!();\nlet q = p;\nq.x.yz(");
        assert_eq!(
            asked("struct A;\nimpl A { fn f(&self) { self.g|h(); } }"),
            "struct A;\nlet evcxr_live_self: &A = todo!();\nevcxr_live_self.gh("
        );
    }

    #[test]
    fn definitions_are_asked_about_by_their_use() {
        assert_eq!(asked("fn ar|ea() {}"), "fn area() {}\narea");
        assert_eq!(asked("struct Po|int;"), "struct Point;\nlet _: Point");
        assert_eq!(asked("struct A;\nimpl A { fn n|ew() {} }"), "struct A;\nimpl A { fn new() {} }\n<A>::new");
        assert_eq!(asked("let xy|z = 1;"), "let xyz = 1;\nxyz");
        assert_eq!(asked("enum E { A, B|b }"), "enum E { A, Bb }\nE::Bb");
        assert_eq!(asked("fn f(ab|c: u8) {}").lines().last(), Some("abc"));
    }

    #[test]
    fn mistakes_and_places_without_names_are_no_problem() {
        assert_eq!(asked("let = 1;\na.b|c()"), "let = 1;\na.bc(".split_once('\n').map(|(_, last)| last).unwrap());
        for marked in ["1| + 2", "|", "\"te|xt\"", "// com|ment", ":de|p rand", "a + | b"] {
            assert_eq!(ask(marked), None, "{marked}");
        }
    }
}
