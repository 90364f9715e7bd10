//! Cargo's messages, for the reader of a notebook.

/// Cargo's message, with what a reader can do about it. `new` are the dependencies that it is about, if they are known;
/// without a network, cargo names the first that it looks for, which may be any.
pub fn explain(message: &str, new: &[&str]) -> String {
    let lines: Vec<_> = message.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let between = |line: &str, start: &str| Some(line.split_once(start)?.1.split_once('`')?.0.to_owned());
    let is_network = |line: &&&str| {
        line.starts_with('[') && line.contains("] ") // a numbered error of curl
            || line.contains("network failure") || line.contains("failed to resolve address")
    };
    if let Some(cause) = lines.iter().rfind(is_network) {
        let cause = cause.rsplit_once(" (").map_or(*cause, |(_, cause)| cause.trim_end_matches(')'));
        let named =
            lines.iter().find_map(|line| between(line, "failed to get `").or(between(line, "failed to download `")));
        let names = if new.is_empty() { named.into_iter().collect() } else { new.join("`, `") };
        return format!(
            "can't download `{names}`: {cause}\nhelp: check its name and the network, and run the cell again"
        );
    }
    // Cargo lists all versions first, which may be hundreds.
    if let Some(index) = lines.iter().position(|line| line.ends_with("does not have that feature.")) {
        let (name, feature) = (between(lines[index], "depends on `"), between(lines[index], "with feature `"));
        if let (Some(name), Some(feature)) = (name, feature) {
            let others = lines.get(index + 1).filter(|line| line.starts_with("available features"));
            return format!("`{name}` does not have the feature `{feature}`\n{}", others.unwrap_or(&""))
                .trim_end()
                .to_owned();
        }
    }
    // What cargo was doing comes before the error.
    let error = message.lines().skip_while(|line| !line.starts_with("error"));
    let error =
        error.filter(|line| !line.trim().starts_with("required by package `ctx ")).collect::<Vec<_>>().join("\n");
    let text = if error.is_empty() { message } else { &error };
    let text = text.trim().trim_start_matches("error: ").to_owned();
    if text.starts_with("no matching package") && text.contains("crates.io index") {
        return text + "\nhelp: look for its name at https://crates.io";
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_own_words_are_understood() {
        let unknown = "    Updating crates.io index\n    Blocking waiting for file lock on package cache\nerror: no matching package named `randd` found\nlocation searched: crates.io index\n\
            required by package `ctx v1.0.0 (/a)`\n";
        assert_eq!(
            explain(unknown, &[]),
            "no matching package named `randd` found\nlocation searched: crates.io index\n\
             help: look for its name at https://crates.io"
        );
        let cut_off = "error: failed to get `rand` as a dependency of package `ctx v1.0.0 (/a)`\n\nCaused by:\n  download of config.json failed\n\n\
            Caused by:\n  [6] Could not resolve hostname (Could not resolve host: index.crates.io)\n";
        let no_feature = "error: failed to select a version for `serde`.\n    ... required by package `ctx v1.0.0 (/a)`\nversions that meet the requirements `^1` are: 1.0.229, 1.0.228\n\n\
            package `ctx` depends on `serde` with feature `nosuch` but `serde` does not have that feature.\n available features: alloc, std\n\n\n\
            failed to select a version for `serde` which could resolve this conflict\n";
        assert_eq!(
            explain(no_feature, &[]),
            "`serde` does not have the feature `nosuch`\navailable features: alloc, std"
        );
        assert_eq!(
            explain(cut_off, &[]),
            "can't download `rand`: Could not resolve host: index.crates.io\n\
             help: check its name and the network, and run the cell again"
        );
        assert!(
            explain(cut_off, &["polars", "rand"])
                .starts_with("can't download `polars`, `rand`: Could not resolve host")
        );
    }
}
