//! An evcxr_jupyter that runs behind the front, on loopback ports. What it can't tell it can't tell here either: an error that a
//! `?` returned, or a panic, counts as a good end; and what is printed may be mistaken for evcxr's own words.

use super::{Failure, Job, Outcome, Told};
use crate::{
    channels::read,
    message::{self, Opened},
};
use anyhow::{Context, Result, bail};
use jupyter_protocol::{ConnectionInfo, connection_info::Transport};
use jupyter_zmq_client::{
    DealerSendConnection, create_client_control_connection, create_client_iopub_connection,
    create_client_shell_connection_with_identity, create_client_stdin_connection_with_identity, peek_ports,
    peer_identity_for_session,
};
use serde_json::{Value, json};
use std::{
    fs::OpenOptions,
    io::Write,
    net::{IpAddr, Ipv4Addr},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    sync::mpsc::Sender,
    time::Instant,
};
use zeromq::ZmqMessage;

/// When a cell ends, its last lines may still be on their way: evcxr_jupyter prints on one thread and reports the end on
/// another. After this long without a line, all have arrived.
const QUIET: Duration = Duration::from_millis(25);
/// The same, for a cell whose lines keep coming after its end: it printed faster than they are passed on.
const QUIET_AFTER_MANY: Duration = Duration::from_millis(150);

/// What arrives from it.
#[derive(Debug)]
pub enum Arrival {
    /// On one of its channels.
    Message(ZmqMessage),
    /// A line that it printed itself, mostly what cargo is compiling.
    Stderr(String),
}

/// A running evcxr_jupyter.
pub struct Outside {
    pub process: Child,
    shell: DealerSendConnection,
    control: DealerSendConnection,
    stdin: DealerSendConnection,
    job: Option<Pending>,
}

/// The job that it works on.
struct Pending {
    request: String,
    /// The cell's name in messages about errors; `None` if the job is no cell.
    name: Option<String>,
    outcome: Outcome,
    replied: bool,
    /// Since it has reported the end: when to believe it.
    end: Option<Instant>,
}

