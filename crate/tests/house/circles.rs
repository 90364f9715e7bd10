//! Circles of files that import one another. A `mod.rs` may import the files in its folder and be imported by them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::imports::Library;

/// Each circle as the files on its way, the first one at its end again.
pub fn circles(library: &Library) -> Vec<Vec<&str>> {
    let mut graph: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for file in library.files.values() {
        let homes = file.imports.iter().filter_map(|import| library.home(&import.path));
        let others = homes.filter(|home| !home.holds_or_is_in(file));
        graph.insert(&file.path, others.map(|home| &*home.path).collect());
    }
    let mut seen = BTreeSet::new();
    let shortest = graph.keys().filter_map(|file| back_to(file, &graph));
    shortest.filter(|circle| seen.insert(circle.iter().copied().collect::<BTreeSet<_>>())).collect()
}

/// The shortest way from a file back to it.
fn back_to<'a>(start: &'a str, graph: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Option<Vec<&'a str>> {
    let mut ways = VecDeque::from([vec![start]]);
    let mut reached = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in graph.get(way[way.len() - 1]).into_iter().flatten() {
            let longer = [&way[..], &[*next]].concat();
            if *next == start {
                return Some(longer);
            }
            if reached.insert(*next) {
                ways.push_back(longer);
            }
        }
    }
    None
}
