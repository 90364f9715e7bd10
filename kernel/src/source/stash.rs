//! Values put out of the way of a cell that changes their types.
//!
//! evcxr would notice some of the changes only when it unpacks the values, and then also lose what the cell itself puts
//! into variables of these names; others it would not notice, and read old bytes as values of the new type. Without its
//! type's name a value is safe: it is dropped by the code that made it, whatever the name means by then.

use std::collections::BTreeMap;

/// The variable in which they are meanwhile, which no reader needs to see.
pub const STASH: &str = "evcxr_live_stash";

/// Cells to run around one that changes types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stash {
    /// Before it: takes the variables away from evcxr.
    pub put: String,
    /// After it, if evcxr has kept what it defines: drops the values.
    pub discard: String,
    /// After it, if it has failed, and all types are what they were: gives the variables back.
    pub restore: String,
}

impl Stash {
    /// For the variables `names`, whose types are in `types`. None if there are none.
    pub fn of<'a>(names: impl Iterator<Item = &'a String>, types: &BTreeMap<String, String>) -> Option<Stash> {
        let names: Vec<&String> = names.filter(|name| types.contains_key(*name)).collect();
        if names.is_empty() {
            return None;
        }
        let boxed: Vec<String> = names.iter().map(|name| format!("std::boxed::Box::new({name})")).collect();
        let mut put = format!(
            "let mut {STASH}: std::vec::Vec<std::boxed::Box<dyn std::any::Any>> = std::vec![{}];",
            boxed.join(", ")
        );
        let mut restore = String::new();
        for name in names {
            // What can be copied is still there. Something else of its name can be moved, and is forgotten then.
            put.push_str(&format!(" let {name} = std::string::String::new(); drop({name});"));
            restore.push_str(&format!("let mut {name}: {} = *{STASH}.remove(0).downcast().unwrap(); ", types[name]));
        }
        let discard = format!("drop({STASH});");
        restore.push_str(&discard);
        Some(Stash { put, discard, restore })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_into_the_stash_and_come_back_in_order() {
        let types =
            BTreeMap::from([("p", "P"), ("q", "Vec<P>")].map(|(name, kind)| (name.to_owned(), kind.to_owned())));
        let stash = Stash::of(types.keys(), &types).unwrap();
        assert_eq!(
            stash.put,
            "let mut evcxr_live_stash: std::vec::Vec<std::boxed::Box<dyn std::any::Any>> = \
             std::vec![std::boxed::Box::new(p), std::boxed::Box::new(q)]; \
             let p = std::string::String::new(); drop(p); let q = std::string::String::new(); drop(q);"
        );
        assert_eq!(
            stash.restore,
            "let mut p: P = *evcxr_live_stash.remove(0).downcast().unwrap(); \
             let mut q: Vec<P> = *evcxr_live_stash.remove(0).downcast().unwrap(); drop(evcxr_live_stash);"
        );
        assert_eq!(stash.discard, "drop(evcxr_live_stash);");
        assert_eq!(Stash::of([].into_iter(), &types), None);
        assert_eq!(Stash::of(["gone".to_owned()].iter(), &types), None);
    }
}
