//! What a reader new to notebooks should know about a cell that runs, but does not do what it seems to do.

use crate::source::{cell, normal};
use ra_ap_syntax::{
    AstNode, SyntaxKind, SyntaxNode,
    ast::{self, HasName},
};
use std::collections::BTreeMap;

/// Types whose values change in place.
const CHANGEABLE: [&str; 10] =
    ["Mutex", "RwLock", "Cell", "RefCell", "OnceCell", "OnceLock", "LazyLock", "LazyCell", "UnsafeCell", "Lazy"];

/// The commands that evcxr knows, for telling one from a stray colon.
const COMMANDS: &str = ":allow_static_linking :build_env :cache :clear :clear_cache :codegen_backend :dep :doc :efmt :env :explain \
    :fmt :help :internal_debug :last_compile_dir :last_error_json :linker :load_config :offline :opt \
    :preserve_vars_on_panic :quit :restart :sccache :show_deps :t :time_passes :timing :toolchain :type :types \
    :vars :version";

/// A note if the cell defines `main` and does not call it.
pub fn main_not_called(nodes: &[SyntaxNode]) -> Option<String> {
    let is_main = |node: &&SyntaxNode| {
        ast::Fn::cast((*node).clone()).and_then(|item| item.name()).is_some_and(|name| name.text() == "main")
    };
    nodes.iter().find(is_main)?;
    let called = nodes.iter().filter(|node| !is_main(node)).any(|node| normal::paths(node).contains("main"));
    (!called).then(|| "`main` is only defined; call it: add a line `main();`.".to_owned())
}

/// A note for each static of the cell whose value can change: evcxr compiles it anew with every cell.
pub fn statics(nodes: &[SyntaxNode]) -> Vec<String> {
    let mut notes = Vec::new();
    for node in nodes.iter().flat_map(SyntaxNode::descendants) {
        if let Some(item) = ast::Static::cast(node.clone()) {
            let changeable = |path: &String| {
                let last = path.rsplit("::").next().unwrap_or_default();
                CHANGEABLE.contains(&last) || last.starts_with("Atomic")
            };
            let kind = item.ty().map(|kind| normal::paths(kind.syntax())).unwrap_or_default();
            if item.mut_token().is_some() || kind.iter().any(changeable) {
                notes.extend(item.name().map(|name| copies(&format!("`{}`", name.text()))));
            }
        } else if let Some(call) = ast::MacroCall::cast(node) {
            let name = call.path().map(|path| path.syntax().text().to_string()).unwrap_or_default();
            if matches!(name.rsplit("::").next(), Some("thread_local" | "lazy_static")) {
                notes.push(copies(&format!("the statics in `{name}!`")));
            }
        }
    }
    notes
}

fn copies(what: &str) -> String {
    format!("Every cell gets a new copy of {what}; keep what must live on in a variable.")
}

/// A note if a command stands below Rust code, where evcxr takes it for Rust. `rust` is the code that `cell` was parsed
/// from.
pub fn late_commands(rust: &str, cell: &cell::Cell) -> Vec<String> {
    let mut notes = Vec::new();
    let mut start = 0;
    for line in rust.split_inclusive('\n') {
        let at = start + (line.len() - line.trim_start().len());
        start += line.len();
        let Some(command) =
            line.split_whitespace().next().filter(|word| COMMANDS.split(' ').any(|known| known == *word))
        else {
            continue;
        };
        // Not one within a string or a comment.
        if cell.tokens_at(at).iter().any(|token| token.kind() == SyntaxKind::COLON && cell::token_start(token) == at) {
            notes.push(format!("`{command}` works only above the Rust code; move that line to the top of the cell."));
        }
    }
    notes
}

/// A note for the variables `lost`, each with the item whose change it does not survive. Those in `bound` get a new value
/// in the same cell.
pub fn lost_variables(lost: &BTreeMap<String, String>, bound: &std::collections::BTreeSet<String>) -> Vec<String> {
    let mut by_item: BTreeMap<&String, Vec<&String>> = BTreeMap::new();
    for (variable, item) in lost.iter().filter(|(variable, _)| !bound.contains(*variable)) {
        by_item.entry(item).or_default().push(variable);
    }
    let note = |(item, variables): (&String, Vec<&String>)| {
        let names = listed(variables.iter().map(|name| format!("`{name}`")));
        match variables.len() {
            1 => {
                format!("{names} was made with the old `{item}`, and is lost now; run the cell that defines it again.")
            }
            _ => format!(
                "{names} were made with the old `{item}`, and are lost now; run the cells that define them again."
            ),
        }
    };
    by_item.into_iter().map(note).collect()
}

