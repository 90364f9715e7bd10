//! Changes to the crate that evcxr has generated, just before it is compiled.

/// The changed text of `src/lib.rs`, or `None` to compile it as it is.
pub fn instrument(_source: &str) -> Option<String> {
    None
}
