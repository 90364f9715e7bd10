//! A front's side: it takes a spare over, and then stands between Jupyter and the spare.

use super::{
    offer::{Order, PREFIX, Wish, Word},
    terms::Terms,
    with_short_path,
};
use anyhow::{Context, Result};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt},
    select,
    signal::unix::{SignalKind, signal},
};

/// A spare answers at once; one that doesn't is not worth waiting for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Takes over a spare with these `terms`, if there is one, and acts as the kernel's process until it ends.
///
/// # Errors
/// When the spare is lost: then the kernel is.
pub fn take(terms: &Terms, connection_file: &Path) -> Option<Result<ExitCode>> {
    let stream =
        sockets(terms.parent(), &terms.name()).iter().find_map(|socket| claim(socket, terms, connection_file))?;
    Some(stand_between(stream))
}

/// Asks all spares whose sockets lie there to make room. Returns whether there was one.
pub fn ask_to_leave(parent: &Path) -> bool {
    let asked = |socket: &PathBuf| connect(socket).is_ok_and(|stream| send(&stream, &Wish::Leave).is_ok());
    sockets(parent, PREFIX).iter().filter(|socket| asked(socket)).count() > 0
}

/// The sockets in the kernels' folders whose names begin with `name`.
pub fn sockets(parent: &Path, name: &str) -> Vec<PathBuf> {
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().collect::<Vec<_>>();
    let folders = entries(parent).into_iter().filter(|entry| crate::warm::is_kernels(&entry.file_name()));
    let inside = folders.flat_map(|folder| entries(&folder.path()));
    inside.filter(|entry| entry.file_name().to_string_lossy().starts_with(name)).map(|entry| entry.path()).collect()
}

fn connect(socket: &Path) -> std::io::Result<UnixStream> {
    with_short_path(socket, |short| UnixStream::connect(short))
}

fn send(mut stream: &UnixStream, wish: &Wish) -> Result<()> {
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(wish)?;
    line.push(b'\n');
    Ok(stream.write_all(&line)?)
}

fn claim(socket: &Path, terms: &Terms, connection_file: &Path) -> Option<UnixStream> {
    let stream = connect(socket).ok()?;
    let connection_file = std::path::absolute(connection_file).ok()?;
    send(&stream, &Wish::TakeOver { terms: terms.text(), connection_file, brought: terms.brought() }).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut line = String::new();
    // Nothing follows the answer until this front has read it, or Jupyter's log gets it a moment later.
    BufReader::with_capacity(1, &stream).read_line(&mut line).ok()?;
    matches!(serde_json::from_str(&line), Ok(Word::Yes)).then_some(stream)
}

fn stand_between(stream: UnixStream) -> Result<ExitCode> {
    stream.set_read_timeout(None)?;
    stream.set_nonblocking(true)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let (reader, mut writer) = tokio::net::UnixStream::from_std(stream)?.into_split();
        let mut lines = tokio::io::BufReader::new(reader).lines();
        let mut interrupts = signal(SignalKind::interrupt())?;
        let mut terminations = signal(SignalKind::terminate())?;
        loop {
            let order = select! {
                _ = interrupts.recv() => Order::Interrupt,
                _ = terminations.recv() => Order::End,
                line = lines.next_line() => {
                    let line = line.ok().flatten().context("the kernel's process has ended unexpectedly")?;
                    match serde_json::from_str(&line)? {
                        Word::Log(line) => eprintln!("{line}"),
                        Word::Ended(well) => return Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }),
                        Word::Yes => {}
                    }
                    continue;
                }
            };
            let mut line = serde_json::to_vec(&order)?;
            line.push(b'\n');
            let _ = writer.write_all(&line).await; // if it has ended, the next line is missing
        }
    })
}