/// A note for earlier items that had to be taken out.
pub fn removed(items: &[String], changed: impl Iterator<Item = String>) -> String {
    let (verb, cells) = if items.len() == 1 { ("does", "its cell") } else { ("do", "their cells") };
    let (be, what) = if items.len() == 1 { ("was", "it") } else { ("were", "they") };
    format!(
        "{} {verb} not fit the new {}: {what} {be} removed; correct {cells} if need be, and run {} again.",
        listed(items.iter().map(|name| format!("`{name}`"))),
        listed(changed.map(|name| format!("`{name}`"))),
        if items.len() == 1 { "it" } else { "them" },
    )
}

fn listed(items: impl Iterator<Item = String>) -> String {
    let mut items: Vec<String> = items.collect();
    match items.pop() {
        Some(last) if !items.is_empty() => format!("{} and {last}", items.join(", ")),
        last => last.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::cell::Cell;

    fn nodes(code: &str) -> Vec<SyntaxNode> {
        Cell::parse(code).nodes
    }

    #[test]
    fn main_has_to_be_called() {
        let note = main_not_called(&nodes("fn main() { main(); }"));
        assert_eq!(note.as_deref(), Some("`main` is only defined; call it: add a line `main();`."));
        assert_eq!(main_not_called(&nodes("fn main() {}\nmain();")), None);
        assert_eq!(main_not_called(&nodes("fn main() {}\nfn other() { main() }")), None);
        assert_eq!(main_not_called(&nodes("fn domain() {}")), None);
    }

    #[test]
    fn statics_that_change_do_not_outlive_their_cell() {
        let expected = "Every cell gets a new copy of `N`; keep what must live on in a variable.";
        for code in [
            "static N: AtomicU32 = AtomicU32::new(0);",
            "static mut N: u8 = 1;",
            "static N: LazyLock<std::sync::Mutex<u8>> = a;",
            "fn a() { static N: std::sync::RwLock<u8> = b; }",
        ] {
            assert_eq!(statics(&nodes(code)), [expected], "{code}");
        }
        assert_eq!(statics(&nodes("std::thread_local! { static N: Cell<u8> = a; }")).len(), 1);
        for code in ["static N: u8 = 1;", "let mutex: Mutex<u8> = a;", "static NAMES: &[&str] = &[\"Mutex\"];"] {
            assert!(statics(&nodes(code)).is_empty(), "{code}");
        }
    }

    #[test]
    fn a_command_below_rust_code_is_found() {
        let late = |code: &str| late_commands(code, &Cell::parse(code));
        assert_eq!(late("use a::b;\n:dep rand = \"1\"").len(), 1);
        assert_eq!(
            late("1\n  :vars"),
            ["`:vars` works only above the Rust code; move that line to the top of the cell."]
        );
        for code in ["let x\n    : u8 = 1;", "\"\n:vars\n\"", "/*\n:vars\n*/ 1", "let a = b\n::c();"] {
            assert!(late(code).is_empty(), "{code}");
        }
    }

    #[test]
    fn lost_variables_are_named_once() {
        let lost = [("p", "P"), ("q", "P"), ("r", "P"), ("s", "S")];
        let lost = lost.map(|(name, item)| (name.to_owned(), item.to_owned())).into();
        let notes = lost_variables(&lost, &["r".to_owned()].into());
        assert_eq!(
            notes,
            [
                "`p` and `q` were made with the old `P`, and are lost now; run the cells that define them again.",
                "`s` was made with the old `S`, and is lost now; run the cell that defines it again.",
            ]
        );
    }

    #[test]
    fn lists_read_as_sentences() {
        let list = |items: &[&str]| listed(items.iter().map(|item| (*item).to_owned()));
        assert_eq!([list(&["a"]), list(&["a", "b"]), list(&["a", "b", "c"])], ["a", "a and b", "a, b and c"]);
        let note = removed(&["area".to_owned()], ["P".to_owned()].into_iter());
        assert_eq!(
            note,
            "`area` does not fit the new `P`: it was removed; correct its cell if need be, and run it again."
        );
    }
}
