//! Messages from evcxr_jupyter.

use super::Proxy;
use crate::message::Opened;
use anyhow::Result;
use serde_json::json;
use zeromq::{SocketSend, ZmqMessage};

impl Proxy<'_> {
    pub(super) async fn inner_shell(&mut self, message: ZmqMessage) -> Result<()> {
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
            running.replied(opened, content);
        } else {
            let _ = self.shell.send(opened.with_content(content)).await;
        }
        Ok(())
    }

    pub(super) async fn inner_control(&mut self, message: ZmqMessage) -> Result<()> {
        let Some(opened) = self.open(&message) else { return Ok(()) };
        if !self.is_own(opened.parent.as_ref()) {
            let _ = self.control.socket.send(message).await;
        } else if self.info.is_none() && opened.kind() == "kernel_info_reply" {
            self.info = Some(opened.content()?);
            self.answer_info().await?;
            if let Some(code) = self.first.take() {
                self.run_ahead(&code).await?;
            }
            self.next().await?;
        }
        Ok(())
    }

    pub(super) async fn inner_iopub(&mut self, message: ZmqMessage) -> Result<()> {
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
                    return self.printed_ahead(name, text).await;
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
                if let Some(running) = self.requests.running.as_mut().filter(|_| opened.kind() == "error") {
                    running.failed(&content);
                }
                self.output.send(opened.with_content(content)).await
            }
            _ => self.output.forward(message).await,
        }
    }

    /// Goes to the running cell, because it explains the wait; otherwise to Jupyter's log.
    pub(super) async fn inner_stderr(&mut self, line: &str) -> Result<()> {
        let line = format!("{line}\n");
        match &self.requests.running {
            Some(running) if running.own => self.printed_ahead("stderr", &line).await,
            Some(running) => self.output.text("stderr", &line, &running.header).await,
            None => {
                eprint!("{line}");
                Ok(())
            }
        }
    }

    fn ends_a_cell(&self, opened: &Opened) -> Result<bool> {
        let answers = self.requests.running.as_ref().is_some_and(|running| opened.answers(&running.header));
        Ok(answers && opened.content()?.get("execution_state").is_some_and(|state| state == "idle"))
    }

    /// The cell has ended, and all its output has arrived.
    pub(super) async fn finish(&mut self) -> Result<()> {
        let Some((mut running, idle, aborted)) = self.requests.finish() else { return Ok(()) };
        self.interrupt.reset()?;
        if running.own {
            self.early.clear();
            self.analyse_ahead().await?;
        } else {
            if let Some(reply) = running.take_reply() {
                self.output.flush().await?;
                let _ = self.shell.send(reply).await;
            }
            self.output.forward(idle).await?;
        }
        for request in aborted {
            self.answer(&request.opened, json!({"status": "aborted"})).await?;
        }
        self.next().await
    }
}
