//! Types that a cell defines anew, and the variables that hold values of the old ones.
//!
//! evcxr keeps each variable in a box and checks its type by `TypeId` before it unpacks it. That id depends on the names
//! of the type and of its fields, and on nothing else: a struct that is defined again word for word is still the same
//! type, and its values stay; but so is a struct whose field has become an `i64` instead of an `i32`, and the old bytes
//! would be read as the new type. So a variable of a changed type has to go before the cell is compiled.

use crate::source::normal;
use ra_ap_syntax::{
    AstNode, SyntaxKind, SyntaxNode,
    ast::{self, HasModuleItem, HasName},
};
use std::collections::{BTreeMap, BTreeSet};

/// An item with a name, as earlier cells have defined it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its definition, in a form that can be compared.
    text: String,
    /// The part of it on which the memory of a value can depend: a trait's functions without their bodies.
    shape: String,
    /// Its definition as the reader wrote it.
    pub written: String,
    /// The paths in it.
    pub paths: BTreeSet<String>,
    pub kind: SyntaxKind,
}

impl Item {
    /// Whether the memory of a value can depend on this item: a trait decides about the table of its functions, and a
    /// constant about the length of an array.
    fn shapes_values(&self) -> bool {
        use SyntaxKind::{CONST, ENUM, STRUCT, TRAIT, TYPE_ALIAS, UNION};
        matches!(self.kind, CONST | ENUM | STRUCT | TRAIT | TYPE_ALIAS | UNION)
    }

    /// Whether it mentions any of `names`.
    pub fn mentions(&self, names: &BTreeSet<String>) -> bool {
        leads_to_any(&self.paths, names)
    }
}

/// Whether one of `paths` leads to one of `names`.
pub fn leads_to_any(paths: &BTreeSet<String>, names: &BTreeSet<String>) -> bool {
    paths.iter().any(|path| names.iter().any(|name| normal::leads_to(path, name)))
}

/// The items that `nodes` define, by their names. Those within a module are listed with their paths.
pub fn items(nodes: &[SyntaxNode]) -> BTreeMap<String, Item> {
    let mut items = BTreeMap::new();
    for item in nodes.iter().cloned().filter_map(ast::Item::cast) {
        collect(&item, "", &mut items);
    }
    items
}

fn collect(item: &ast::Item, module: &str, items: &mut BTreeMap<String, Item>) {
    let name = match item {
        ast::Item::Const(item) => item.name(),
        ast::Item::Enum(item) => item.name(),
        ast::Item::Fn(item) => item.name(),
        ast::Item::MacroRules(item) => item.name(),
        ast::Item::Module(item) => item.name(),
        ast::Item::Static(item) => item.name(),
        ast::Item::Struct(item) => item.name(),
        ast::Item::Trait(item) => item.name(),
        ast::Item::TypeAlias(item) => item.name(),
        ast::Item::Union(item) => item.name(),
        _ => None,
    };
    let Some(name) = name else { return };
    let path = format!("{module}{}", name.text());
    if let ast::Item::Module(module) = item {
        for inner in module.item_list().into_iter().flat_map(|list| list.items()) {
            collect(&inner, &format!("{path}::"), items);
        }
    }
    let node = item.syntax();
    let (text, shape) = (normal::text(node), normal::text_without_bodies(node));
    let written = node.text().to_string();
    items.insert(path, Item { text, shape, written, paths: normal::paths(node), kind: node.kind() });
}

/// The names among `new` that `known` defines otherwise.
pub fn changed(known: &BTreeMap<String, Item>, new: &BTreeMap<String, Item>) -> BTreeSet<String> {
    let differs = |name: &String, item: &Item| known.get(name).is_some_and(|old| old.text != item.text);
    new.iter().filter(|(name, item)| differs(name, item)).map(|(name, _)| name.clone()).collect()
}

