//! What evcxr gets instead of the cell as the reader wrote it: the same lines, with a word more here and there.

use crate::source::{
    cell,
    cell::Cell,
    head::Head,
    impls,
    known::{Changes, Known},
    mend, normal, notes,
    positions::{Edit, Insertions, original_column},
    stale, types,
};
use ra_ap_syntax::{AstNode, SyntaxKind, ast};
use std::collections::BTreeSet;

/// A cell made ready for evcxr.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    /// What evcxr is to run. It has as many lines as the cell.
    pub code: String,
    /// What the reader should know, one sentence each.
    pub notes: Vec<String>,
    /// The variables that the cell makes unreadable, and does not define itself.
    pub redefined: Vec<String>,
    /// Code to run before the cell, when the cell compiles: it drops the variables whose values the cell makes
    /// unreadable. evcxr would notice some of them only, and read the bytes of the others as values of the new type.
    pub first: Option<String>,
    /// What was put into the lines.
    pub edits: Vec<Edit>,
    /// For [`Known::commit`], once the cell has run.
    pub changes: Changes,
}

impl Prepared {
    /// The place in the reader's cell for one in `code`; lines and columns are counted in characters from 1.
    pub fn original(&self, line: usize, column: usize) -> (usize, usize) {
        (line, original_column(&self.edits, line, column))
    }
}

/// Makes the cell `code` ready for evcxr, which holds what `known` says.
pub fn prepare(code: &str, known: &Known) -> Prepared {
    Preparation::new(code, known).finish(stale::Stale::default())
}

/// The same, but without earlier functions and `impl` blocks that do not fit the items which the cell changes: for a cell
/// that does not compile because of code which is not in it. `broken` are the lines of that code at which the compiler
/// stumbled, so far as they are known; what holds none of them stays. None if there is nothing to leave out.
pub fn prepare_without_stale(code: &str, known: &Known, broken: &[&str]) -> Option<Prepared> {
    let preparation = Preparation::new(code, known);
    let names: BTreeSet<String> = preparation.items.keys().cloned().collect();
    let stale = stale::stale(&preparation.known, &preparation.changed(), &names);
    let stale = stale.only_with(broken, &preparation.known);
    (stale != stale::Stale::default()).then(|| preparation.finish(stale))
}

struct Preparation {
    code: String,
    known: Known,
    cleared: bool,
    /// Where `parsed` begins in `code`.
    rust: usize,
    /// Where evcxr would drop the comment with which the cell's first item is documented.
    docs: Option<usize>,
    parsed: Cell,
    items: std::collections::BTreeMap<String, types::Item>,
}

impl Preparation {
    fn new(code: &str, known: &Known) -> Preparation {
        let plain = mend::plain(code);
        let code = Head::of(&plain).mended(&plain);
        let head = Head::of(&code);
        let cleared = head.has_command(&code, ":clear");
        let docs = head.docs(&code);
        let rust = docs.unwrap_or(head.rust);
        let parsed = Cell::parse(&code[rust..]);
        let items = types::items(&parsed.nodes);
        let known = if cleared { Known { next_block: known.next_block, ..Known::default() } } else { known.clone() };
        Preparation { cleared, rust, docs, parsed, items, known, code }
    }

    fn changed(&self) -> BTreeSet<String> {
        types::changed(&self.known.items, &self.items)
    }

