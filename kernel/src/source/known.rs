//! What earlier cells have defined.

use crate::source::{impls::Block, types::Item};
use std::collections::BTreeMap;

/// What the cells that have run so far have left behind.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The variables that evcxr holds, with their types: whoever runs the cells sets them anew after each.
    pub variables: BTreeMap<String, String>,
    pub(super) items: BTreeMap<String, Item>,
    pub(super) imports: BTreeMap<String, String>,
    pub(super) blocks: BTreeMap<usize, Block>,
    pub(super) next_block: usize,
}

/// What a cell adds to [`Known`] if it succeeds.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub(super) cleared: bool,
    pub(super) items: BTreeMap<String, Option<Item>>,
    pub(super) imports: BTreeMap<String, String>,
    pub(super) blocks: BTreeMap<usize, Option<Block>>,
    pub(super) next_block: usize,
}

impl Known {
    /// Takes in what a cell defined. To be called only when evcxr has kept the cell's items: when it ran, also if it then
    /// panicked, and not when it did not compile or its process died.
    pub fn commit(&mut self, changes: Changes) {
        if changes.cleared {
            *self = Known::default();
        }
        for (name, path) in changes.imports {
            // evcxr keeps one thing of a name: an import replaces an item.
            self.items.remove(&name);
            self.imports.insert(name, path);
        }
        for (name, item) in changes.items {
            self.imports.remove(&name);
            match item {
                Some(item) => self.items.insert(name, item),
                None => self.items.remove(&name),
            };
        }
        for (number, block) in changes.blocks {
            match block {
                Some(block) => self.blocks.insert(number, block),
                None => self.blocks.remove(&number),
            };
        }
        self.next_block = self.next_block.max(changes.next_block);
    }
}
