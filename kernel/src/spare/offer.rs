//! A spare's side: how it is found and claimed, and when it ends unclaimed.

use super::{KERNELS, fresh::is_fresh, memory, open, terms::Terms, with_short_path};
use crate::{front::Event, message};
use anyhow::{Context, Result};
use jupyter_protocol::ConnectionInfo;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{self, File, Permissions},
    io::{BufRead, BufReader, Write},
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        net::UnixStream,
    },
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant, SystemTime},
};
use tokio::{net::UnixListener, select, sync::mpsc::Sender, time::sleep};

/// A spare's socket is named this, followed by what tells its terms.
pub const PREFIX: &str = "spare-";
/// How often a spare looks whether it is still good for something.
const LOOK: Duration = Duration::from_secs(1);
/// How long it waits for another kernel when there is none: "Restart kernel" ends one and starts the next.
const ALONE: Duration = Duration::from_secs(10);
/// How long a front may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(1);

/// What a front wants of a spare.
#[derive(Serialize, Deserialize)]
pub enum Wish {
    /// To take it over, with the front's terms, its connection file and its own values of the variables that may differ.
    TakeOver { terms: String, connection_file: PathBuf, brought: BTreeMap<String, String> },
    /// That it makes room for another one.
    Leave,
}

/// What it then tells the front.
#[derive(Serialize, Deserialize)]
pub enum Word {
    /// It is the front's.
    Yes,
    /// A line for Jupyter's log.
    Log(String),
    /// The kernel has ended, well or not.
    Ended(bool),
}

/// What the front tells a spare that it has taken over.
#[derive(Serialize, Deserialize)]
pub enum Order {
    Interrupt,
    End,
}

/// A spare on offer.
pub struct Offer {
    listener: UnixListener,
    socket: PathBuf,
    pub terms: Terms,
    folder: PathBuf,
    since: SystemTime,
    kernels: File,
    starter: Arc<AtomicBool>,
    _one: File,
}

/// What a front has brought.
pub struct Claim {
    pub connection: ConnectionInfo,
    pub front: Front,
}

/// The front that has taken this spare over.
#[derive(Clone)]
pub struct Front(Arc<Mutex<UnixStream>>);

impl Offer {
    /// Offers the spare in `folder`, begun at `since`. As long as standard input is open, whoever started it wants it.
    ///
    /// # Errors
    /// When there can be no socket.
    pub fn open(terms: Terms, folder: &Path, since: SystemTime, one: File) -> Result<Self> {
        let socket = folder.join(terms.name());
        let listener = with_short_path(&socket, |short| UnixListener::bind(short));
        let listener = listener.with_context(|| format!("can't listen on {}", socket.display()))?;
        fs::set_permissions(&socket, Permissions::from_mode(0o600))?;
        let kernels = open(&terms.template, KERNELS)?;
        let starter = Arc::new(AtomicBool::new(true));
        let is_there = starter.clone();
        thread::Builder::new().name("starter".into()).spawn(move || {
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink()); // until it closes
            is_there.store(false, Ordering::Relaxed);
        })?;
        Ok(Self { listener, socket, terms, folder: folder.to_owned(), since, kernels, starter, _one: one })
    }

    /// Waits for a front that claims it; `None` when it is no longer good for anything.
    pub async fn claimed(self) -> Option<Claim> {
        let mut alone = Instant::now();
        loop {
            select! {
                accepted = self.listener.accept() => if let Ok((stream, _)) = accepted {
                    match self.hear(stream).await {
                        Ok(Some(claim)) => return Some(claim),
                        Ok(None) => return None,
                        Err(_) => {} // a front that went away, or a stranger
                    }
                },
                () = sleep(LOOK) => {}
            }
            if self.is_held() {
                alone = Instant::now();
            }
            if alone.elapsed() > ALONE || !memory::is_enough_to_stay() || !self.is_good() {
                return None;
            }
        }
    }

    fn is_held(&self) -> bool {
        let is_free = self.kernels.try_lock().is_ok();
        if is_free {
            let _ = self.kernels.unlock();
        }
        self.starter.load(Ordering::Relaxed) || !is_free
    }

    fn is_good(&self) -> bool {
        self.terms.still_hold() && is_fresh(&self.folder, self.since)
    }

    /// Hears a front out. `None` if this spare has to end.
    async fn hear(&self, stream: tokio::net::UnixStream) -> Result<Option<Claim>> {
        anyhow::ensure!(stream.peer_cred()?.uid() == fs::metadata(&self.folder)?.uid(), "another user's");
        let stream = stream.into_std()?;
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line)?;
        let Wish::TakeOver { terms, connection_file, brought } = serde_json::from_str(&line)? else { return Ok(None) };
        anyhow::ensure!(terms == self.terms.text(), "other terms");
        if !self.is_good() {
            return Ok(None);
        }
        let connection = message::read_connection(&connection_file)?;
        super::terms::keep_brought(&self.folder, &brought)?;
        stream.set_read_timeout(None)?;
        let front = Front(Arc::new(Mutex::new(stream)));
        front.tell(&Word::Yes)?;
        let _ = fs::remove_file(&self.socket); // nobody else need try
        Ok(Some(Claim { connection, front }))
    }
}

impl Front {
    /// # Errors
    /// When the front has ended.
    pub fn tell(&self, word: &Word) -> Result<()> {
        let mut line = serde_json::to_vec(word)?;
        line.push(b'\n');
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(&line)?)
    }

    /// Passes the front's orders on from now on. If it ends without one, even by `kill -9`, this process ends at once too, and
    /// its guard cleans up: Jupyter may be starting the next kernel on the same ports.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn obey(&self, events: Sender<Event>) -> Result<()> {
        let stream = self.0.lock().unwrap_or_else(PoisonError::into_inner).try_clone()?;
        let listen = move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let event = match serde_json::from_str(&line) {
                    Ok(Order::Interrupt) => Event::Interrupt,
                    Ok(Order::End) => Event::End,
                    Err(_) => continue,
                };
                if events.blocking_send(event).is_err() {
                    return; // the kernel is ending by itself
                }
            }
            std::process::exit(1);
        };
        thread::Builder::new().name("orders".into()).spawn(listen).context("starting a thread")?;
        Ok(())
    }
}
