//! Code compared by its tokens: what two definitions have in common whatever their layout, and which names they mention.

use crate::source::cell::Cell;
use ra_ap_syntax::{
    AstNode, SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken,
    ast::{self, HasGenericParams, HasName},
};
use std::collections::{BTreeMap, BTreeSet};

/// The tokens of `node` without spaces and comments.
pub fn tokens(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    node.descendants_with_tokens().filter_map(SyntaxElement::into_token).filter(|token| !token.kind().is_trivia())
}

/// The text of `node` by which it can be compared: one space between any two tokens, no comments, and no attributes but
/// `repr`, because no other attribute changes how a value lies in memory.
pub fn text(node: &SyntaxNode) -> String {
    let kept = |token: &SyntaxToken| {
        let attribute = token.parent_ancestors().take_while(|above| above != node).find_map(ast::Attr::cast);
        attribute.is_none_or(|attribute| attribute.syntax().text().to_string().contains("repr"))
    };
    tokens(node).filter(kept).map(|token| token.text().to_owned()).collect::<Vec<_>>().join(" ")
}

/// As [`text`], without the bodies of functions if `node` is a trait.
pub fn text_without_bodies(node: &SyntaxNode) -> String {
    let functions =
        ast::Trait::cast(node.clone()).and_then(|item| item.assoc_item_list()).map(|list| list.assoc_items());
    let Some(items) = functions else { return text(node) };
    let head = |item: ast::AssocItem| match &item {
        ast::AssocItem::Fn(function) => {
            let whole = text(item.syntax());
            let body = function.body().map(|body| text(body.syntax())).unwrap_or_default();
            whole.strip_suffix(&body).unwrap_or(&whole).trim_end_matches([' ', ';']).to_owned()
        }
        _ => text(item.syntax()),
    };
    items.map(head).collect::<Vec<_>>().join("\n")
}

/// As [`text`], with each of the generic parameters in `parameters` replaced by its number: their names do not matter.
pub fn text_without_names(node: &SyntaxNode, parameters: &[String]) -> String {
    let word = |token: SyntaxToken| match parameters.iter().position(|name| name == token.text()) {
        Some(number) => format!("${number}"),
        None => token.text().to_owned(),
    };
    tokens(node).map(word).collect::<Vec<_>>().join(" ")
}

/// The names of the generic parameters of `item`, lifetimes included.
pub fn parameters(item: &impl HasGenericParams) -> Vec<String> {
    let parameters = item.generic_param_list().into_iter().flat_map(|list| list.generic_params());
    parameters
        .filter_map(|parameter| match parameter {
            ast::GenericParam::ConstParam(parameter) => parameter.name().map(|name| name.text().to_string()),
            ast::GenericParam::TypeParam(parameter) => parameter.name().map(|name| name.text().to_string()),
            ast::GenericParam::LifetimeParam(parameter) => {
                parameter.lifetime().map(|lifetime| lifetime.text().to_string())
            }
        })
        .collect()
}

/// All paths in the tokens of `node`, such as `Point` or `std::fmt::Display`.
pub fn paths(node: &SyntaxNode) -> BTreeSet<String> {
    collect_paths(tokens(node))
}

/// All paths in a piece of code, such as a variable's type.
pub fn paths_in(code: &str) -> BTreeSet<String> {
    collect_paths(Cell::parse(&format!("let _: {code};")).tokens().filter(|token| !token.kind().is_trivia()))
}

fn collect_paths(tokens: impl Iterator<Item = SyntaxToken>) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    let mut path = String::new();
    // Two colons are one token or two, by what the parser made of them.
    let mut colons = 0;
    for token in tokens {
        match token.kind() {
            SyntaxKind::COLON => colons += 1,
            SyntaxKind::COLON2 => colons = 2,
            SyntaxKind::IDENT | SyntaxKind::CRATE_KW | SyntaxKind::SELF_KW | SyntaxKind::SUPER_KW => {
                if colons == 2 && !path.is_empty() {
                    path.push_str("::");
                } else if !path.is_empty() {
                    paths.insert(std::mem::take(&mut path));
                }
                path.push_str(token.text().trim_start_matches("r#"));
                colons = 0;
            }
            _ => {
                if !path.is_empty() {
                    paths.insert(std::mem::take(&mut path));
                }
                colons = 0;
            }
        }
    }
    if !path.is_empty() {
        paths.insert(path);
    }
    paths
}

