//! The process in which cells run. evcxr starts it and tells it, line by line on standard input, which library to load
//! and run; it answers on standard output. evcxr's own process of this kind leaves both pipes to the cells as well, so that a
//! cell's bytes and evcxr's words mix. Here they are moved out of the cells' reach first, and the cells get pipes of
//! their own, which the front reads:
//!
//! | pipe | what it carries |
//! |---|---|
//! | `stdin`, `stdout`, `stderr` | the cells' bytes, and those of the programs that they start |
//! | `notes` | what the front has to know: that a cell has begun to run, and how it failed ([`Note`]) |

mod cell;
mod notes;
mod pipes;
mod trace;

pub use cell::instrument;
pub use notes::Note;
pub use pipes::{Pipe, make_pipes};

use crate::{spare, toolchain};
use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use notes::Notes;
use std::{
    env,
    ffi::c_void,
    fs::File,
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Mutex, OnceLock,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};

/// Names the folder that holds the pipes.
const FOLDER: &str = "EVCXR_LIVE_RUNTIME";
/// evcxr's order, followed by a library and a function in it.
const LOAD_AND_RUN: &str = "LOAD_AND_RUN ";
/// evcxr's words for the end of a cell, however it came, and for a cell that panicked.
const COMPLETE: &str = "EVCXR_EXECUTION_COMPLETE";
const PANICKED: &str = "EVCXR_PANIC_NOTIFICATION";
/// `print!` keeps an unfinished line back until it is flushed; so it is, as often as this.
const FLUSH: Duration = Duration::from_millis(100);

/// The command that starts such a process, in a process group of its own. Cells look for the stop button at `flag`.
pub fn command(folder: &Path, flag: &Path) -> std::io::Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.env(FOLDER, folder).env("EVCXR_LIVE", "1").env("EVCXR_LIVE_INTERRUPT", flag).process_group(0);
    toolchain::give_back(&mut command, "TMPDIR", toolchain::TMPDIR);
    Ok(command)
}

/// Acts as that process if this program was started as one; returns only if it was not, or can't.
///
/// # Errors
/// When the pipes can't be opened, or evcxr gives an unknown order.
pub fn run_if_asked() -> Result<()> {
    let (Some(folder), Some(_)) = (env::var_os(FOLDER), env::var_os("EVCXR_IS_RUNTIME")) else { return Ok(()) };
    let folder = PathBuf::from(folder);
    let (orders, answers) = pipes::take_evcxrs(&folder)?;
    let orders = listen(orders);
    NOTES.get_or_init(|| Notes::new(answers, pipes::open_notes(&folder)));
    let flush = start_flushing();
    let mut variables = std::ptr::null_mut();
    let mut is_adopted = false;
    for order in orders {
        is_adopted = is_adopted || spare::adopt_environment(&folder);
        variables = obey(&order, variables, &flush)?;
    }
    Ok(()) // never: `listen` ends the process
}

static NOTES: OnceLock<Notes> = OnceLock::new();

/// Passes evcxr's orders on, and ends this process, and all that the cells have started, once no more can come: the front
/// has ended, even by `kill -9`, and a cell may still be computing.
fn listen(orders: File) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(orders).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
        let _ = killpg(nix::unistd::getpgrp(), Signal::SIGKILL);
    });
    receiver
}

/// What a cell's library offers beside the cell itself; see `cell.rs`.
type Cell = extern "C" fn(*mut c_void) -> *mut c_void;
type Connect = extern "C" fn(extern "C" fn(u32, *const u8, usize), bool);
type Flush = extern "C" fn();

fn obey(order: &str, variables: *mut c_void, flush: &Sender<Option<Flush>>) -> Result<*mut c_void> {
    let (library, function) = order
        .strip_prefix(LOAD_AND_RUN)
        .and_then(|order| order.rsplit_once(' ')) // a path may hold spaces, a function's name can't
        .with_context(|| format!("evcxr gave an unknown order: {order}"))?;
    let Some(notes) = NOTES.get() else { bail!("no notes") };
    let variables = match load(library, function) {
        Ok((cell, connect, flush_cell)) => {
            if let Some(connect) = connect {
                connect(note, notes.begin());
            }
            notes.send(&Note::Began);
            let _ = flush.send(flush_cell);
            let variables = cell(variables);
            let _ = flush.send(None);
            if let Some(flush_cell) = flush_cell {
                flush_cell();
            }
            notes.end();
            variables
        }
        Err(error) => {
            let text = format!("{library} can't be loaded: {error}");
            notes.send(&Note::Failed { name: "LoadError".into(), text, place: String::new(), details: String::new() });
            notes.answer(PANICKED); // the cell's variables do not exist
            variables
        }
    };
    notes.answer(COMPLETE);
    Ok(variables)
}

#[allow(unsafe_code)]
fn load(library: &str, function: &str) -> Result<(Cell, Option<Connect>, Option<Flush>), libloading::Error> {
    // SAFETY: the library was compiled by evcxr for this very call, and its functions have these types. It stays
    // loaded for ever: variables, threads and thread-locals of the cell may outlive it.
    unsafe {
        let library = Box::leak(Box::new(libloading::Library::new(library)?));
        let cell = *library.get::<Cell>(function.as_bytes())?;
        let connect = library.get::<Connect>(b"evcxr_live_connect").ok().map(|symbol| *symbol);
        let flush = library.get::<Flush>(b"evcxr_live_flush").ok().map(|symbol| *symbol);
        Ok((cell, connect, flush))
    }
}

/// What cells call. It must not unwind into them.
#[allow(unsafe_code)]
extern "C" fn note(kind: u32, text: *const u8, length: usize) {
    // SAFETY: a cell passes a string that lives until this returns.
    let text = unsafe { std::slice::from_raw_parts(text, length) };
    if let Some(notes) = NOTES.get() {
        notes.hear(kind, &String::from_utf8_lossy(text));
    }
}

/// A thread that flushes the standard output of the running cell, whose function the caller sends, or `None` between cells.
fn start_flushing() -> Sender<Option<Flush>> {
    let (sender, running) = channel::<Option<Flush>>();
    thread::spawn(move || {
        let mut flush = None;
        loop {
            match running.recv_timeout(if flush.is_some() { FLUSH } else { Duration::MAX }) {
                Ok(next) => flush = next,
                Err(RecvTimeoutError::Timeout) => drop(flush.map(|flush: Flush| flush())),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    });
    sender
}

/// Locks even if a thread panicked meanwhile: what is inside is always whole.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Writes all of it, or gives up if nobody reads any more.
fn write_line(file: &Mutex<File>, line: &str) {
    let mut file = lock(file);
    let _ = file.write_all(line.as_bytes()).and_then(|()| file.write_all(b"\n"));
}
