//! What each file imports: the trees of its `use` lines, the paths in its code, and the file where each name is at home.

use std::collections::BTreeMap;
use std::path::Path;

use crate::tokens::{Token, tokens};

/// A path that a file names. One into the library starts with `crate`, any other with the name of its crate.
pub struct Import {
    pub line: usize,
    pub path: Vec<String>,
    /// What it is called there, if a `use` line gives it a name.
    name: Option<String>,
}

/// A source file.
pub struct File {
    /// From `src` on: `train/gan.rs`.
    pub path: String,
    /// `crate`, `train`, `gan`.
    module: Vec<String>,
    pub tokens: Vec<(usize, Token)>,
    pub imports: Vec<Import>,
}

impl File {
    /// The folder, or for a file beside `lib.rs` its name.
    pub fn room(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// Whether one of the two is the `mod.rs` of a folder that the other one is in.
    pub fn holds_or_is_in(&self, other: &Self) -> bool {
        self.module.starts_with(&other.module) || other.module.starts_with(&self.module)
    }
}

/// All files by their modules.
pub struct Library {
    pub files: BTreeMap<Vec<String>, File>,
}

impl Library {
    /// From the paths and texts of the files. One that another names as its tests is none of the library's.
    pub fn new(sources: &[(String, String)]) -> Self {
        let is_tests = |path: &str| {
            let declared = format!("#[cfg(test)]\n#[path = \"{}\"]", path.rsplit('/').next().unwrap());
            sources.iter().any(|(_, source)| source.contains(&declared))
        };
        let mut files = BTreeMap::new();
        for (path, source) in sources.iter().filter(|(path, _)| !is_tests(path)) {
            let module = module(path);
            let file = File { path: path.clone(), module: module.clone(), tokens: tokens(source), imports: Vec::new() };
            files.insert(module, file);
        }
        let mut library = Self { files };
        let modules: Vec<_> = library.files.keys().cloned().collect();
        for file in library.files.values_mut() {
            file.imports = imports(&file.module, &file.tokens, &modules);
        }
        library
    }

    /// All that lies in this folder.
    pub fn read(folder: &Path) -> Self {
        Self::new(&sources(folder))
    }

    /// The file where such a path is at home: through the names that the modules on its way give to others' things.
    pub fn home(&self, path: &[String]) -> Option<&File> {
        self.home_within(path, 9)
    }

    fn home_within(&self, path: &[String], steps: usize) -> Option<&File> {
        let known = (1..=path.len()).rev().find(|length| self.files.contains_key(&path[..*length]))?;
        let file = &self.files[&path[..known]];
        let Some(item) = path.get(known) else { return Some(file) };
        let given = file.imports.iter().find(|import| import.name.as_ref() == Some(item));
        match given {
            Some(import) if steps > 0 => self.home_within(&[&import.path, &path[known + 1..]].concat(), steps - 1),
            _ => Some(file),
        }
    }
}

/// The Rust files in a folder and below, each with its path from there and its text.
pub fn sources(folder: &Path) -> Vec<(String, String)> {
    fn walk(root: &Path, folder: &Path, sources: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, sources);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let parts = path.strip_prefix(root).unwrap().iter().map(|part| part.to_str().unwrap());
                let name = parts.collect::<Vec<_>>().join("/");
                sources.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found
}

/// The module of a file: `crate`, `train`, `gan`. The command line is a crate of its own, named here `crate`, `bin`, `gan_nb`.
fn module(path: &str) -> Vec<String> {
    let path = path.trim_end_matches(".rs");
    let mut module: Vec<_> = ["crate"].into_iter().chain(path.split('/')).map(String::from).collect();
    if ["lib", "main", "mod"].contains(&module.last().unwrap().as_str()) {
        module.pop();
    }
    module
}

/// Each path of the `use` lines, and each in the code that begins with one of `crate`, `super`, `self`, `std`.
fn imports(module: &[String], tokens: &[(usize, Token)], modules: &[Vec<String>]) -> Vec<Import> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let starts_path = |word| tokens[at].1.is(word) && tokens.get(at + 1).is_some_and(|(_, next)| next.is("::"));
        if tokens[at].1.is("use") {
            at = tree(tokens, at + 1, &[], &mut found);
        } else if tokens[at].1.is("pub") && tokens.get(at + 1).is_some_and(|(_, next)| next.is("(")) {
            at += 3; // pub(crate), pub(in crate::room): who may see it, which is no import
            while at < tokens.len() && !tokens[at - 1].1.is(")") {
                at += 1;
            }
        } else if ["crate", "super", "self", "std"].into_iter().any(starts_path) {
            at = tree(tokens, at, &[], &mut found);
            found.last_mut().unwrap().name = None;
        } else {
            at += 1;
        }
    }
    for import in &mut found {
        import.path = absolute(module, std::mem::take(&mut import.path), modules);
    }
    found
}

/// Reads `a::b`, `a::{b, c::*}` or `a as b` from a place on, and gives the place after it.
fn tree(tokens: &[(usize, Token)], mut at: usize, before: &[String], found: &mut Vec<Import>) -> usize {
    let mut path = before.to_vec();
    let line = tokens[at].0;
    loop {
        match tokens.get(at).map(|(_, token)| token) {
            Some(Token::Word(word)) => path.push(word.clone()),
            Some(token) if token.is("{") => {
                at += 1;
                while tokens.get(at).is_some_and(|(_, token)| !token.is("}")) {
                    at = tree(tokens, at, &path, found);
                    at += usize::from(tokens.get(at).is_some_and(|(_, token)| token.is(",")));
                }
                return at + 1;
            }
            Some(token) if token.is("*") => path.push("*".into()),
            _ => at -= 1, // a generic argument's bracket: the path has ended
        }
        at += 1;
        if !tokens.get(at).is_some_and(|(_, token)| token.is("::")) {
            break;
        }
        at += 1;
    }
    path.pop_if(|last| last == "self" && !before.is_empty());
    let mut name = path.last().cloned();
    if tokens.get(at).is_some_and(|(_, token)| token.is("as")) {
        name = tokens
            .get(at + 1)
            .and_then(|(_, token)| if let Token::Word(word) = token { Some(word.clone()) } else { None });
        at += 2;
    }
    found.push(Import { line, path, name });
    at
}

/// The same path from `crate` on, if it is one into the library.
fn absolute(module: &[String], mut path: Vec<String>, modules: &[Vec<String>]) -> Vec<String> {
    let is_program = module.get(1).is_some_and(|room| room == "bin");
    let mut base = match path[0].as_str() {
        "crate" if is_program => module[..3].to_vec(),
        "crate" => module[..1].to_vec(),
        "super" | "self" => module.to_vec(),
        child if modules.contains(&[module, &[child.to_string()]].concat()) => return [module, &path].concat(),
        _ => return path,
    };
    while path.first().is_some_and(|first| ["crate", "super", "self"].contains(&first.as_str())) {
        if path.remove(0) == "super" {
            base.pop();
        }
    }
    base.extend(path);
    base
}
