//! Starts evcxr_jupyter behind the front.

use crate::{channels::Event, channels::Inner, guard, warm::Warm};
use anyhow::{Context, Result, bail};
use jupyter_protocol::{ConnectionInfo, connection_info::Transport};
use jupyter_zmq_client::peek_ports;
use std::{
    fs::OpenOptions,
    io::Write,
    net::{IpAddr, Ipv4Addr},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process::{Child, ChildStderr, Command},
    sync::mpsc::Sender,
};

/// A running evcxr_jupyter.
pub struct Kernel {
    pub process: Child,
    pub channels: Inner,
    // When its standard input closes, it ends the process and all that this started.
    guard: Child,
}

/// Starts it on ports of the loopback address, with the outer connection's key, so that messages can be passed on with
/// the signatures they have.
///
/// # Errors
/// It can't be started, or ends at once.
pub async fn start(
    evcxr: &Path,
    outer: &ConnectionInfo,
    session: &str,
    warm: &Warm,
    interrupt_flag: &Path,
    events: &Sender<Event>,
) -> Result<Kernel> {
    let connection =
        ConnectionInfo { ip: Ipv4Addr::LOCALHOST.to_string(), transport: Transport::TCP, ..choose_ports(outer).await? };
    let file = write_connection(&warm.folder, &connection)?;
    let mut process = Command::new(evcxr)
        .arg("--control_file")
        .arg(&file)
        .envs(warm.environment.iter().map(|(name, value)| (name, value)))
        .env("EVCXR_LIVE", "1")
        .env("EVCXR_LIVE_INTERRUPT", interrupt_flag)
        .stdin(Stdio::null())
        // It greets there at each start, which no reader asks for.
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // A group of its own: Jupyter's SIGINT goes to the front's whole group and would end it.
        .process_group(0)
        .spawn()
        .with_context(|| format!("starting {}; is it installed?", evcxr.display()))?;
    if let Some(stderr) = process.stderr.take() {
        tokio::spawn(read_lines(stderr, events.clone()));
    }
    let pid = process.id().context("evcxr_jupyter ended at once")?;
    let guard = guard::start(pid, &warm.folder)?;
    wait_until_it_listens(&mut process, &connection).await?;
    let channels = Inner::connect(&connection, session, events).await?;
    Ok(Kernel { process, channels, guard })
}

async fn choose_ports(outer: &ConnectionInfo) -> Result<ConnectionInfo> {
    let ports = peek_ports(IpAddr::V4(Ipv4Addr::LOCALHOST), 5).await?;
    let [shell_port, iopub_port, stdin_port, control_port, hb_port] = ports[..] else { bail!("no five free ports") };
    Ok(ConnectionInfo { shell_port, iopub_port, stdin_port, control_port, hb_port, ..outer.clone() })
}

/// Readable by its owner alone: who has the key can run code.
fn write_connection(folder: &Path, connection: &ConnectionInfo) -> Result<PathBuf> {
    let file = folder.join("connection.json");
    let write = || -> Result<()> {
        let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file)?;
        Ok(out.write_all(&serde_json::to_vec(connection)?)?)
    };
    write().with_context(|| format!("writing {}", file.display()))?;
    Ok(file)
}

async fn read_lines(stderr: ChildStderr, events: Sender<Event>) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if events.send(Event::InnerStderr(line)).await.is_err() {
            return;
        }
    }
}

async fn wait_until_it_listens(process: &mut Child, connection: &ConnectionInfo) -> Result<()> {
    let since = Instant::now();
    // The last one that it opens.
    while TcpStream::connect((connection.ip.as_str(), connection.iopub_port)).await.is_err() {
        if let Some(status) = process.try_wait()? {
            bail!("evcxr_jupyter ended at its start ({status})");
        }
        if since.elapsed() > Duration::from_secs(60) {
            bail!("evcxr_jupyter does not listen on its port {} after a minute", connection.iopub_port);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

impl Kernel {
    /// Ends it, and waits until its processes and its folder are gone.
    pub async fn end(mut self) {
        drop(self.guard.stdin.take());
        // Both are waited for: a process that nobody has waited for still counts as one of its group.
        let ended = async { tokio::join!(self.process.wait(), self.guard.wait()) };
        let _ = tokio::time::timeout(Duration::from_secs(5), ended).await;
    }
}
