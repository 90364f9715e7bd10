//! `impl` blocks that can be corrected by running their cell again.
//!
//! evcxr replaces an item by its name. A block has none: it stays for ever, unless an item with a name stands before it in
//! its cell, to which evcxr then ties it. So each block gets a constant of its own before it, `const EVCXR_LIVE_1: () =
//! ();`, and is replaced together with that. The block itself stays at the top of the crate, where rust-analyzer and the
//! rules of privacy find it as the reader wrote it; within the constant rust-analyzer would not see its functions.

use crate::source::{OWN_PREFIX, known::Known, normal, types::leads_to_any};
use ra_ap_syntax::{
    AstNode, SyntaxNode,
    ast::{self, HasName},
};
use std::collections::{BTreeMap, BTreeSet};

/// A block as evcxr keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The path of the trait, as far as it is known; None for a block of the type's own functions.
    of_trait: Option<String>,
    /// The trait's generic arguments, and the type, both without the names of generic parameters.
    rest: String,
    /// The functions, constants and types in it.
    members: BTreeSet<String>,
    /// The items of its own cell that its header mentions: it is gone when a later cell defines one of them without it.
    tied_to: BTreeSet<String>,
    /// All paths in it.
    pub paths: BTreeSet<String>,
    /// The paths in its header.
    pub header_paths: BTreeSet<String>,
    /// The header as the reader wrote it.
    pub header: String,
    /// The whole block as the reader wrote it.
    pub written: String,
}

impl Block {
    fn new(item: &ast::Impl, imports: &dyn Fn(&str) -> Option<String>) -> Option<Block> {
        let parameters = normal::parameters(item);
        let kind = item.self_ty()?;
        let mut rest = normal::text_without_names(kind.syntax(), &parameters);
        let mut header_paths = normal::paths(kind.syntax());
        let mut header = format!("impl {}", kind.syntax().text());
        let mut of_trait = None;
        if let Some(path) = item.trait_() {
            header = format!("impl {} for {}", path.syntax().text(), kind.syntax().text());
            header_paths.extend(normal::paths(path.syntax()));
            let whole = normal::text_without_names(path.syntax(), &parameters).replace(' ', "");
            let (name, arguments) = whole.split_at(whole.find('<').unwrap_or(whole.len()));
            rest = format!("{arguments} for {rest}");
            of_trait = Some(full_path(name, imports));
        }
        let members = item.assoc_item_list().into_iter().flat_map(|list| list.assoc_items());
        let members = members.filter_map(|member| match member {
            ast::AssocItem::Const(member) => member.name(),
            ast::AssocItem::Fn(member) => member.name(),
            ast::AssocItem::TypeAlias(member) => member.name(),
            ast::AssocItem::MacroCall(_) => None,
        });
        Some(Block {
            of_trait,
            rest,
            members: members.map(|name| name.text().to_string()).collect(),
            tied_to: BTreeSet::new(),
            paths: normal::paths(item.syntax()),
            header_paths,
            header,
            written: item.syntax().text().to_string(),
        })
    }

    /// Whether rustc would refuse to have both.
    fn conflicts_with(&self, other: &Block) -> bool {
        self.rest == other.rest
            && match (&self.of_trait, &other.of_trait) {
                (None, None) => !self.members.is_disjoint(&other.members),
                (Some(one), Some(two)) => ends_with_path(one, two) || ends_with_path(two, one),
                _ => false,
            }
    }
}

/// The trait's path with its import in front, and `std` for `core` and `alloc`, in which std's traits really live.
fn full_path(name: &str, imports: &dyn Fn(&str) -> Option<String>) -> String {
    let (first, further) = name.split_at(name.find("::").unwrap_or(name.len()));
    let path = imports(first).map_or_else(|| name.to_owned(), |path| path + further);
    let path = path.trim_start_matches("::").trim_start_matches("crate::");
    match path.split_once("::") {
        Some(("core" | "alloc", rest)) => format!("std::{rest}"),
        _ => path.to_owned(),
    }
}

fn ends_with_path(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with("::"))
}

/// What becomes of the blocks of a cell, and of earlier ones.
#[derive(Default)]
pub struct Plan {
    /// The number of each block in the cell, in its order.
    pub numbers: Vec<usize>,
    /// The numbers of earlier blocks that are no more.
    pub gone: BTreeSet<usize>,
    /// What is known of the blocks afterwards.
    pub blocks: BTreeMap<usize, Option<Block>>,
    /// The first number that is free afterwards.
    pub next: usize,
}

/// The item before a block, or instead of it.
pub fn marker(number: usize) -> String {
    format!("const {OWN_PREFIX}{number}: () = (); ")
}