/// Which of `variables` hold values that the items `new` make unreadable, each with the name of the changed item. A value
/// is lost, too, if something of the changed type lies within it.
pub fn lost(
    known: &BTreeMap<String, Item>,
    new: &BTreeMap<String, Item>,
    variables: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut lost = BTreeMap::new();
    let types: BTreeMap<&String, BTreeSet<String>> =
        variables.iter().map(|(name, kind)| (name, normal::paths_in(kind))).collect();
    let differs = |name: &String, item: &Item| {
        known.get(name).is_some_and(|old| old.shapes_values() && (old.shape != item.shape || old.kind != item.kind))
    };
    for (root, _) in new.iter().filter(|(name, item)| differs(name, item)) {
        let mut touched = BTreeSet::from([root.clone()]);
        loop {
            let before = touched.len();
            let further = known.iter().filter(|(_, item)| item.shapes_values() && item.mentions(&touched));
            let further: Vec<String> = further.map(|(name, _)| name.clone()).collect();
            touched.extend(further);
            if touched.len() == before {
                break;
            }
        }
        for (name, paths) in &types {
            if leads_to_any(paths, &touched) {
                lost.entry((*name).clone()).or_insert_with(|| root.clone());
            }
        }
    }
    lost
}

/// The names that the `let` statements among `nodes` bind.
pub fn bound(nodes: &[SyntaxNode]) -> BTreeSet<String> {
    let patterns = nodes.iter().cloned().filter_map(ast::LetStmt::cast).filter_map(|statement| statement.pat());
    let names = patterns.flat_map(|pattern| pattern.syntax().descendants().filter_map(ast::IdentPat::cast));
    names.filter_map(|pattern| pattern.name()).map(|name| name.text().to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::cell::Cell;

    fn defined(code: &str) -> BTreeMap<String, Item> {
        items(&Cell::parse(code).nodes)
    }

    fn lost_by(old: &str, new: &str, variables: &[(&str, &str)]) -> Vec<String> {
        let known = defined(old);
        let variables = variables.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect();
        lost(&known, &defined(new), &variables).into_keys().collect()
    }

    #[test]
    fn a_changed_type_takes_its_values_with_it() {
        let variables =
            [("p", "Point"), ("v", "Vec<Point>"), ("n", "i32"), ("far", "geo::Point"), ("many", "Vec<Points>")];
        assert_eq!(lost_by("struct Point { x: i32 }", "struct Point { x: i64 }", &variables), ["p", "v"]);
        assert_eq!(lost_by("struct Point { x: i32 }", "enum Point { A }", &variables), ["p", "v"]);
    }

    #[test]
    fn the_same_words_are_the_same_type() {
        let old = "#[derive(Debug)] struct Point { x: i32 }";
        assert!(lost_by(old, "#[derive(Debug, Clone)]\nstruct Point {\n    x: i32\n}", &[("p", "Point")]).is_empty());
        assert!(lost_by("", old, &[("p", "Point")]).is_empty(), "the first definition");
        assert!(lost_by("fn area() {}", "fn area() { 1; }", &[("area", "fn()")]).is_empty());
    }

    #[test]
    fn what_contains_a_changed_type_is_lost_too() {
        let old = "struct A { b: Vec<B> }\nstruct B { c: [u8; N] }\nconst N: usize = 3;\nstruct Other;";
        let variables = [("a", "Option<A>"), ("other", "Other")];
        assert_eq!(lost_by(old, "const N: usize = 4;", &variables), ["a"]);
        assert_eq!(lost_by("trait T { fn a(); }", "trait T { fn b(); }", &[("t", "Box<dyn T>")]), ["t"]);
        assert!(lost_by("trait T { fn a() {} }", "trait T { fn a() { 1; } }", &[("t", "Box<dyn T>")]).is_empty());
        assert_eq!(
            lost_by("mod m { struct S(i32); }", "mod m { struct S(u8); }", &[("s", "m::S"), ("o", "o::S")]),
            ["s"]
        );
        assert!(lost_by("mod m { struct S; fn f() {} }", "mod m { struct S; fn g() {} }", &[("s", "m::S")]).is_empty());
    }

    #[test]
    fn a_change_is_a_change_of_the_tokens() {
        let names = |old, new| changed(&defined(old), &defined(new)).into_iter().collect::<Vec<_>>();
        assert_eq!(names("fn a() {} fn b() {}", "fn a() { 1; } fn b() { } fn c() {}"), ["a"]);
    }

    #[test]
    fn all_names_of_a_pattern_are_bound() {
        let nodes = Cell::parse("let (a, mut b) = c;\nlet P { x, y: z } = p;\n{ let inner = 1; }").nodes;
        assert_eq!(bound(&nodes).into_iter().collect::<Vec<_>>(), ["a", "b", "x", "z"]);
    }
}
