//! Jupyter messages: opening those that arrive, and making new ones.

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use jupyter_protocol::{ConnectionInfo, Header, JupyterMessage, JupyterMessageContent, UnknownMessage};
use jupyter_zmq_client::{Connection, RawMessage};
use ring::hmac;
use serde_json::{Value, json};
use std::{
    collections::{HashSet, VecDeque},
    fmt::Write,
    path::Path,
};
use zeromq::ZmqMessage;

const DELIMITER: &[u8] = b"<IDS|MSG>";
/// How many signatures are remembered; Jupyter's own kernels remember as many.
const REMEMBERED: usize = 1 << 16;

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

    /// Which cell of the notebook this is a request for, where the client says so, as JupyterLab does.
    pub fn cell_id(&self) -> Option<String> {
        let metadata: Value = serde_json::from_slice(&self.metadata).ok()?;
        metadata["cellId"].as_str().map(str::to_owned)
    }

    pub fn answers(&self, request: &str) -> bool {
        self.parent.as_ref().is_some_and(|parent| parent.msg_id == request)
    }

    /// A message to the client that sent this one, in answer to it.
    pub fn answer(&self, kind: &str, content: Value) -> JupyterMessage {
        let mut answer = new(kind, content, Some(&self.header));
        answer.zmq_identities.clone_from(&self.identities);
        answer
    }

    /// The reply to this request.
    pub fn reply(&self, content: Value) -> JupyterMessage {
        self.answer(&self.kind().replace("_request", "_reply"), content)
    }
}

/// The signatures of late, so that a message that somebody has recorded and sends again is refused.
#[derive(Default)]
pub struct Signatures {
    order: VecDeque<Bytes>,
    seen: HashSet<Bytes>,
}

impl Signatures {
    /// # Errors
    /// When the message has the signature of an earlier one.
    pub fn check(&mut self, message: &ZmqMessage) -> Result<()> {
        let signature = message.iter().skip_while(|part| &part[..] != DELIMITER).nth(1).cloned().unwrap_or_default();
        if signature.is_empty() {
            return Ok(()); // the connection has no key
        }
        if !self.seen.insert(signature.clone()) {
            bail!("its signature was used before");
        }
        self.order.push_back(signature);
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        Ok(())
    }
}

/// A message from the front itself, in answer to `parent`.
pub fn new(kind: &str, content: Value, parent: Option<&Header>) -> JupyterMessage {
    let mut message = JupyterMessage::new(untyped(kind, content), None);
    message.header.username = "kernel".into();
    message.parent_header = parent.cloned();
    message
}

/// The frames of a message on iopub: topic, signature and the four parts, the last of which is the content.
///
/// # Errors
/// When a part is not JSON, which can't happen.
pub fn frames(message: &JupyterMessage, session: &str, key: Option<&hmac::Key>) -> Result<Vec<Vec<u8>>> {
    let mut header = serde_json::to_value(&message.header)?;
    header["session"] = json!(session);
    let parent = message.parent_header.as_ref().map_or(Ok(json!({})), serde_json::to_value)?;
    let parts = [
        serde_json::to_vec(&header)?,
        serde_json::to_vec(&parent)?,
        serde_json::to_vec(&message.metadata)?,
        serde_json::to_vec(&message.content)?,
    ];
    let mut signature = String::new();
    if let Some(key) = key {
        let mut context = hmac::Context::with_key(key);
        parts.iter().for_each(|part| context.update(part));
        for byte in context.sign().as_ref() {
            write!(signature, "{byte:02x}")?;
        }
    }
    let topic = message.header.msg_type.clone().into_bytes();
    Ok([topic, DELIMITER.to_vec(), signature.into_bytes()].into_iter().chain(parts).collect())
}

/// A text of this MIME type as Jupyter's messages have it: those that are JSON are objects.
pub fn mime_content(mime: &str, text: String) -> Value {
    let json = mime.contains("json").then(|| serde_json::from_str(&text).ok()).flatten();
    json.unwrap_or(Value::String(text))
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
