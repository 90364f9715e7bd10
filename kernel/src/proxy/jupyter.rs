//! Messages from Jupyter's clients, and the stop button.

use super::{Flow, Proxy, reply_to};
use crate::{
    interrupt::{FORCED, Next},
    message::{self, Opened},
    requests::Request,
};
use anyhow::Result;
use serde_json::{Value, json};
use zeromq::{SocketSend, ZmqMessage};

impl Proxy<'_> {
    pub(super) async fn outer_shell(&mut self, message: ZmqMessage) -> Result<()> {
        let Some(opened) = self.open(&message) else { return Ok(()) };
        if opened.kind() == "kernel_info_request" {
            self.info_waiting.push(opened);
            return self.answer_info().await;
        }
        self.requests.push(Request { message, opened });
        self.tell_of_first().await?;
        self.next().await
    }

    pub(super) async fn outer_stdin(&mut self, message: ZmqMessage) -> Result<()> {
        if self.open(&message).is_some() {
            self.kernel.channels.stdin.socket.send(message).await?;
        }
        Ok(())
    }

    pub(super) async fn outer_control(&mut self, message: ZmqMessage) -> Result<Flow> {
        let Some(opened) = self.open(&message) else { return Ok(Flow::On) };
        let (reply, flow) = match opened.kind() {
            "interrupt_request" => {
                self.press().await?;
                (json!({"status": "ok"}), Flow::On)
            }
            "shutdown_request" => {
                let restart = opened.content()?.get("restart").cloned().unwrap_or(false.into());
                (json!({"status": "ok", "restart": restart}), Flow::Over)
            }
            _ => {
                self.kernel.channels.control.socket.send(message).await?;
                return Ok(Flow::On);
            }
        };
        let _ = self.control.send(reply_to(&opened, reply)).await;
        Ok(flow)
    }

    /// Gives evcxr_jupyter what it may have now. Nothing is sent before it is ready, because its own start removes
    /// entries from Cargo.lock.
    pub(super) async fn next(&mut self) -> Result<()> {
        if self.info.is_none() {
            return Ok(());
        }
        while let Some(request) = self.requests.next() {
            self.kernel.channels.shell.socket.send(request.message).await?;
        }
        Ok(())
    }

    pub(super) async fn answer_info(&mut self) -> Result<()> {
        let Some(info) = self.info.clone() else { return Ok(()) };
        for request in std::mem::take(&mut self.info_waiting) {
            self.answer(&request, info.clone()).await?;
        }
        Ok(())
    }

    /// Answers a shell request that evcxr_jupyter never sees.
    pub(super) async fn answer(&mut self, request: &Opened, content: Value) -> Result<()> {
        self.output.status("busy", &request.header).await?;
        // The client may be gone; then there is nobody to answer.
        let _ = self.shell.send(reply_to(request, content)).await;
        self.output.status("idle", &request.header).await
    }

    pub(super) async fn press(&mut self) -> Result<()> {
        // Between cells, evcxr's interrupt would still kill the process that holds the variables.
        match &self.requests.running {
            Some(running) if !running.own && !running.has_ended() => {}
            _ => return Ok(()),
        }
        match self.interrupt.press()? {
            Next::Wait => Ok(()),
            Next::Force => self.force().await,
        }
    }

    pub(super) async fn force(&mut self) -> Result<()> {
        let Some(running) = &self.requests.running else { return Ok(()) };
        self.output.text("stderr", FORCED, &running.header).await?;
        Ok(self.kernel.channels.control.send(message::new("interrupt_request", json!({}), None)).await?)
    }
}
