//! What evcxr gets instead of the cell as the reader wrote it: the same lines, with a word more here and there.

use crate::source::{
    cell,
    cell::Cell,
    head::Head,
    impls,
    known::{Changes, Known},
    macros, mend, normal, notes,
    positions::{Edit, Insertions, original_column},
    stale,
    stash::Stash,
    types,
};
use ra_ap_syntax::{AstNode, SyntaxKind, ast};
use std::collections::BTreeSet;

/// A cell made ready for evcxr.
#[derive(Clone, Debug, Default)]
pub struct Prepared {
    /// What evcxr is to run. It has as many lines as the cell.
    pub code: String,
    /// What the reader should know in any case, one sentence each.
    pub notes: Vec<String>,
    /// What the reader should know once the cell has run: what it has changed in the work of other cells.
    pub consequences: Vec<String>,
    /// The variables that the cell makes unreadable, and does not define itself.
    pub redefined: Vec<String>,
    /// How to put these out of the way, and those that it defines itself.
    pub stash: Option<Stash>,
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
        let semicolon = mend::semicolon(rust, &self.parsed);
        let is_whole = self.parsed.errors.is_empty() || semicolon.is_some();
        for (node, (before, behind)) in nodes.iter().filter_map(|node| Some((node, macros::around(node)?))) {
            if is_whole {
                insertions.add(self.rust + cell::start(node), before);
                insertions.add(self.rust + cell::end(node), behind);
            }
        }
        if let Some(at) = semicolon {
            insertions.add(self.rust + at, ";");
        }

        let lost = types::lost(&self.known.items, &self.items, &self.known.variables);
        let bound = types::bound(nodes);
        let mut always = notes::late_commands(rust, &self.parsed);
        always.extend(notes::main_not_called(nodes));
        always.extend(notes::statics(nodes));
        let mut consequences = notes::lost_variables(&lost, &bound);
        let headers = stale.blocks.iter().filter(|number| plan.gone.contains(number));
        let headers = headers.filter_map(|number| self.known.blocks.get(number)).map(|block| block.header.clone());
        // A type may have had several blocks of the same header.
        let headers: BTreeSet<String> = headers.collect();
        let removed: Vec<String> = stale.functions.iter().cloned().chain(headers).collect();
        if !removed.is_empty() {
            consequences.push(notes::removed(&removed, self.changed().into_iter()));
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
        let stash = Stash::of(lost.keys(), &self.known.variables);
        let redefined = lost.into_keys().filter(|name| !bound.contains(name)).collect();
        Prepared { code, notes: always, consequences, redefined, stash, edits, changes }
    }
}

#[cfg(test)]
mod tests;
