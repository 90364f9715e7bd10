//! The front's ends of the cells' pipes.

use crate::runtime::Pipe;
use anyhow::{Context, Result};
use nix::libc::SYS_read;
use std::{
    fs::{self, File},
    io::{self, ErrorKind::WouldBlock, Write},
    path::{Path, PathBuf},
};
use tokio::net::unix::pipe::Receiver;

/// Read at a time: what a pipe holds.
const CHUNK: usize = 64 << 10;

/// The end of a pipe that a cell writes to.
pub struct Stream {
    pipe: Receiver,
    /// The beginning of a character whose other bytes are still to come.
    rest: Vec<u8>,
}

impl Stream {
    pub fn open(pipe: Pipe, folder: &Path) -> Result<Self> {
        let wanted = || format!("opening {}", pipe.path(folder).display());
        let file = pipe.open(folder).with_context(wanted)?;
        Ok(Self { pipe: Receiver::from_file(file).with_context(wanted)?, rest: Vec::new() })
    }

    /// Waits for something to arrive. Nothing is lost if the wait is given up.
    ///
    /// # Errors
    /// The pipe's.
    pub async fn read(&mut self) -> io::Result<String> {
        let mut chunk = vec![0; CHUNK];
        loop {
            self.pipe.readable().await?;
            match self.pipe.try_read(&mut chunk) {
                Err(error) if error.kind() == WouldBlock => continue,
                read => {
                    self.rest.extend_from_slice(&chunk[..read?]);
                    return Ok(decode(&mut self.rest));
                }
            }
        }
    }

    /// What has arrived already; `None` if nothing has. Bytes that are no character then become U+FFFD.
    pub fn read_now(&mut self) -> Option<String> {
        let mut chunk = vec![0; CHUNK];
        // Not `try_read`: that knows only of what has arrived before the runtime last looked.
        match nix::unistd::read(&self.pipe, &mut chunk) {
            Ok(read) if read > 0 => {
                self.rest.extend_from_slice(&chunk[..read]);
                Some(decode(&mut self.rest))
            }
            _ if self.rest.is_empty() => None,
            _ => Some(String::from_utf8_lossy(&std::mem::take(&mut self.rest)).into_owned()),
        }
    }
}

/// Takes all whole characters from `bytes`; what can't become one is replaced with U+FFFD.
fn decode(bytes: &mut Vec<u8>) -> String {
    let mut text = String::new();
    let mut done = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        done += chunk.valid().len() + chunk.invalid().len();
        let unfinished = done == bytes.len() && is_begun(chunk.invalid());
        if unfinished {
            done -= chunk.invalid().len();
        } else if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    bytes.drain(..done);
    text
}

/// Whether more bytes could make it a character.
fn is_begun(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

/// The end of the pipe from which cells read.
pub struct Input {
    path: PathBuf,
    file: Option<File>,
}

impl Input {
    pub fn open(folder: &Path) -> Result<Self> {
        let file = Pipe::Stdin.open(folder).context("opening the cells' standard input")?;
        Ok(Self { path: Pipe::Stdin.path(folder), file: Some(file) })
    }

    /// A line for the cell that waits for one.
    ///
    /// # Errors
    /// The pipe's.
    pub fn write_line(&mut self, line: &str) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(format!("{line}\n").as_bytes()))
    }

    /// The cell that waits gets the end of the input.
    pub fn close(&mut self) {
        self.file = None;
    }

    /// Cells may wait again, and what the last one did not read is gone.
    ///
    /// # Errors
    /// The pipe's.
    pub fn reopen(&mut self) -> io::Result<()> {
        if self.file.is_none() {
            self.file = Some(fs::OpenOptions::new().read(true).write(true).open(&self.path)?);
        }
        Ok(())
    }
}

/// Whether a thread of the process waits for standard input. Where the system does not tell, none ever does.
pub fn waits_for_input(process: u32) -> bool {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    tasks.into_iter().any(|task| {
        // The number of a system call and its arguments, of which the first is the file's.
        let call = fs::read_to_string(task.path().join("syscall")).unwrap_or_default();
        call.split_once(" 0x0 ").is_some_and(|(number, _)| number == SYS_read.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_arrive_whole_and_other_bytes_are_replaced() {
        let bytes = "a\u{f1}\u{1f600}z".as_bytes();
        for cut in 0..bytes.len() {
            let mut rest = bytes[..cut].to_vec();
            let mut text = decode(&mut rest);
            rest.extend_from_slice(&bytes[cut..]);
            text.push_str(&decode(&mut rest));
            assert_eq!(text, "a\u{f1}\u{1f600}z", "cut at {cut}");
            assert!(rest.is_empty());
        }
        let mut bytes = b"\xff\na\xc3(\xc3".to_vec();
        assert_eq!(decode(&mut bytes), "\u{fffd}\na\u{fffd}(");
        assert_eq!(bytes, b"\xc3", "it may become a character");
    }
}
