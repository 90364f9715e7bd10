//! Earlier functions and `impl` blocks that may not fit an item any more that a cell has changed.
//!
//! evcxr compiles all of them together with every cell. A field that gets a new name then cannot be renamed anywhere: not
//! in the cell of the struct, because the functions of later cells still use the old name, and not in theirs, because the
//! struct does not have the new one yet.

use crate::source::{
    known::Known,
    types::{Item, leads_to_any},
};
use ra_ap_syntax::SyntaxKind;
use std::collections::BTreeSet;

/// What has to make room.
#[derive(Default, Debug, PartialEq, Eq)]
pub struct Stale {
    pub functions: BTreeSet<String>,
    pub blocks: BTreeSet<usize>,
}

/// The functions and blocks that depend on one of the items `changed`, directly or by way of others, except for those
/// that `kept` says the cell brings along.
pub fn stale(known: &Known, changed: &BTreeSet<String>, kept: &BTreeSet<String>) -> Stale {
    let mut stale = Stale::default();
    let mut touched = changed.clone();
    loop {
        let before = touched.len() + stale.blocks.len();
        for (name, item) in known.items.iter().filter(|(name, _)| !kept.contains(*name)) {
            if !touched.contains(name) && item.mentions(&touched) {
                touched.insert(name.clone());
                if is_free_function(name, item) {
                    stale.functions.insert(name.clone());
                }
            }
        }
        for (number, block) in &known.blocks {
            if !stale.blocks.contains(number) && leads_to_any(&block.paths, &touched) {
                stale.blocks.insert(*number);
                // Without the block its type cannot do what it could.
                let types = known
                    .items
                    .keys()
                    .filter(|name| leads_to_any(&block.header_paths, &BTreeSet::from([(*name).clone()])));
                touched.extend(types.cloned());
            }
        }
        if touched.len() + stale.blocks.len() == before {
            return stale;
        }
    }
}

impl Stale {
    /// Only what holds one of `lines`, at which the compiler stumbled; all of it if nothing does.
    pub fn only_with(self, lines: &[&str], known: &Known) -> Stale {
        let holds = |written: &str| {
            written
                .lines()
                .any(|line| lines.iter().any(|wanted| !wanted.trim().is_empty() && line.trim() == wanted.trim()))
        };
        let function = |name: &&String| known.items.get(*name).is_some_and(|item| holds(&item.written));
        let block = |number: &&usize| known.blocks.get(number).is_some_and(|block| holds(&block.written));
        let found = Stale {
            functions: self.functions.iter().filter(function).cloned().collect(),
            blocks: self.blocks.iter().filter(block).copied().collect(),
        };
        if found == Stale::default() { self } else { found }
    }
}

fn is_free_function(name: &str, item: &Item) -> bool {
    item.kind == SyntaxKind::FN && !name.contains("::")
}

/// An item that takes the name from the function `name`, and with it the function from evcxr.
pub fn tombstone(name: &str) -> String {
    format!("mod {name} {{}} ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{cell::Cell, impls, known::Changes, types};

    fn after(code: &str) -> Known {
        let mut known = Known::default();
        let nodes = Cell::parse(code).nodes;
        let items = types::items(&nodes);
        let plan = impls::plan(&nodes, &BTreeSet::new(), &known, &BTreeSet::new());
        let items = items.into_iter().map(|(name, item)| (name, Some(item))).collect();
        known.commit(Changes { items, blocks: plan.blocks, ..Changes::default() });
        known
    }

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn only_what_the_compiler_names_has_to_go() {
        let known = after("fn a() {\n    p.x;\n}\nfn b() {}\nimpl P {\n    fn c() { q.x }\n}");
        let all = || Stale { functions: set(&["a", "b"]), blocks: [0].into() };
        let found = all().only_with(&["p.x;  ", ""], &known);
        assert_eq!(found, Stale { functions: set(&["a"]), blocks: [].into() });
        let found = all().only_with(&["  fn c() { q.x }"], &known);
        assert_eq!(found, Stale { functions: set(&[]), blocks: [0].into() });
        assert_eq!(all().only_with(&["unknown"], &known), all());
    }

    #[test]
    fn all_that_depends_on_a_changed_item_makes_room() {
        let known = after(
            "struct P { x: u8 } struct Q(P); enum Other {} fn area(p: &P) -> u8 { p.x } fn double(q: &Q) { area(&q.0); }
             fn apart(a: &Other) {} impl P { fn y(&self) {} } impl Other { fn z(&self) {} } mod m { fn inner(p: super::P) {} }",
        );
        let found = stale(&known, &set(&["P"]), &set(&["P"]));
        assert_eq!(found, Stale { functions: set(&["area", "double"]), blocks: [0].into() });
        let found = stale(&known, &set(&["P"]), &set(&["P", "area"]));
        assert_eq!(found.functions, set(&["double"]), "the cell brings its own");
        let found = stale(&known, &set(&["area"]), &set(&["area"]));
        assert_eq!(found, Stale { functions: set(&["double"]), blocks: [].into() });
        assert_eq!(stale(&known, &set(&[]), &set(&[])), Stale::default());
        let known = after("struct K; struct P; impl P { fn k() -> K { K } } fn g(p: &P) { p.k(); }");
        let found = stale(&known, &set(&["K"]), &set(&["K"]));
        assert_eq!(found, Stale { functions: set(&["g"]), blocks: [0].into() }, "by way of a block");
    }
}
