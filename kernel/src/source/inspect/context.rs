//! The code that gives a name its meaning: the items of its cell, and the variables of the blocks around it.

use super::{OWN_SELF, own_node_text, own_text};
use crate::source::cell::Cell;
use ra_ap_syntax::{AstNode, SyntaxKind, SyntaxNode, ast};

/// All items of the cell, and the variables of each block around `place`, function parameters among them. With
/// `whole_statement` also the item or statement in which `place` itself lies.
pub fn before(cell: &Cell, place: &SyntaxNode, whole_statement: bool) -> Vec<String> {
    let at = place.text_range();
    let mut pieces = Vec::new();
    for node in cell.nodes.iter().filter(|node| ast::Item::can_cast(node.kind())) {
        // An item with the cursor in it may not be finished.
        if whole_statement || !node.text_range().contains_range(at) {
            pieces.push(node.text().to_string());
        }
    }
    let inner = opened(place);
    let mut around: Vec<SyntaxNode> = place.ancestors().collect();
    around.reverse();
    for node in around.iter().take_while(|node| inner.as_ref() != Some(*node)) {
        if let Some(function) = ast::Fn::cast(node.clone()) {
            pieces.extend(parameters(&function));
        }
        let Some(list) = ast::StmtList::cast(node.clone()) else { continue };
        // One without a pattern is a mistake, and would be one more before the name.
        let statements = list.syntax().children().filter_map(ast::LetStmt::cast).filter(|item| item.pat().is_some());
        for statement in statements {
            let binds = statement.pat().is_some_and(|pattern| pattern.syntax().text_range().contains_range(at));
            if statement.syntax().text_range().end() <= at.start() || (whole_statement && binds) {
                let text = own_node_text(statement.syntax());
                pieces.push(if text.ends_with(';') { text } else { format!("{text};") });
            }
        }
    }
    pieces
}

/// The beginning of the statement around `place`, if it binds variables for what is within it, as a closure or a loop does.
/// It stays open: rust-analyzer reads unfinished code.
pub fn opening(place: &SyntaxNode) -> String {
    let Some(statement) = opened(place) else { return String::new() };
    let tokens = statement.descendants_with_tokens().filter_map(|element| element.into_token());
    let before = tokens.take_while(|token| token.text_range().start() < place.text_range().start());
    let text: String = before.map(|token| own_text(&token).to_owned()).collect();
    // evcxr would wrap an expression to show its value, and then lose its place.
    if ast::LetStmt::can_cast(statement.kind()) { text } else { format!("let _ = {text}") }
}

/// The outermost statement in the function around `place` that binds variables within itself.
fn opened(place: &SyntaxNode) -> Option<SyntaxNode> {
    use SyntaxKind::{CLOSURE_EXPR, FOR_EXPR, LET_EXPR, MATCH_ARM};
    let within = place.ancestors().take_while(|node| !ast::Fn::can_cast(node.kind()));
    let binds = |node: &SyntaxNode| {
        let condition = |node: &SyntaxNode| matches!(node.kind(), SyntaxKind::IF_EXPR | SyntaxKind::WHILE_EXPR);
        matches!(node.kind(), CLOSURE_EXPR | FOR_EXPR | MATCH_ARM)
            || (condition(node) && node.children().any(|child| child.descendants().any(|node| node.kind() == LET_EXPR)))
    };
    let binder = within.filter(binds).last()?;
    let is_statement = |node: &SyntaxNode| node.parent().is_some_and(|parent| ast::StmtList::can_cast(parent.kind()));
    binder.ancestors().find(is_statement)
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
