//! Environment variables, and what is said of those that can't be followed.

use crate::{Error, Result};
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

/// Whether such a variable is 1. What else it may be is left to [`switch`] to tell.
pub(crate) fn is_on(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| value == "1")
}

/// Says on standard error what ends nothing; nor does it if nobody reads it, where `eprintln!` would panic.
pub(crate) fn warn(words: &dyn std::fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{words}");
}

/// How many iterations GAN_NB_MAX_STEPS allows, so that a whole notebook can be tried in a minute. None where it is not
/// set.
///
/// # Errors
/// [`Error::Value`] when the variable is not a whole number above 0.
pub fn max_steps() -> Result<Option<usize>> {
    let Ok(text) = std::env::var("GAN_NB_MAX_STEPS") else { return Ok(None) };
    match text.trim().parse().ok().filter(|cap| *cap > 0) {
        Some(cap) => Ok(Some(cap)),
        None => {
            let (found, hint) = (format!("{text:?}"), "Set or unset it.");
            Err(Error::value("GAN_NB_MAX_STEPS", found, "a whole number above 0", hint))
        }
    }
}
