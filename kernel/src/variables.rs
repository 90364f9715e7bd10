//! The notebook's variables: which cell made each, so that a reader is told what is lost, and which cells bring it back.

use std::collections::{BTreeMap, BTreeSet};

/// A variable that lives.
#[derive(Debug, Clone)]
struct Variable {
    kind: String,
    /// The number of the cell that made it.
    cell: u64,
}

/// All that live, and how the others went.
#[derive(Debug, Default)]
pub struct Variables {
    living: BTreeMap<String, Variable>,
    /// Why a name that was there is not any more, as the rest of a sentence that begins with it.
    gone: BTreeMap<String, String>,
}

impl Variables {
    /// After cell number `cell`, `found` live. Returns the names of those that were there before and are not any more.
    pub fn update(&mut self, found: Vec<(String, String)>, cell: u64, code: &str) -> Vec<(String, u64)> {
        let before = std::mem::take(&mut self.living);
        for (name, kind) in found {
            self.gone.remove(&name);
            let old = before.get(&name).filter(|old| old.kind == kind && !defines(code, &name));
            let variable = old.cloned().unwrap_or(Variable { kind, cell });
            self.living.insert(name, variable);
        }
        let lost = before.into_iter().filter(|(name, _)| !self.living.contains_key(name));
        let lost: Vec<_> = lost.map(|(name, variable)| (name, variable.cell)).collect();
        for (name, made) in &lost {
            self.gone.insert(name.clone(), format!("was made by cell {made} and moved away by cell {cell}"));
        }
        lost
    }

    /// The process that held them has ended. Returns them as [`Self::update`] does.
    pub fn clear(&mut self, cell: u64) -> Vec<(String, u64)> {
        let lost: Vec<_> =
            std::mem::take(&mut self.living).into_iter().map(|(name, variable)| (name, variable.cell)).collect();
        for (name, made) in &lost {
            self.gone
                .insert(name.clone(), format!("was made by cell {made} and lost when cell {cell} ended its process"));
        }
        lost
    }

    /// Why the name that a message of the compiler is about does not exist any more.
    pub fn explain(&self, message: &str) -> Option<String> {
        let name = message.strip_prefix("cannot find value `")?.split('`').next()?;
        self.gone.get(name).map(|how| format!("`{name}` {how}: run the cell that makes it again"))
    }
}

/// Whether the cell has a `let` with that name.
fn defines(code: &str, name: &str) -> bool {
    let words: Vec<_> = code.split(|character: char| !character.is_alphanumeric() && character != '_').collect();
    let mut words = words.into_iter().filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next() {
        if word == "let" {
            words.next_if_eq(&"mut");
            if words.peek() == Some(&name) {
                return true;
            }
        }
    }
    false
}

/// A sentence about variables that are lost, and the cells that bring them back.
pub fn tell(lost: &[(String, u64)]) -> String {
    let names: Vec<_> = lost.iter().map(|(name, cell)| format!("`{name}` (cell {cell})")).collect();
    let cells: BTreeSet<_> = lost.iter().map(|(_, cell)| *cell).collect();
    let cells: Vec<_> = cells.iter().map(u64::to_string).collect();
    let cells_word = if cells.len() == 1 { "cell" } else { "cells" };
    format!("Lost: {}. Run {cells_word} {} again.", names.join(", "), cells.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(names: &[(&str, &str)]) -> Vec<(String, String)> {
        names.iter().map(|(name, kind)| (name.to_string(), kind.to_string())).collect()
    }

    #[test]
    fn lost_variables_name_the_cells_that_made_them() {
        let mut variables = Variables::default();
        assert_eq!(variables.update(pairs(&[("a", "i32"), ("b", "Gan")]), 1, "let a = 1; let b = Gan::new();"), []);
        assert_eq!(variables.update(pairs(&[("a", "i32"), ("b", "Gan"), ("c", "u8")]), 2, "let c = 1u8;"), []);
        // A variable that a cell makes anew is that cell's; one that it only uses is not.
        variables.update(pairs(&[("a", "i32"), ("b", "Gan"), ("c", "u8")]), 3, "let mut a = a + 1; b.train(); c");
        let lost = variables.update(pairs(&[("a", "i32"), ("c", "u8")]), 4, "let g = b; g.train()?");
        assert_eq!(lost, [("b".to_owned(), 1)]);
        assert!(variables.explain("cannot find value `b` in this scope").unwrap().contains("cell 4"));
        assert_eq!(variables.explain("cannot find value `a` in this scope"), None);
        let lost = variables.clear(5);
        assert_eq!(tell(&lost), "Lost: `a` (cell 3), `c` (cell 2). Run cells 2, 3 again.");
        assert!(variables.explain("cannot find value `a` in this scope").unwrap().contains("cell 5"));
        variables.update(pairs(&[("a", "i32")]), 6, "let a = 1;");
        assert_eq!(variables.explain("cannot find value `a` in this scope"), None);
    }
}