impl Outside {
    /// Starts it in a process group of its own. Its connection file lies in `folder`; cells look for the stop button at `flag`.
    ///
    /// # Errors
    /// When it can't be started, or exits at once.
    pub async fn start<E: Send + 'static>(
        evcxr: &Path,
        outer: &ConnectionInfo,
        folder: &Path,
        flag: &Path,
        events: Sender<E>,
        arrived: fn(Arrival) -> E,
    ) -> Result<Self> {
        let ip = Ipv4Addr::LOCALHOST;
        let ports = peek_ports(IpAddr::V4(ip), 5).await?;
        let [shell_port, iopub_port, stdin_port, control_port, hb_port] = ports[..] else {
            bail!("no five free ports")
        };
        let connection = ConnectionInfo {
            ip: ip.to_string(),
            transport: Transport::TCP,
            // It takes an empty one for an error.
            key: if outer.key.is_empty() { uuid::Uuid::new_v4().to_string() } else { outer.key.clone() },
            shell_port,
            iopub_port,
            stdin_port,
            control_port,
            hb_port,
            ..outer.clone()
        };
        let file = write_connection(folder, &connection)?;
        let mut process = Command::new(evcxr)
            .arg("--control_file")
            .arg(&file)
            .env("EVCXR_LIVE", "1")
            .env("EVCXR_LIVE_INTERRUPT", flag)
            .stdin(Stdio::null())
            // It prints a greeting there at every start, which no reader needs.
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // Its own group: Jupyter sends SIGINT to the front's whole group, which would kill it.
            .process_group(0)
            .spawn()
            .with_context(|| format!("starting {}; is it an evcxr_jupyter?", evcxr.display()))?;
        if let Some(stderr) = process.stderr.take() {
            let (events, mut lines) = (events.clone(), BufReader::new(stderr).lines());
            tokio::spawn(async move {
                while let Ok(Some(line)) = lines.next_line().await {
                    if events.send(arrived(Arrival::Stderr(line))).await.is_err() {
                        return;
                    }
                }
            });
        }
        wait_until_it_listens(&mut process, &connection).await?;
        Self::connect(process, &connection, &events, arrived).await
    }

    async fn connect<E: Send + 'static>(
        process: Child,
        connection: &ConnectionInfo,
        events: &Sender<E>,
        arrived: fn(Arrival) -> E,
    ) -> Result<Self> {
        let session = uuid::Uuid::new_v4().to_string();
        // It asks for input at the address that sent the cell.
        let identity = peer_identity_for_session(&session)?;
        let shell = create_client_shell_connection_with_identity(connection, &session, identity.clone()).await?;
        let stdin = create_client_stdin_connection_with_identity(connection, &session, identity).await?;
        let control = create_client_control_connection(connection, &session).await?;
        let iopub = create_client_iopub_connection(connection, "", &session).await?;
        let ((shell, from_shell), (control, from_control), (stdin, from_stdin)) =
            (shell.split(), control.split(), stdin.split());
        let message = move |message| arrived(Arrival::Message(message));
        read(from_shell, events, message);
        read(from_control, events, message);
        read(from_stdin, events, message);
        read(iopub, events, message);
        Ok(Self { process, shell, control, stdin, job: None })
    }

    /// # Errors
    /// The socket's.
    pub async fn send(&mut self, job: Job) -> Result<()> {
        let (kind, content, name) = match job {
            Job::Execute { code, name } => {
                let content = json!({"code": code, "silent": false, "store_history": true, "user_expressions": {},
                    "allow_stdin": true, "stop_on_error": false});
                ("execute_request", content, Some(name))
            }
            Job::Complete { code, cursor } => ("complete_request", json!({"code": code, "cursor_pos": cursor}), None),
            Job::Inspect { code, cursor } => {
                ("inspect_request", json!({"code": code, "cursor_pos": cursor, "detail_level": 0}), None)
            }
        };
        let request = message::new(kind, content, None);
        let outcome = Outcome::default();
        self.job = Some(Pending { request: request.header.msg_id.clone(), name, outcome, replied: false, end: None });
        Ok(self.shell.send(request).await?)
    }

    /// Its own interrupt, which kills the process of the cells.
    ///
    /// # Errors
    /// The socket's.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.control.send(message::new("interrupt_request", json!({}), None)).await?)
    }

    /// Answers a cell's question.
    ///
    /// # Errors
    /// The socket's.
    pub async fn answer(&mut self, text: &str) -> Result<()> {
        let reply = message::new("input_reply", json!({"status": "ok", "value": text}), None);
        Ok(self.stdin.send(reply).await?)
    }

    /// What an arrival tells.
    pub fn handle(&mut self, arrival: Arrival) -> Option<Told> {
        let message = match arrival {
            Arrival::Stderr(line) => return Some(Told::Progress(line)),
            Arrival::Message(message) => message,
        };
        let opened = Opened::new(&message, &self.shell).ok()?;
        let job = self.job.as_mut().filter(|job| opened.answers(&job.request))?;
        let content = opened.content().ok()?;
        match opened.kind() {
            "stream" => {
                if let Some(end) = &mut job.end {
                    *end = Instant::now() + QUIET_AFTER_MANY;
                }
                let text = |name: &str| content[name].as_str().map(str::to_owned);
                return Some(Told::Printed { name: text("name")?, text: text("text")? });
            }
            "execute_result" => return Some(Told::Value(content["data"].clone())),
            "error" => job.outcome.failures.push(failure(&content, job.name.as_deref().unwrap_or_default())),
            "input_request" => {
                let prompt = content["prompt"].as_str().unwrap_or_default().to_owned();
                return Some(Told::Asks { prompt, password: content["password"] == true });
            }
            "execute_reply" => job.replied = true,
            "complete_reply" | "inspect_reply" => {
                self.job = None;
                return Some(Told::Answered(content));
            }
            "status" if content["execution_state"] == "idle" && job.name.is_some() => {
                job.end = Some(Instant::now() + QUIET);
            }
            _ => {}
        }
        None
    }

    /// When [`Self::ended`] may have something to tell.
    pub fn deadline(&self) -> Option<Instant> {
        self.job.as_ref().and_then(|job| job.end)
    }

    /// The end of the cell, once all of its output has arrived.
    pub fn ended(&mut self) -> Option<Told> {
        let due = |job: &mut Pending| job.replied && job.end.is_some_and(|end| end <= Instant::now());
        let job = self.job.take_if(due)?;
        let mut outcome = job.outcome;
        let killed = |failure: &Failure| failure.text.contains("Subprocess terminated");
        if let Some(at) = outcome.failures.iter().position(killed) {
            outcome.process_ended = Some(outcome.failures.remove(at).text);
        }
        Some(Told::Ended(outcome))
    }
}

/// Its message about an error, in which a cell is called `command_<n>`, with a number of its own.
fn failure(content: &Value, name: &str) -> Failure {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    // Only in the line that heads the compiler's message, which may be coloured.
    let rename = |line: String| match line.split_once("command_").filter(|_| line.contains('╭')) {
        Some((before, after)) => match after.trim_start_matches(|digit: char| digit.is_ascii_digit()) {
            rest if rest.starts_with(':') => format!("{before}{name}{rest}"),
            _ => line,
        },
        None => line,
    };
    let traceback = content["traceback"].as_array().into_iter().flatten().map(|line| rename(text(line))).collect();
    Failure { name: text(&content["ename"]), text: text(&content["evalue"]), traceback }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_evcxrs_own_name_of_a_cell_is_replaced() {
        let content = json!({"ename": "Error", "evalue": "command_7", "traceback": ["╭─[ command_7:1:9 ]", "│ let command_7: command_8:"]});
        let found = failure(&content, "cell 3");
        assert_eq!(found.traceback, ["╭─[ cell 3:1:9 ]", "│ let command_7: command_8:"]);
        assert_eq!(found.text, "command_7");
    }
}
