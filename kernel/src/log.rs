//! What this program prints itself. evcxr, which is a part of it, prints there what cargo is compiling: that goes to the cell
//! that waits for it, and the rest to Jupyter's log.

use crate::front::Event;
use anyhow::{Context, Result};
use nix::unistd::dup2_stderr;
use std::{
    fs::File,
    io::{BufRead, BufReader, Write, pipe, stderr},
    os::fd::AsFd,
    sync::{Arc, Mutex, PoisonError},
    thread,
};
use tokio::sync::mpsc::Sender;

type Write1 = dyn FnMut(&str) + Send;

/// Where the lines for Jupyter's log go.
pub struct Log(Arc<Mutex<Box<Write1>>>);

impl Log {
    /// Sends them elsewhere from now on.
    pub fn redirect(&self, write: impl FnMut(&str) + Send + 'static) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(write);
    }
}

/// Reads this program's standard error from now on.
///
/// # Errors
/// When the system gives no pipe or thread.
pub fn divert(events: Sender<Event>) -> Result<Log> {
    let mut own = File::from(stderr().as_fd().try_clone_to_owned()?);
    let (reader, writer) = pipe()?;
    dup2_stderr(writer)?;
    let write: Box<Write1> = Box::new(move |line| drop(writeln!(own, "{line}")));
    let log = Arc::new(Mutex::new(write));
    let to = log.clone();
    let forward = move || {
        for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            if line.trim_start().starts_with("Compiling ") {
                drop(events.blocking_send(Event::Progress(line.into_owned())));
            } else {
                to.lock().unwrap_or_else(PoisonError::into_inner)(&line);
            }
        }
    };
    thread::Builder::new().name("log".into()).spawn(forward).context("starting a thread")?;
    Ok(Log(log))
}
