//! Code that ends with the name in question, so that rust-analyzer knows what is meant.

use super::{own_node_text, own_text};
use ra_ap_syntax::{
    AstNode, SyntaxKind, SyntaxNode, SyntaxToken,
    ast::{self, HasName},
};

pub struct Question {
    /// Code that ends with the name.
    pub text: String,
    /// Whether it depends on the variables around it.
    pub is_value: bool,
    /// Whether the statement in which the name stands has to come before it.
    pub whole_statement: bool,
}

impl Question {
    /// The question about `name`, and the node in whose place it is to be asked.
    pub fn about(name: &SyntaxToken) -> Option<(Question, SyntaxNode)> {
        let node = name.parent()?;
        let parent = node.parent()?;
        if ast::Name::can_cast(node.kind()) {
            let (text, is_value) = definition(name, &parent)?;
            return Some((Question { text, is_value, whole_statement: true }, parent));
        }
        let value =
            |text: String, place: SyntaxNode| Some((Question { text, is_value: true, whole_statement: false }, place));
        let other = |text: String| Some((Question { text, is_value: false, whole_statement: false }, node.clone()));
        if let Some(call) = ast::MethodCallExpr::cast(parent.clone()) {
            return value(format!("{}.{}(", own_node_text(call.receiver()?.syntax()), name.text()), parent);
        }
        if let Some(field) = ast::FieldExpr::cast(parent.clone()) {
            return value(format!("{}.{}", own_node_text(field.expr()?.syntax()), name.text()), parent);
        }
        if matches!(parent.kind(), SyntaxKind::RECORD_EXPR_FIELD | SyntaxKind::RECORD_PAT_FIELD) {
            return None;
        }
        let Some(path) =
            parent.parent().filter(|_| ast::PathSegment::can_cast(parent.kind())).and_then(ast::Path::cast)
        else {
            return other(name.text().to_owned());
        };
        let before = path.qualifier().map(|path| format!("{}::", path.syntax().text())).unwrap_or_default();
        let text = format!("{before}{}", own_text(name));
        let around = path.syntax().ancestors().skip(1).find(|node| !ast::Path::can_cast(node.kind()))?;
        let is_end = around.children().find_map(ast::Path::cast).is_some_and(|whole| whole == path);
        match around.kind() {
            SyntaxKind::MACRO_CALL => other(macro_question(&text)),
            SyntaxKind::PATH_EXPR if is_end && before.is_empty() => value(text, around),
            SyntaxKind::PATH_EXPR | SyntaxKind::PATH_PAT | SyntaxKind::TUPLE_STRUCT_PAT if is_end => other(text),
            SyntaxKind::USE_TREE => other(type_question(&use_path(&around, &text))),
            _ => other(type_question(&text)),
        }
    }
}

/// A name that is defined at the cursor is asked about by its use; the second value tells whether it is a variable.
fn definition(name: &SyntaxToken, parent: &SyntaxNode) -> Option<(String, bool)> {
    use SyntaxKind::{CONST, ENUM, FN, RECORD_FIELD, STRUCT, TRAIT, TYPE_ALIAS, TYPE_PARAM, UNION, VARIANT};
    let owner = parent.ancestors().find_map(ast::Impl::cast).and_then(|item| item.self_ty());
    let text = name.text();
    match (parent.kind(), owner) {
        (FN | CONST, Some(owner)) => Some((format!("<{}>::{text}", owner.syntax().text()), false)),
        (FN | CONST, None) => Some((text.to_owned(), false)),
        (STRUCT | ENUM | UNION | TRAIT | TYPE_ALIAS, _) => Some((type_question(text), false)),
        (VARIANT, _) => {
            let name = parent.ancestors().find_map(ast::Enum::cast)?.name()?;
            Some((format!("{}::{text}", name.text()), false))
        }
        (RECORD_FIELD | TYPE_PARAM, _) => None,
        _ => Some((text.to_owned(), true)),
    }
}

/// Code in which `path` stands for a type; as an expression it would be a value.
fn type_question(path: &str) -> String {
    format!("let _: {path}")
}

/// Code in which a macro's name stands without the `!` behind it, which would be what is asked about.
fn macro_question(path: &str) -> String {
    let root = if path.contains("::") { "" } else { "std::" };
    format!("fn evcxr_live_macro() {{ use {root}{path}")
}

/// The path within a tree of imports, from its root.
fn use_path(tree: &SyntaxNode, path: &str) -> String {
    let above = tree.ancestors().skip(1).filter_map(ast::UseTree::cast).filter_map(|tree| tree.path());
    above.fold(path.to_owned(), |path, before| format!("{}::{path}", before.syntax().text()))
}
