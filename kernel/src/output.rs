//! What goes to the clients' screens, in the order in which it arrived.

use crate::{live, message};
use anyhow::Result;
use jupyter_protocol::{Header, JupyterMessage};
use jupyter_zmq_client::KernelIoPubConnection;
use serde_json::json;
use std::time::Duration;
use tokio::time::Instant;
use zeromq::{SocketSend, ZmqMessage};

/// Lines that arrive faster than this are sent together, so that a cell that prints a million lines doesn't flood its
/// clients.
const PAUSE: Duration = Duration::from_millis(30);
/// Pending text is sent before it grows beyond this many bytes.
const LARGE: usize = 1 << 20;

/// The socket that all clients listen to.
pub struct Output {
    pub iopub: KernelIoPubConnection,
    pending: Option<Pending>,
    flushed: Instant,
}

/// Text that has not been sent yet.
struct Pending {
    name: String,
    text: String,
    parent: Header,
}

impl Output {
    pub fn new(iopub: KernelIoPubConnection) -> Self {
        Self { iopub, pending: None, flushed: Instant::now() }
    }

    /// Whole lines that a cell printed on `name`, stdout or stderr; marked lines become messages.
    ///
    /// # Errors
    /// The socket's.
    pub async fn print(&mut self, name: &str, text: &str, parent: &Header) -> Result<()> {
        if name != "stdout" {
            return self.text(name, text, parent).await;
        }
        for piece in live::pieces(text) {
            match piece {
                live::Piece::Text(text) => self.text(name, text, parent).await?,
                live::Piece::Message(kind, content) => {
                    self.send(message::new(&kind, content, Some(parent))).await?;
                }
            }
        }
        Ok(())
    }

    /// Text, unchanged.
    ///
    /// # Errors
    /// The socket's.
    pub async fn text(&mut self, name: &str, text: &str, parent: &Header) -> Result<()> {
        if let Some(pending) = &mut self.pending
            && pending.name == name
            && pending.parent.msg_id == parent.msg_id
            && pending.text.len() + text.len() <= LARGE
        {
            pending.text.push_str(text);
            return Ok(());
        }
        self.flush().await?;
        self.pending = Some(Pending { name: name.into(), text: text.into(), parent: parent.clone() });
        Ok(())
    }

    /// When [`Self::flush`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        self.pending.as_ref().map(|_| self.flushed + PAUSE)
    }

    /// Sends the pending text.
    ///
    /// # Errors
    /// The socket's.
    pub async fn flush(&mut self) -> Result<()> {
        if let Some(Pending { name, text, parent }) = self.pending.take() {
            self.flushed = Instant::now();
            let content = json!({"name": name, "text": text});
            self.iopub.send(message::new("stream", content, Some(&parent))).await?;
        }
        Ok(())
    }

    /// Sends a message from the front itself.
    ///
    /// # Errors
    /// The socket's.
    pub async fn send(&mut self, message: JupyterMessage) -> Result<()> {
        self.flush().await?;
        Ok(self.iopub.send(message).await?)
    }

    /// Passes a message on unchanged.
    ///
    /// # Errors
    /// The socket's.
    pub async fn forward(&mut self, message: ZmqMessage) -> Result<()> {
        self.flush().await?;
        Ok(self.iopub.socket.send(message).await?)
    }

    /// Reports that work on a request begins (busy) or ends (idle).
    ///
    /// # Errors
    /// The socket's.
    pub async fn status(&mut self, state: &str, request: &Header) -> Result<()> {
        self.send(message::new("status", json!({"execution_state": state}), Some(request))).await
    }
}
