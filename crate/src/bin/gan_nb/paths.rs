//! Paths as arguments.

use clap::builder::{PathBufValueParser, TypedValueParser};
use gan_nb::platform::home;
use std::path::PathBuf;

/// Any path, with the user's home for a `~` at its beginning: in `--out=~/run` no shell has put it there.
pub fn parser() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().map(home::expand)
}
