//! Macros that are found whatever stands before them.
//!
//! A `macro_rules!` macro is known only to the code below it, and evcxr puts its items into the crate in no order: an
//! earlier cell's macro may come below the function that uses it. An import has no such order. It needs a path, so the
//! macro moves into a module.

use crate::source::OWN_PREFIX;
use ra_ap_syntax::{
    AstNode, SyntaxNode,
    ast::{self, HasName},
};

/// The text before and behind the macro `node`; None if it is none.
pub fn around(node: &SyntaxNode) -> Option<(String, String)> {
    let name = ast::MacroRules::cast(node.clone())?.name()?;
    let name = name.text();
    let module = format!("{OWN_PREFIX}macro_{}", name.trim_start_matches("r#"));
    Some((format!("mod {module} {{ "), format!(" pub(crate) use {name}; }} use {module}::{name};")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::cell::Cell;

    #[test]
    fn a_macro_gets_a_module_and_is_imported_from_it() {
        let nodes = Cell::parse("macro_rules! sq { () => {} }\nsq!();").nodes;
        let (before, behind) = around(&nodes[0]).unwrap();
        assert_eq!(before, "mod EVCXR_LIVE_macro_sq { ");
        assert_eq!(behind, " pub(crate) use sq; } use EVCXR_LIVE_macro_sq::sq;");
        assert_eq!(around(&nodes[1]), None);
        let (before, _) = around(&Cell::parse("macro_rules! r#try { () => {} }").nodes[0]).unwrap();
        assert_eq!(before, "mod EVCXR_LIVE_macro_try { ");
    }
}
