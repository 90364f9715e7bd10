//! Where in a cell a panic happened: the functions that were called, up to evcxr's call of the cell.

use object::{Object, ObjectSymbol, SymbolKind};
use std::{collections::HashMap, fs};

/// Functions of these are not the cell's: Rust's library, evcxr's call, and this program.
const OTHERS: [&str; 9] =
    ["core::", "std::", "alloc::", "<core::", "<std::", "<alloc::", "__rust", "evcxr_live", "ctx::evcxr_live_cell"];

/// One name a line, the innermost first. Empty where the system does not tell.
pub fn functions() -> String {
    let mut addresses = Vec::new();
    backtrace::trace(|frame| {
        addresses.push(frame.ip() as usize);
        true
    });
    let mut libraries = Libraries::new();
    let names = addresses.into_iter().filter_map(|address| libraries.function(address));
    let of_the_cell = names.take_while(|name| !name.starts_with("run_user_code_"));
    let own = of_the_cell.filter(|name| !OTHERS.iter().any(|other| name.starts_with(other)));
    own.collect::<Vec<_>>().join("\n")
}

/// The loaded libraries. The crate `backtrace`, as Rust's own, knows only of those that were loaded when it was first asked.
struct Libraries {
    /// From, to, minus where the file would begin, and the file.
    maps: Vec<(usize, usize, usize, String)>,
    /// The functions of a file: where each begins, its size and its name.
    functions: HashMap<String, Vec<(u64, u64, String)>>,
}

impl Libraries {
    fn new() -> Self {
        let maps = fs::read_to_string("/proc/self/maps").unwrap_or_default();
        Self { maps: maps.lines().filter_map(parse).collect(), functions: HashMap::new() }
    }

    fn function(&mut self, address: usize) -> Option<String> {
        let (.., begin, file) = self.maps.iter().find(|(from, to, ..)| (*from..*to).contains(&address))?;
        let functions = self.functions.entry(file.clone()).or_insert_with(|| read(file).unwrap_or_default());
        // The address is that of the instruction after the call.
        let within = u64::try_from(address - begin).ok()? - 1;
        let (_, _, name) = functions.iter().find(|(from, size, _)| (*from..from + size).contains(&within))?;
        Some(format!("{:#}", rustc_demangle::demangle(name)))
    }
}

/// A line of /proc/self/maps: from-to, permissions, offset, device, inode, file.
fn parse(line: &str) -> Option<(usize, usize, usize, String)> {
    let mut words = line.splitn(6, ' ').map(str::trim_start);
    let (from, to) = words.next()?.split_once('-')?;
    let number = |text| usize::from_str_radix(text, 16).ok();
    let (from, to, offset) = (number(from)?, number(to)?, number(words.nth(1)?)?);
    let file = words.nth(2)?.trim();
    file.starts_with('/').then(|| (from, to, from - offset, file.to_owned()))
}

fn read(file: &str) -> Option<Vec<(u64, u64, String)>> {
    let bytes = fs::read(file).ok()?;
    let file = object::File::parse(&*bytes).ok()?;
    // Segments are loaded at addresses that may differ from their places in the file.
    let shift = |address: u64| {
        use object::ObjectSegment;
        let segment =
            file.segments().find(|segment| (segment.address()..segment.address() + segment.size()).contains(&address));
        segment.map_or(address, |segment| address - segment.address() + segment.file_range().0)
    };
    let symbols = file.symbols().chain(file.dynamic_symbols());
    let functions = symbols.filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.size() > 0);
    let function =
        |symbol: object::Symbol| Some((shift(symbol.address()), symbol.size(), symbol.name().ok()?.to_owned()));
    Some(functions.filter_map(function).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[inline(never)]
    fn find_me() -> String {
        let mut libraries = Libraries::new();
        let mut names = Vec::new();
        backtrace::trace(|frame| {
            names.extend(libraries.function(frame.ip() as usize));
            names.len() < 8
        });
        names.join("\n")
    }

    #[test]
    fn functions_are_named() {
        let names = find_me();
        assert!(names.contains("find_me") || !cfg!(target_os = "linux"), "{names}");
    }

    #[test]
    fn lines_of_the_system() {
        let line = "7f00-7f10 r-xp 00000002 08:01 123                        /a folder/x.so";
        assert_eq!(parse(line), Some((0x7f00, 0x7f10, 0x7efe, "/a folder/x.so".into())));
        assert_eq!(parse("7f00-7f10 rw-p 00000000 00:00 0 "), None);
    }
}
