//! A cell's Rust code as evcxr's statement_splitter sees it: the statements of a function's body.

use ra_ap_syntax::{AstNode, Edition, SourceFile, SyntaxElement, SyntaxNode, SyntaxToken, ast};

/// The edition that evcxr parses with.
pub const EDITION: Edition = Edition::Edition2024;

const PRELUDE: &str = "fn f(){";

/// A parsed piece of code, with positions counted from its own beginning.
pub struct Cell {
    root: SyntaxNode,
    /// The top-level statements: items, `let`s and expressions.
    pub nodes: Vec<SyntaxNode>,
    /// Where the parser found mistakes.
    pub errors: Vec<usize>,
    length: usize,
}

impl Cell {
    /// Parses `code`, which must hold no commands.
    pub fn parse(code: &str) -> Cell {
        let parsed = SourceFile::parse(&format!("{PRELUDE}{code}\n}}"), EDITION);
        let root = parsed.syntax_node();
        let nodes = root
            .children()
            .next()
            .and_then(ast::Fn::cast)
            .and_then(|function| function.body())
            .and_then(|body| body.stmt_list())
            .map(|list| list.syntax().children().collect())
            .unwrap_or_default();
        let errors =
            parsed.errors().into_iter().map(|error| usize::from(error.range().start()).saturating_sub(PRELUDE.len()));
        Cell { errors: errors.collect(), root, nodes, length: code.len() }
    }

    /// The tokens of the code itself.
    pub fn tokens(&self) -> impl Iterator<Item = SyntaxToken> {
        let end = PRELUDE.len() + self.length;
        self.root
            .descendants_with_tokens()
            .filter_map(SyntaxElement::into_token)
            .skip_while(|token| usize::from(token.text_range().start()) < PRELUDE.len())
            .take_while(move |token| usize::from(token.text_range().start()) < end)
    }

    /// The last token that is neither space nor comment.
    pub fn last_token(&self) -> Option<SyntaxToken> {
        self.tokens().filter(|token| !token.kind().is_trivia()).last()
    }

    /// The tokens that touch `offset`: the one before it and the one behind it, which may be the same.
    pub fn tokens_at(&self, offset: usize) -> Vec<SyntaxToken> {
        let offset = (offset + PRELUDE.len()).min(usize::from(self.root.text_range().end()));
        u32::try_from(offset).map(|offset| self.root.token_at_offset(offset.into()).collect()).unwrap_or_default()
    }
}

/// Where `node` begins, in the code that the cell was parsed from.
pub fn start(node: &SyntaxNode) -> usize {
    usize::from(node.text_range().start()).saturating_sub(PRELUDE.len())
}

/// Where `node` ends, in the code that the cell was parsed from.
pub fn end(node: &SyntaxNode) -> usize {
    usize::from(node.text_range().end()).saturating_sub(PRELUDE.len())
}

/// Where `token` begins, in the code that the cell was parsed from.
pub fn token_start(token: &SyntaxToken) -> usize {
    usize::from(token.text_range().start()).saturating_sub(PRELUDE.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_keep_their_places() {
        let code = "let a = 1;\nfn b() {}\na + 1";
        let cell = Cell::parse(code);
        let texts: Vec<&str> = cell.nodes.iter().map(|node| &code[start(node)..end(node)]).collect();
        assert_eq!(texts, ["let a = 1;", "fn b() {}", "a + 1"]);
        assert!(cell.errors.is_empty());
        assert_eq!(cell.last_token().map(|token| token_start(&token)), Some(code.len() - 1));
    }

    #[test]
    fn mistakes_and_tokens_are_counted_from_the_beginning_of_the_code() {
        let cell = Cell::parse("let = 5;");
        assert_eq!(cell.errors.first(), Some(&3));
        let cell = Cell::parse("ab + cd");
        assert_eq!(cell.tokens_at(3).first().map(|token| token.text().to_owned()), Some(" ".to_owned()));
        assert_eq!(cell.tokens_at(6).first().map(|token| token.text().to_owned()), Some("cd".to_owned()));
        assert_eq!(cell.tokens().count(), 5);
    }
}