/// Gives each block among `nodes` its number. A block that conflicts with earlier ones takes the place of the first of
/// them, and the others go; so do those that are tied to one of the items `names`, which the cell defines. `drop` are the
/// numbers of earlier blocks that have to go in any case.
pub fn plan(nodes: &[SyntaxNode], names: &BTreeSet<String>, known: &Known, drop: &BTreeSet<usize>) -> Plan {
    let own_imports = normal::imports(nodes);
    let import = |name: &str| own_imports.get(name).or_else(|| known.imports.get(name)).cloned();
    let mut plan = Plan { next: known.next_block, gone: drop.clone(), ..Plan::default() };
    plan.gone
        .extend(known.blocks.iter().filter(|(_, block)| !block.tied_to.is_disjoint(names)).map(|(number, _)| *number));
    for item in nodes.iter().cloned().filter_map(ast::Impl::cast) {
        let mut block = Block::new(&item, &import);
        let conflicting = |earlier: &Block| block.as_ref().is_some_and(|block| block.conflicts_with(earlier));
        let earlier = known.blocks.iter().filter(|(number, earlier)| {
            conflicting(earlier) && plan.blocks.get(number).is_none_or(|taken| taken.is_none())
        });
        let earlier: Vec<usize> = earlier.map(|(number, _)| *number).collect();
        let number = earlier.first().copied().unwrap_or(plan.next);
        plan.next = plan.next.max(number + 1);
        plan.gone.extend(&earlier);
        if let Some(block) = &mut block {
            block.tied_to = names
                .iter()
                .filter(|name| leads_to_any(&block.header_paths, &BTreeSet::from([(*name).clone()])))
                .cloned()
                .collect();
        }
        plan.numbers.push(number);
        plan.blocks.insert(number, block);
    }
    plan.gone.retain(|number| !plan.blocks.contains_key(number));
    plan.blocks.extend(plan.gone.iter().map(|number| (*number, None)));
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{cell::Cell, known::Changes, types};

    /// Runs `cells` one after the other: the numbers of the blocks of each, and those that went.
    fn run(cells: &[&str]) -> Vec<(Vec<usize>, Vec<usize>)> {
        let mut known = Known::default();
        let run = |cell: &&str| {
            let nodes = Cell::parse(cell).nodes;
            let names = types::items(&nodes).into_keys().collect();
            let plan = plan(&nodes, &names, &known, &BTreeSet::new());
            let result = (plan.numbers, plan.gone.into_iter().collect());
            let imports = normal::imports(&nodes);
            known.commit(Changes { blocks: plan.blocks, next_block: plan.next, imports, ..Changes::default() });
            result
        };
        cells.iter().map(run).collect()
    }

    #[test]
    fn blocks_without_a_common_function_live_side_by_side() {
        let cells = ["impl A { fn a() {} }", "impl A { fn b() {} }", "impl B { fn a() {} }"];
        assert_eq!(run(&cells), [(vec![0], vec![]), (vec![1], vec![]), (vec![2], vec![])]);
    }

    #[test]
    fn a_corrected_block_takes_the_place_of_all_that_it_overlaps() {
        let cells =
            ["impl A { fn a() {} }", "impl A { fn b() {} const C: u8 = 1; }", "impl A { fn a() {} const C: u8 = 2; }"];
        assert_eq!(run(&cells)[2], (vec![0], vec![1]));
        let cells = ["impl A { fn a() {} fn b() {} }", "impl A { fn a() {} } impl A { fn b() {} }"];
        assert_eq!(run(&cells)[1], (vec![0, 1], vec![]), "one block cut into two");
    }

    #[test]
    fn the_names_of_parameters_do_not_matter() {
        let cells = ["impl<T: Copy> A<T> { fn a() {} }", "impl<U> A<U> { fn a() {} }", "impl A<u8> { fn a() {} }"];
        assert_eq!(run(&cells), [(vec![0], vec![]), (vec![0], vec![]), (vec![1], vec![])]);
    }

    #[test]
    fn a_trait_is_the_same_however_its_path_is_written() {
        let cells = [
            "impl std::fmt::Display for A {}",
            "use std::fmt; impl fmt::Display for A {}",
            "impl core::fmt::Display for A {}",
            "use std::fmt::Display; impl Display for A {}",
            "impl Display for B {}",
            "use std::ops::*; impl Add for A {}",
            "impl std::ops::Add for A {}",
            "impl MyAdd for A {}",
            "impl OtherMyAdd for A {}",
        ];
        let numbers: Vec<usize> = run(&cells).into_iter().flat_map(|(numbers, _)| numbers).collect();
        assert_eq!(numbers, [0, 0, 0, 0, 1, 2, 2, 3, 4]);
    }

    #[test]
    fn traits_of_the_same_name_are_kept_apart() {
        let cells = [
            "use std::fmt::Write; impl Write for A {}",
            "impl std::io::Write for A {}",
            "impl From<u8> for A {}",
            "impl From<u16> for A {}",
            "impl A {}",
        ];
        let numbers: Vec<usize> = run(&cells).into_iter().flat_map(|(numbers, _)| numbers).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_block_goes_with_the_type_of_its_own_cell() {
        let cells = ["struct A; impl A { fn a() {} }", "struct A;", "struct A; impl A { fn a() {} }"];
        assert_eq!(run(&cells), [(vec![0], vec![]), (vec![], vec![0]), (vec![1], vec![])]);
        let cells = ["struct A;", "impl A { fn a() {} }", "struct A { b: u8 }"];
        assert_eq!(run(&cells)[2], (vec![], vec![]), "a block of another cell stays");
    }

    #[test]
    fn the_reader_hears_of_blocks_defined_twice_in_one_cell() {
        assert_eq!(run(&["impl A { fn a() {} } impl A { fn a() {} }"])[0], (vec![0, 1], vec![]));
    }

    #[test]
    fn a_marker_is_an_item_with_a_name() {
        let nodes = Cell::parse(&marker(3)).nodes;
        assert!(types::items(&nodes).contains_key("EVCXR_LIVE_3"));
    }
}