    fn finish(self, stale: stale::Stale) -> Prepared {
        let nodes = &self.parsed.nodes;
        let rust = &self.code[self.rust..];
        let names: BTreeSet<String> = self.items.keys().cloned().collect();
        let plan = impls::plan(nodes, &names, &self.known, &stale.blocks);
        let mut insertions = Insertions::default();

        if let Some(at) = self.docs {
            insertions.add(at, " ");
        }
        let attribute = |node: &&ra_ap_syntax::SyntaxNode| node.kind() == SyntaxKind::ATTR;
        if let Some(first) = nodes.iter().find(|node| !attribute(node)) {
            let at = self.rust + cell::start(first);
            plan.gone.iter().for_each(|number| insertions.add(at, impls::marker(*number)));
            stale.functions.iter().for_each(|name| insertions.add(at, stale::tombstone(name)));
        }
        let blocks = nodes.iter().filter(|node| ast::Impl::can_cast(node.kind()));
        for (block, number) in blocks.zip(&plan.numbers) {
            insertions.add(self.rust + cell::start(block), impls::marker(*number));
        }
        if let Some(at) = mend::semicolon(rust, &self.parsed) {
            insertions.add(self.rust + at, ";");
        }

        let lost = types::lost(&self.known.items, &self.items, &self.known.variables);
        let bound = types::bound(nodes);
        let mut all_notes = notes::late_commands(rust, &self.parsed);
        all_notes.extend(notes::main_not_called(nodes));
        all_notes.extend(notes::statics(nodes));
        all_notes.extend(notes::lost_variables(&lost, &bound));
        let headers = stale.blocks.iter().filter(|number| plan.gone.contains(number));
        let headers = headers.filter_map(|number| self.known.blocks.get(number)).map(|block| block.header.clone());
        let mut removed: Vec<String> = stale.functions.iter().cloned().chain(headers).collect();
        removed.dedup();
        if !removed.is_empty() {
            all_notes.push(notes::removed(&removed, self.changed().into_iter()));
        }

        let (code, edits) = insertions.apply(&self.code);
        let mut items: std::collections::BTreeMap<_, _> =
            stale.functions.into_iter().map(|name| (name, None)).collect();
        items.extend(self.items.into_iter().map(|(name, item)| (name, Some(item))));
        let changes = Changes {
            cleared: self.cleared,
            items,
            imports: normal::imports(nodes),
            blocks: plan.blocks,
            next_block: plan.next,
        };
        // A value is replaced first, because a copy of it would be dropped otherwise, and the variable stay.
        let drop = |name: &String| format!("let {name} = String::new(); drop({name});");
        let first = (!lost.is_empty()).then(|| lost.keys().map(drop).collect::<Vec<_>>().join(" "));
        let redefined = lost.into_keys().filter(|name| !bound.contains(name)).collect();
        Prepared { code, notes: all_notes, redefined, first, edits, changes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(cell: &str) -> String {
        prepare(cell, &Known::default()).code
    }

    /// What is known after `cells`, with `variables`.
    fn after(cells: &[&str], variables: &[(&str, &str)]) -> Known {
        let mut known = Known::default();
        for cell in cells {
            let prepared = prepare(cell, &known);
            known.commit(prepared.changes);
        }
        known.variables = variables.iter().map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned())).collect();
        known
    }

    #[test]
    fn ordinary_cells_stay_as_they_are() {
        for cell in [
            "",
            "\n",
            "1 + 1",
            "// a\n:dep rand\n\nuse rand::Rng;\nlet a = 1;\na",
            "struct A;\nfn b() {}\n{ impl A {} }",
            "let x = (",
            ":vars",
            "!ls",
        ] {
            let prepared = prepare(cell, &Known::default());
            assert_eq!(prepared.code, cell);
            assert!(prepared.edits.is_empty() && prepared.notes.is_empty() && prepared.first.is_none());
        }
    }

    #[test]
    fn docs_in_the_first_column_are_kept() {
        assert_eq!(code(":vars\n/// docs\nfn a() {}"), ":vars\n /// docs\nfn a() {}");
        assert_eq!(code("/// a\n// b\n/// c\nstruct A;"), " /// a\n// b\n/// c\nstruct A;");
        assert_eq!(code("/// no item\n1 + 1"), "/// no item\n1 + 1");
    }

