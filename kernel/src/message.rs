//! Jupyter messages as the front sees them: most are passed on unchanged, signature and all, since the inner kernel has
//! the same key; they are opened only as far as needed.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use jupyter_protocol::{ConnectionInfo, Header, JupyterMessage, JupyterMessageContent, UnknownMessage};
use jupyter_zmq_client::{Connection, RawMessage};
use serde_json::Value;
use std::path::Path;
use zeromq::ZmqMessage;

/// A message whose signature has been verified.
pub struct Opened {
    pub identities: Vec<Bytes>,
    pub header: Header,
    /// `None` if the message answers nothing.
    pub parent: Option<Header>,
    metadata: Bytes,
    content: Bytes,
}

impl Opened {
    /// # Errors
    /// When it is not a Jupyter message, or was signed with another key.
    pub fn new<S>(message: &ZmqMessage, connection: &Connection<S>) -> Result<Self> {
        let raw = RawMessage::from_multipart(message.clone(), &connection.mac)?;
        let [header, parent, metadata, content, ..] = &raw.jparts[..] else { bail!("fewer than four parts") };
        Ok(Self {
            header: serde_json::from_slice(header).context("header")?,
            parent: serde_json::from_slice(parent).ok(),
            metadata: metadata.clone(),
            content: content.clone(),
            identities: raw.zmq_identities,
        })
    }

    pub fn kind(&self) -> &str {
        &self.header.msg_type
    }

    /// # Errors
    /// When the content is not JSON.
    pub fn content(&self) -> Result<Value> {
        serde_json::from_slice(&self.content).context("content")
    }

    pub fn answers(&self, request: &Header) -> bool {
        self.parent.as_ref().is_some_and(|parent| parent.msg_id == request.msg_id)
    }

    /// The same message with other content.
    pub fn with_content(self, content: Value) -> JupyterMessage {
        JupyterMessage {
            content: untyped(&self.header.msg_type, content),
            zmq_identities: self.identities,
            header: self.header,
            parent_header: self.parent,
            metadata: serde_json::from_slice(&self.metadata).unwrap_or_default(),
            buffers: Vec::new(),
            channel: None,
        }
    }
}

/// A message from the front itself, in answer to `parent`.
pub fn new(kind: &str, content: Value, parent: Option<&Header>) -> JupyterMessage {
    let mut message = JupyterMessage::new(untyped(kind, content), None);
    message.header.username = "kernel".into();
    message.parent_header = parent.cloned();
    message
}

/// Content as JSON: the protocol crate's types would lose what they don't know.
fn untyped(kind: &str, content: Value) -> JupyterMessageContent {
    UnknownMessage { msg_type: kind.into(), content }.into()
}

/// # Errors
/// When the file can't be read, or isn't a connection file.
pub fn read_connection(file: &Path) -> Result<ConnectionInfo> {
    let wanted = || format!("can't read Jupyter's connection file {}", file.display());
    let text = std::fs::read_to_string(file).with_context(wanted)?;
    let connection: ConnectionInfo = serde_json::from_str(&text).with_context(wanted)?;
    if connection.signature_scheme != "hmac-sha256" {
        bail!("{}: found signature scheme '{}', expected hmac-sha256", file.display(), connection.signature_scheme);
    }
    Ok(connection)
}
