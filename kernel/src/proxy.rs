//! The front's event loop: what arrives, and what is done with it.

mod ahead;
mod evcxr;
mod jupyter;

use crate::{
    channels::{Event, Outer},
    inner::{self, Kernel},
    interrupt::Interrupt,
    message::{self, Opened},
    output::Output,
    requests::{Count, Requests, Running},
    warm::Warm,
};
use anyhow::Result;
use jupyter_protocol::{ConnectionInfo, Header};
use jupyter_zmq_client::RouterSendConnection;
use serde_json::{Value, json};
use std::{path::Path, process::ExitCode, time::Duration};
use tokio::{
    select,
    signal::unix::{SignalKind, signal},
    sync::mpsc,
    time::{Instant, sleep_until},
};
use zeromq::{SocketSend, ZmqMessage};

struct Proxy<'a> {
    shell: RouterSendConnection,
    control: RouterSendConnection,
    stdin: RouterSendConnection,
    output: Output,
    kernel: Kernel,
    warm: &'a Warm,
    requests: Requests,
    count: Count,
    interrupt: Interrupt,
    /// The session of the messages that the front itself sends to evcxr_jupyter.
    session: String,
    /// evcxr_jupyter's answer to kernel_info_request, kept so that clients need not wait for a cell to end.
    info: Option<Value>,
    info_waiting: Vec<Opened>,
    first: Option<String>,
    /// Output of the code that runs ahead, for the first cell that has to wait for it.
    early: Vec<(String, String)>,
}

/// Runs until Jupyter asks for a shutdown, or evcxr_jupyter exits.
///
/// # Errors
/// When one of the two sides can't be reached.
pub async fn run(outer: &ConnectionInfo, evcxr: &Path, warm: &Warm, first: Option<String>) -> Result<ExitCode> {
    let session = uuid::Uuid::new_v4().to_string();
    let (sender, mut events) = mpsc::channel(1024);
    let interrupt = Interrupt::new(&warm.folder);
    let Outer { shell, control, stdin, iopub } = Outer::bind(outer, &session, &sender).await?;
    let kernel = inner::start(evcxr, outer, &session, warm, interrupt.flag(), &sender).await?;
    let mut proxy = Proxy {
        shell,
        control,
        stdin,
        output: Output::new(iopub),
        kernel,
        warm,
        requests: Requests::default(),
        count: Count::default(),
        interrupt,
        session,
        info: None,
        info_waiting: Vec::new(),
        first,
        early: Vec::new(),
    };
    proxy.kernel.channels.control.send(message::new("kernel_info_request", json!({}), None)).await?;

    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    let code = loop {
        let deadline = proxy.deadline();
        select! {
            biased;
            _ = interrupts.recv() => proxy.press().await?,
            _ = terminations.recv() => break ExitCode::SUCCESS,
            status = proxy.kernel.process.wait() => {
                eprintln!("evcxr_live: evcxr_jupyter exited ({}), so the kernel stops.", status?);
                break ExitCode::FAILURE;
            }
            () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => proxy.tick().await?,
            Some(event) = events.recv() => if proxy.handle(event).await? == Flow::Over { break ExitCode::SUCCESS },
        }
    };
    // Time for the sockets' own tasks to send what is still on its way.
    tokio::time::sleep(Duration::from_millis(50)).await;
    proxy.kernel.end().await;
    Ok(code)
}

#[derive(PartialEq)]
enum Flow {
    On,
    Over,
}

impl Proxy<'_> {
    async fn handle(&mut self, event: Event) -> Result<Flow> {
        match event {
            Event::OuterControl(message) => return self.outer_control(message).await,
            Event::OuterShell(message) => self.outer_shell(message).await?,
            Event::OuterStdin(message) => self.outer_stdin(message).await?,
            Event::InnerShell(message) => self.inner_shell(message).await?,
            Event::InnerControl(message) => self.inner_control(message).await?,
            Event::InnerIoPub(message) => self.inner_iopub(message).await?,
            Event::InnerStderr(line) => self.inner_stderr(&line).await?,
            // The client may be gone; then there is nobody to tell.
            Event::InnerStdin(message) => drop(self.stdin.socket.send(message).await),
        }
        Ok(Flow::On)
    }

    fn deadline(&self) -> Option<Instant> {
        let end = self.requests.running.as_ref().and_then(Running::deadline);
        [end, self.output.deadline(), self.interrupt.deadline()].into_iter().flatten().min()
    }

    async fn tick(&mut self) -> Result<()> {
        let due = |deadline: Option<Instant>| deadline.is_some_and(|deadline| deadline <= Instant::now());
        if due(self.output.deadline()) {
            self.output.flush().await?;
        }
        if due(self.interrupt.deadline()) && self.interrupt.is_overdue() {
            self.force().await?;
        }
        if due(self.requests.running.as_ref().and_then(Running::deadline)) {
            self.finish().await?;
        }
        Ok(())
    }

    /// Whether the front itself sent the request that `parent` names.
    fn is_own(&self, parent: Option<&Header>) -> bool {
        parent.is_some_and(|parent| parent.session == self.session)
    }

    /// `None`, and a line in Jupyter's log, if it was signed with another key or is not a message at all.
    fn open(&self, message: &ZmqMessage) -> Option<Opened> {
        Opened::new(message, &self.output.iopub)
            .inspect_err(|error| eprintln!("evcxr_live: dropped a message: {error:#}"))
            .ok()
    }
}

fn reply_to(request: &Opened, content: Value) -> jupyter_protocol::JupyterMessage {
    let kind = request.kind().replace("_request", "_reply");
    let mut reply = message::new(&kind, content, Some(&request.header));
    reply.zmq_identities.clone_from(&request.identities);
    reply
}
