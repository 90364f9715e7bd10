//! Reading from the pipes of an embedded engine's cells.

use crate::{
    runtime::{self, Pipe},
    streams::{Input, Stream},
};
use anyhow::Result;
use std::path::Path;
use tokio::select;

/// A pipe is empty after so many reads, unless it is being filled meanwhile: systems let pipes hold 1 MiB at the most.
const HELD: usize = 16;

/// The front's ends of the pipes of an embedded engine's cells.
pub struct Pipes {
    stdout: Stream,
    stderr: Stream,
    notes: Stream,
    pub input: Input,
}

/// What a pipe held.
pub enum Read {
    Stdout(String),
    Stderr(String),
    Notes(String),
}

impl Pipes {
    /// Makes and opens them in `folder`.
    ///
    /// # Errors
    /// When the folder can't be written to.
    pub fn open(folder: &Path) -> Result<Self> {
        runtime::make_pipes(folder)?;
        Ok(Self {
            stdout: Stream::open(Pipe::Stdout, folder)?,
            stderr: Stream::open(Pipe::Stderr, folder)?,
            notes: Stream::open(Pipe::Notes, folder)?,
            input: Input::open(folder)?,
        })
    }

    async fn read(&mut self) -> std::io::Result<Read> {
        select! {
            biased;
            text = self.notes.read() => text.map(Read::Notes),
            text = self.stdout.read() => text.map(Read::Stdout),
            text = self.stderr.read() => text.map(Read::Stderr),
        }
    }

    /// What the pipes hold now, and no more: a thread of a cell may print without end.
    pub fn read_now(&mut self) -> Vec<Read> {
        let mut found = Vec::new();
        let Self { notes, stdout, stderr, .. } = self;
        for (stream, read) in
            [(notes, Read::Notes as fn(String) -> Read), (stdout, Read::Stdout), (stderr, Read::Stderr)]
        {
            found.extend((0..HELD).map_while(|_| stream.read_now()).map(read));
        }
        found
    }
}

/// Reads from the pipes, if there are any; without, it waits for ever.
pub async fn read(pipes: &mut Option<Pipes>) -> std::io::Result<Read> {
    match pipes {
        Some(pipes) => pipes.read().await,
        None => std::future::pending().await,
    }
}