/// Whether `path` leads to the item `name`, or through it: `Point` and `Point::new` lead to `Point`, `geo::Point` leads
/// elsewhere. The item's own name may be a path: `Square` and `shapes::Square` lead to `shapes::Square`.
pub fn leads_to(path: &str, name: &str) -> bool {
    let path: Vec<&str> =
        path.split("::").skip_while(|segment| matches!(*segment, "crate" | "self" | "super")).collect();
    let name: Vec<&str> = name.split("::").collect();
    (0..name.len()).any(|from| path.starts_with(&name[from..]))
}

/// The names that the `use` statements among `nodes` bring in, with the paths behind them.
pub fn imports(nodes: &[SyntaxNode]) -> BTreeMap<String, String> {
    let mut imports = BTreeMap::new();
    for tree in nodes.iter().cloned().filter_map(ast::Use::cast).filter_map(|item| item.use_tree()) {
        collect_imports(&tree, "", &mut imports);
    }
    imports
}

fn collect_imports(tree: &ast::UseTree, before: &str, imports: &mut BTreeMap<String, String>) {
    let own = tree.path().map(|path| path.syntax().text().to_string()).unwrap_or_default();
    let path = match (before, own.as_str()) {
        (_, "self") => before.to_owned(),
        ("", own) => own.to_owned(),
        (before, "") => before.to_owned(),
        (before, own) => format!("{before}::{own}"),
    };
    if let Some(list) = tree.use_tree_list() {
        for inner in list.use_trees() {
            collect_imports(&inner, &path, imports);
        }
    } else if tree.star_token().is_none() {
        let renamed = tree.rename().map(|rename| rename.name().map(|name| name.text().to_string()));
        if let Some(name) = renamed.unwrap_or_else(|| path.rsplit("::").next().map(str::to_owned)) {
            imports.insert(name, path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(code: &str) -> SyntaxNode {
        Cell::parse(code).nodes.remove(0)
    }

    #[test]
    fn layout_comments_and_derives_do_not_count() {
        let one = text(&node("#[derive(Debug)]\n/// a\nstruct P {\n    /// b\n    x: i32, // c\n}"));
        assert_eq!(one, text(&node("#[derive(Clone)] struct P{x:i32,}")));
        assert_ne!(one, text(&node("struct P { x: i64, }")));
        assert_ne!(one, text(&node("#[repr(C)] struct P { x: i32, }")));
    }

    #[test]
    fn a_trait_is_compared_without_its_bodies() {
        let heads = |code: &str| text_without_bodies(&node(code));
        assert_eq!(
            heads("trait T { fn a(&self) { 1; } const B: u8; }"),
            heads("trait T { fn a(&self); const B: u8; }")
        );
        assert_ne!(heads("trait T { fn a(&self); fn b(&self); }"), heads("trait T { fn b(&self); fn a(&self); }"));
    }

    #[test]
    fn parameters_are_counted_instead_of_named() {
        let header = |code: &str| {
            let item = ast::Impl::cast(node(code)).unwrap();
            text_without_names(item.self_ty().unwrap().syntax(), &parameters(&item))
        };
        assert_eq!(header("impl<'a, T: Clone, const N: usize> A<'a, T, N> {}"), "A < $0 , $1 , $2 >");
        assert_eq!(header("impl<'b, U, const M: usize> A<'b, U, M> {}"), "A < $0 , $1 , $2 >");
        assert_eq!(header("impl A<T> {}"), "A < T >");
    }

    #[test]
    fn paths_are_found_whole() {
        let found: Vec<String> = paths_in("Vec<(geo::Point, &'static dyn crate::Shape)>").into_iter().collect();
        assert_eq!(found, ["Vec", "crate::Shape", "geo::Point"]);
        assert!(paths(&node("fn a(p: Point) { Point::new(); p.x }")).contains("Point::new"));
    }

    #[test]
    fn a_path_leads_to_an_item_or_past_it() {
        assert!(leads_to("Point", "Point") && leads_to("crate::Point", "Point") && leads_to("Point::new", "Point"));
        assert!(!leads_to("geo::Point", "Point") && !leads_to("Points", "Point") && !leads_to("new", "Point"));
        assert!(leads_to("Square", "shapes::Square") && leads_to("shapes::Square", "shapes::Square"));
        assert!(!leads_to("other::Square", "shapes::Square"));
    }

    #[test]
    fn imports_are_followed_into_their_braces() {
        let nodes = Cell::parse("use std::{fmt::{self, Display as D}, io::Write as _, mem::*};\nuse a::B;").nodes;
        let found: Vec<(String, String)> = imports(&nodes).into_iter().collect();
        let expected = [("B", "a::B"), ("D", "std::fmt::Display"), ("fmt", "std::fmt")];
        assert_eq!(found, expected.map(|(name, path)| (name.to_owned(), path.to_owned())));
    }
}
