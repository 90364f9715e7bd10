//! The front's one loop: what comes in from Jupyter and from evcxr_jupyter, and what is done with it.

use crate::{
    channels::{Event, Outer},
    inner::{self, Kernel},
    interrupt::{self, Interrupt, Next},
    message::{self, Opened},
    output::Output,
    requests::{Count, Request, Requests, Running},
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
    /// What evcxr_jupyter answers to kernel_info_request: its clients shall not wait for a cell to end.
    info: Option<Value>,
    info_waiting: Vec<Opened>,
    first: Option<String>,
    /// What the code run ahead has printed, for the first cell that has to wait for it.
    early: Vec<(String, String)>,
}

/// Runs until Jupyter says that it is over, or evcxr_jupyter ends.
///
/// # Errors
/// One of the two sides can't be reached.
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
                eprintln!("evcxr_live: evcxr_jupyter has ended ({}), and the kernel with it.", status?);
                break ExitCode::FAILURE;
            }
            () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => proxy.tick().await?,
            Some(event) = events.recv() => if proxy.handle(event).await? == Flow::Over { break ExitCode::SUCCESS },
        }
    };
    // The sockets' own tasks send what is still on its way.
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
            Event::OuterStdin(message) => self.kernel.channels.stdin.socket.send(message).await?,
            Event::InnerShell(message) => self.inner_shell(message).await?,
            Event::InnerControl(message) => self.inner_control(message).await?,
            Event::InnerIoPub(message) => self.inner_iopub(message).await?,
            // A client that has gone gets nothing.
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

    // --- from Jupyter

    async fn outer_shell(&mut self, message: ZmqMessage) -> Result<()> {
        let Some(opened) = self.open(&message) else { return Ok(()) };
        if opened.kind() == "kernel_info_request" {
            self.info_waiting.push(opened);
            return self.answer_info().await;
        }
        self.requests.push(Request { message, opened });
        self.tell_of_first().await?;
        self.next().await
    }

    async fn outer_control(&mut self, message: ZmqMessage) -> Result<Flow> {
        let Some(opened) = self.open(&message) else { return Ok(Flow::On) };
        let reply = match opened.kind() {
            "interrupt_request" => {
                self.press().await?;
                json!({"status": "ok"})
            }
            "shutdown_request" => {
                let restart = opened.content()?.get("restart").cloned().unwrap_or(false.into());
                json!({"status": "ok", "restart": restart})
            }
            _ => {
                self.kernel.channels.control.socket.send(message).await?;
                return Ok(Flow::On);
            }
        };
        let flow = if opened.kind() == "shutdown_request" { Flow::Over } else { Flow::On };
        let _ = self.control.send(reply_to(&opened, reply)).await;
        Ok(flow)
    }

    /// Gives evcxr_jupyter what it may have now. Before it is ready nothing is sent, since its own start takes
    /// Cargo.lock's entries away.
    async fn next(&mut self) -> Result<()> {
        if self.info.is_none() {
            return Ok(());
        }
        while let Some(request) = self.requests.next() {
            self.kernel.channels.shell.socket.send(request.message).await?;
        }
        Ok(())
    }

    async fn answer_info(&mut self) -> Result<()> {
        let Some(info) = &self.info else { return Ok(()) };
        for request in self.info_waiting.drain(..) {
            self.output.status("busy", &request.header).await?;
            let _ = self.shell.send(reply_to(&request, info.clone())).await;
            self.output.status("idle", &request.header).await?;
        }
        Ok(())
    }

    // --- the stop button

    async fn press(&mut self) -> Result<()> {
        // Between cells evcxr would end the process that holds the variables all the same.
        match &self.requests.running {
            Some(running) if !running.own => {}
            _ => return Ok(()),
        }
        match self.interrupt.press()? {
            Next::Wait => Ok(()),
            Next::Force => self.force().await,
        }
    }

    async fn force(&mut self) -> Result<()> {
        let Some(running) = &self.requests.running else { return Ok(()) };
        self.output.text("stderr", interrupt::FORCED, &running.header).await?;
        Ok(self.kernel.channels.control.send(message::new("interrupt_request", json!({}), None)).await?)
    }

    // --- from evcxr_jupyter

    async fn inner_shell(&mut self, message: ZmqMessage) -> Result<()> {
        let Some(opened) = self.open(&message) else { return Ok(()) };
        if self.is_own(opened.parent.as_ref()) {
            return Ok(());
        }
        if opened.kind() != "execute_reply" {
            let _ = self.shell.socket.send(message).await;
            return Ok(());
        }
        let mut content = opened.content()?;
        self.count.correct(&mut content);
        if let Some(running) = &mut self.requests.running
            && opened.answers(&running.header)
        {
            running.replied(&content);
        }
        let _ = self.shell.send(opened.with_content(content)).await;
        Ok(())
    }

    async fn inner_control(&mut self, message: ZmqMessage) -> Result<()> {
        let Some(opened) = self.open(&message) else { return Ok(()) };
        if !self.is_own(opened.parent.as_ref()) {
            let _ = self.control.socket.send(message).await;
        } else if self.info.is_none() && opened.kind() == "kernel_info_reply" {
            self.info = Some(opened.content()?);
            self.warm.restore_lock()?;
            self.answer_info().await?;
            if let Some(code) = self.first.take() {
                self.run_ahead(&code).await?;
            }
            self.next().await?;
        }
        Ok(())
    }

    async fn inner_iopub(&mut self, message: ZmqMessage) -> Result<()> {
        let Some(opened) = self.open(&message) else { return Ok(()) };
        let Some(parent) = opened.parent.as_ref() else { return self.output.forward(message).await };
        let own = self.is_own(Some(parent));
        match opened.kind() {
            "stream" => {
                let content = opened.content()?;
                let (Some(name), Some(text)) = (content["name"].as_str(), content["text"].as_str()) else {
                    return self.output.forward(message).await;
                };
                if let Some(running) = &mut self.requests.running {
                    running.printed();
                }
                if own {
                    self.early.push((name.into(), text.into()));
                    return self.tell_of_first().await;
                }
                self.output.print(name, text, parent).await
            }
            "status" if self.ends_a_cell(&opened)? => {
                if let Some(running) = &mut self.requests.running {
                    running.ended(message);
                }
                Ok(())
            }
            _ if own => Ok(()),
            "execute_input" | "execute_result" | "error" => {
                let mut content = opened.content()?;
                self.count.correct(&mut content);
                self.count.correct_names(&mut content);
                self.output.send(opened.with_content(content)).await
            }
            _ => self.output.forward(message).await,
        }
    }

    fn ends_a_cell(&self, opened: &Opened) -> Result<bool> {
        let answers = self.requests.running.as_ref().is_some_and(|running| opened.answers(&running.header));
        Ok(answers && opened.content()?.get("execution_state").is_some_and(|state| state == "idle"))
    }

    /// The cell has ended, and all that it printed is here.
    async fn finish(&mut self) -> Result<()> {
        let Some((running, idle, aborted)) = self.requests.finish() else { return Ok(()) };
        self.interrupt.reset()?;
        if running.own {
            self.early.clear();
        } else {
            self.output.forward(idle).await?;
        }
        for request in aborted {
            self.output.status("busy", &request.opened.header).await?;
            let _ = self.shell.send(reply_to(&request.opened, json!({"status": "aborted"}))).await;
            self.output.status("idle", &request.opened.header).await?;
        }
        self.next().await
    }

    // --- what is run ahead of the first cell

    async fn run_ahead(&mut self, code: &str) -> Result<()> {
        let content = json!({"code": code, "silent": true, "store_history": false, "user_expressions": {},
            "allow_stdin": false, "stop_on_error": false});
        let request = message::new("execute_request", content, None);
        self.requests.running = Some(Running::own(request.header.clone()));
        self.count.skip();
        Ok(self.kernel.channels.shell.send(request).await?)
    }

    /// A reader's cell that has to wait for it shows why: what is being compiled.
    async fn tell_of_first(&mut self) -> Result<()> {
        let ahead = self.requests.running.as_ref().is_some_and(|running| running.own);
        if let Some(cell) = self.requests.next_cell().filter(|_| ahead) {
            for (name, text) in self.early.drain(..) {
                self.output.text(&name, &text, cell).await?;
            }
        }
        Ok(())
    }

    /// Was the request that `parent` names sent by the front itself?
    fn is_own(&self, parent: Option<&Header>) -> bool {
        parent.is_some_and(|parent| parent.session == self.session)
    }

    /// None, and a word in Jupyter's log, for what was signed with another key or is no message at all.
    fn open(&self, message: &ZmqMessage) -> Option<Opened> {
        Opened::new(message, &self.output.iopub)
            .inspect_err(|error| eprintln!("evcxr_live: a message was dropped: {error:#}"))
            .ok()
    }
}

fn reply_to(request: &Opened, content: Value) -> jupyter_protocol::JupyterMessage {
    let kind = request.kind().replace("_request", "_reply");
    let mut reply = message::new(&kind, content, Some(&request.header));
    reply.zmq_identities.clone_from(&request.identities);
    reply
}
