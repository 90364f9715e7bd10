//! What the program says, to readers who may have gone: `println!` would panic at a closed pipe, as in `gan_nb … | head -1`.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

/// Standard output can't be written.
#[derive(Debug, thiserror::Error)]
#[error("can't write to standard output: {0}. Make room where it goes to, or send it elsewhere.")]
pub struct NoOutput(io::Error);

/// Prints a line.
pub fn say(words: impl Display) -> Result<(), NoOutput> {
    let mut out = io::stdout().lock();
    // Several lines in one piece: a reader that takes one line and goes does not make the next one fail.
    out.write_all(format!("{words}\n").as_bytes()).and_then(|()| out.flush()).map_err(NoOutput)
}

/// Says what ends nothing on standard error, if anyone hears it.
pub fn warn(words: impl Display) {
    let _ = writeln!(io::stderr(), "{words}");
}

/// Whether a command ended because nobody reads its output any more, which is no fault.
pub fn is_unread(error: &anyhow::Error) -> bool {
    error.downcast_ref::<NoOutput>().is_some_and(|NoOutput(source)| source.kind() == ErrorKind::BrokenPipe)
}
