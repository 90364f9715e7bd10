//! What this program prints itself. evcxr, which is a part of it, prints there what cargo is compiling: that goes to the cell
//! that waits for it, and the rest to Jupyter's log.

use crate::front::Event;
use anyhow::{Context, Result};
use nix::unistd::dup2_stderr;
use std::{
    fs::File,
    io::{BufRead, BufReader, Write, pipe, stderr},
    os::fd::AsFd,
    thread,
};
use tokio::sync::mpsc::Sender;

/// Reads this program's standard error from now on.
///
/// # Errors
/// When the system gives no pipe or thread.
pub fn divert(events: Sender<Event>) -> Result<()> {
    let mut log = File::from(stderr().as_fd().try_clone_to_owned()?);
    let (reader, writer) = pipe()?;
    dup2_stderr(writer)?;
    let forward = move || {
        for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            if line.trim_start().starts_with("Compiling ") {
                drop(events.blocking_send(Event::Progress(line.into_owned())));
            } else {
                let _ = writeln!(log, "{line}");
            }
        }
    };
    thread::Builder::new().name("log".into()).spawn(forward).context("starting a thread")?;
    Ok(())
}
