//! Environment variables, and what is said of those that can't be followed.

/// A variable that is 1 or 0. Without it, or with anything else, the default holds, which `otherwise` names on standard error:
/// nothing that asks for a device can fail, and a lesson should not end because of a misspelt setting.
pub(crate) fn switch(name: &str, otherwise: &str) -> Option<bool> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
    match value.to_str() {
        Some("1") => Some(true),
        Some("0") => Some(false),
        _ => {
            warn(&format_args!("{name} is {}, expected 1 or 0. It is ignored: {otherwise}.", value.display()));
            None
        }
    }
}

/// Says on standard error what ends nothing.
pub(crate) fn warn(words: &dyn std::fmt::Display) {
    eprintln!("{words}");
}
