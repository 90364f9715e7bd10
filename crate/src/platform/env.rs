//! Environment variables, and what is said of those that can't be followed.

use std::io::Write;

/// A variable that is 1 or 0. None when it is missing or anything else. In the latter case standard error says so and names
/// the default in `otherwise`: asking for a device can't fail, and a lesson should not end because of a misspelt setting.
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

/// Says on standard error what ends nothing; nor does it if nobody reads it, where `eprintln!` would panic.
pub(crate) fn warn(words: &dyn std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{words}");
}