    #[test]
    fn each_block_has_a_name_and_its_place_is_known() {
        let prepared = prepare("struct A;\n  impl A { fn a() {} }\nimpl Clone for A {}", &Known::default());
        assert_eq!(
            prepared.code,
            "struct A;\n  const EVCXR_LIVE_0: () = (); impl A { fn a() {} }\nconst EVCXR_LIVE_1: () = (); impl Clone for A {}"
        );
        let line = prepared.code.lines().nth(1).unwrap();
        let place = |word: &str| prepared.original(2, line.find(word).unwrap() + 1);
        assert_eq!([place("impl"), place("fn"), place("EVCXR")], [(2, 3), (2, 12), (2, 3)]);
        assert_eq!(prepared.original(1, 8), (1, 8));
    }

    #[test]
    fn earlier_blocks_go_before_the_first_statement() {
        let known = after(&["struct A;", "impl A { fn a() {} }", "impl A { fn b() {} }"], &[]);
        let prepared = prepare("// c\n#![allow(x)]\nlet d = 1;\nimpl A { fn a() {} fn b() {} }", &known);
        assert_eq!(
            prepared.code,
            "// c\n#![allow(x)]\nconst EVCXR_LIVE_1: () = (); let d = 1;\nconst EVCXR_LIVE_0: () = (); impl A { fn a() {} fn b() {} }"
        );
        // A cell that failed is not committed, and changes nothing.
        assert_eq!(prepare("impl A { fn b() {} }", &known).code, "const EVCXR_LIVE_1: () = (); impl A { fn b() {} }");
        let known = after(&["impl A { fn a() {} }", ":clear\nimpl B {}"], &[]);
        assert_eq!(prepare("impl A { fn a() {} }", &known).code, "const EVCXR_LIVE_2: () = (); impl A { fn a() {} }");
    }

    #[test]
    fn variables_of_a_changed_type_are_dropped_before_the_cell() {
        let known = after(&["struct P { x: i32 }"], &[("p", "P"), ("q", "Vec<P>"), ("n", "i32")]);
        let prepared = prepare("struct P { x: i64 }\nlet p = P { x: 1 };", &known);
        assert_eq!(prepared.redefined, ["q"]);
        let first = "let p = String::new(); drop(p); let q = String::new(); drop(q);";
        assert_eq!(prepared.first.as_deref(), Some(first));
        assert_eq!(prepared.notes.len(), 1);
        assert!(prepare("struct P {\n    x: i32\n}", &known).first.is_none());
    }

    #[test]
    fn code_of_earlier_cells_can_make_room() {
        let known = after(&["struct P { x: i32 }", "fn f(p: &P) { p.x; }", "impl Clone for P {}"], &[]);
        let prepared = prepare_without_stale("struct P { y: i32 }", &known, &[]).unwrap();
        assert_eq!(prepared.code, "const EVCXR_LIVE_0: () = (); mod f {} struct P { y: i32 }");
        assert_eq!(
            prepared.notes,
            [
                "`f` and `impl Clone for P` do not fit the new `P`: they were removed; correct their cells if need be, and run them again."
            ]
        );
        let only_f = prepare_without_stale("struct P { y: i32 }", &known, &["fn f(p: &P) { p.x; }"]).unwrap();
        assert_eq!(only_f.code, "mod f {} struct P { y: i32 }");
        let mut later = known.clone();
        later.commit(prepared.changes);
        assert!(prepare_without_stale("struct P { z: i32 }", &later, &[]).is_none(), "they are gone");
        assert!(prepare_without_stale("struct P { x: i32 }", &known, &[]).is_none(), "nothing changes");
    }

    #[test]
    fn notes_are_gathered() {
        let notes = prepare("static mut N: u8 = 1;\nfn main() {}\n:vars", &Known::default()).notes;
        assert_eq!(notes.len(), 3, "{notes:?}");
    }

    #[test]
    fn the_count_of_lines_never_changes() {
        for cell in ["\u{feff}#!/a\r\n\t// b\r\n:dep c\r\n/// d\r\nimpl E {}\r\nlet x = 1", "/* a\n*/\n:vars\n\n"] {
            let known = after(&["impl E { fn f() {} }"], &[]);
            assert_eq!(prepare(cell, &known).code.split('\n').count(), cell.split('\n').count());
        }
    }
}
