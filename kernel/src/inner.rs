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
    // When its standard input closes, it kills the process and everything that this one started.
    guard: Child,
}

/// Starts it on loopback ports, with the outer connection's key, so that messages can be passed on with their
/// signatures.
///
/// # Errors
/// When it can't be started, or exits at once.
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
        // It prints a greeting there at every start, which no reader needs.
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // Its own group: Jupyter sends SIGINT to the front's whole group, which would kill it.
        .process_group(0)
        .spawn()
        .with_context(|| format!("starting {}; is it installed?", evcxr.display()))?;
    if let Some(stderr) = process.stderr.take() {
        tokio::spawn(read_lines(stderr, events.clone()));
    }
    let pid = process.id().context("evcxr_jupyter exited at once")?;
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

/// Readable only by its owner: anyone who has the key can run code.
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
    // The last port that it opens.
    while TcpStream::connect((connection.ip.as_str(), connection.iopub_port)).await.is_err() {
        if let Some(status) = process.try_wait()? {
            bail!("evcxr_jupyter exited while it was starting ({status})");
        }
        if since.elapsed() > Duration::from_secs(60) {
            bail!("evcxr_jupyter is still not listening on its port {} after a minute", connection.iopub_port);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

impl Kernel {
    /// Shuts it down, and waits until its processes and its folder are gone.
    pub async fn end(mut self) {
        drop(self.guard.stdin.take());
        // Wait for both: a process that nobody has waited for still counts as a member of its group.
        let ended = async { tokio::join!(self.process.wait(), self.guard.wait()) };
        let _ = tokio::time::timeout(Duration::from_secs(5), ended).await;
    }
}
