//! What goes to the clients' screens, in the order in which it arrived.

use crate::{message, record::Record};
use anyhow::Result;
use bytes::Bytes;
use jupyter_protocol::{Header, JupyterMessage};
use jupyter_zmq_client::KernelIoPubConnection;
use serde_json::{Map, Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::Instant;
use zeromq::{SocketSend, ZmqMessage};

/// Text that arrives faster than this is sent together, so that a cell that prints a million lines doesn't flood its
/// clients.
const PAUSE: Duration = Duration::from_millis(30);
/// Pending text is sent before it grows beyond this many bytes.
const LARGE: usize = 1 << 20;
/// More than this is not kept for slow clients: the cell that prints has to wait.
const MUCH: usize = 64 << 20;
/// A client that takes nothing for this long has stopped reading; then the cell goes on, and what it prints is dropped.
const STALLED: Duration = Duration::from_secs(20);

/// The socket that all clients listen to.
pub struct Output {
    iopub: KernelIoPubConnection,
    session: String,
    pending: Option<Pending>,
    flushed: Instant,
    /// A bundle of MIME types to which more may be added.
    bundle: Option<(Map<String, Value>, Header)>,
    /// Bytes that are on their way to some client, or wait for it.
    waiting: Arc<AtomicUsize>,
    /// When that number last fell, and what it was.
    progress: (usize, Instant),
    dropped: usize,
    /// The running cell, what it has shown, and the other requests for it.
    cell: Option<String>,
    record: Record,
    watchers: Vec<Header>,
}

/// Text that has not been sent yet.
struct Pending {
    name: String,
    text: String,
    parent: Header,
}

/// A frame that is counted as long as the socket holds it for any client.
struct Counted {
    bytes: Vec<u8>,
    waiting: Arc<AtomicUsize>,
}

impl Counted {
    fn frame(bytes: Vec<u8>, waiting: &Arc<AtomicUsize>) -> Bytes {
        waiting.fetch_add(bytes.len(), Ordering::Relaxed);
        Bytes::from_owner(Self { bytes, waiting: waiting.clone() })
    }
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.waiting.fetch_sub(self.bytes.len(), Ordering::Relaxed);
    }
}

impl Output {
    pub fn new(iopub: KernelIoPubConnection, session: &str) -> Self {
        let now = Instant::now();
        Self {
            iopub,
            session: session.into(),
            pending: None,
            flushed: now,
            bundle: None,
            waiting: Arc::default(),
            progress: (0, now),
            dropped: 0,
            cell: None,
            record: Record::default(),
            watchers: Vec::new(),
        }
    }

    /// Text that a cell printed on `name`, stdout or stderr.
    ///
    /// # Errors
    /// The socket's.
    pub async fn text(&mut self, name: &str, text: &str, parent: &Header) -> Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.show_bundle("display_data", None).await?;
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

    /// A value in one MIME type. It joins the one before if that has others and nothing came between.
    ///
    /// # Errors
    /// The socket's.
    pub async fn rich(&mut self, mime: &str, content: Value, parent: &Header) -> Result<()> {
        if self.bundle.as_ref().is_some_and(|(bundle, _)| bundle.contains_key(mime)) {
            self.show_bundle("display_data", None).await?;
        }
        self.flush_text().await?;
        self.bundle.get_or_insert_with(|| (Map::new(), parent.clone())).0.insert(mime.into(), content);
        self.flushed = Instant::now();
        Ok(())
    }

    /// The last value of a cell that has ended is its result.
    ///
    /// # Errors
    /// The socket's.
    pub async fn result(&mut self, count: u64) -> Result<()> {
        self.show_bundle("execute_result", Some(count)).await
    }

    async fn show_bundle(&mut self, kind: &str, count: Option<u64>) -> Result<()> {
        let Some((data, parent)) = self.bundle.take() else { return Ok(()) };
        let mut content = json!({"data": data, "metadata": {}});
        match count {
            Some(count) => content["execution_count"] = json!(count),
            None => content["transient"] = json!({}),
        }
        self.publish(kind, content, &parent).await
    }

    /// When [`Self::flush`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        (self.pending.is_some() || self.bundle.is_some()).then(|| self.flushed + PAUSE)
    }

    async fn flush_text(&mut self) -> Result<()> {
        let Some(Pending { name, text, parent }) = self.pending.take() else { return Ok(()) };
        self.flushed = Instant::now();
        self.publish("stream", json!({"name": name, "text": text}), &parent).await
    }

    /// Sends all that waits.
    ///
    /// # Errors
    /// The socket's.
    pub async fn flush(&mut self) -> Result<()> {
        self.flush_text().await?;
        self.show_bundle("display_data", None).await
    }

    /// Sends a message, after what waits.
    ///
    /// # Errors
    /// The socket's.
    pub async fn send(&mut self, kind: &str, content: Value, parent: &Header) -> Result<()> {
        self.flush().await?;
        self.publish(kind, content, parent).await
    }

    /// Reports that work on a request begins (busy) or ends (idle).
    ///
    /// # Errors
    /// The socket's.
    pub async fn status(&mut self, state: &str, request: &Header) -> Result<()> {
        self.send("status", json!({"execution_state": state}), request).await
    }

    /// What answers `request` from now on is kept for those who come later.
    pub fn begin(&mut self, request: &Header) {
        self.cell = Some(request.msg_id.clone());
        self.record = Record::default();
        self.watchers.clear();
    }

    /// Shows the running cell also in answer to `request`: what it has shown already, and all that follows.
    ///
    /// # Errors
    /// The socket's.
    pub async fn watch(&mut self, request: &Header) -> Result<()> {
        self.flush().await?;
        for (kind, content) in self.record.outputs().collect::<Vec<_>>() {
            self.put(message::new(&kind, content, Some(request))).await?;
        }
        self.watchers.push(request.clone());
        Ok(())
    }

    async fn publish(&mut self, kind: &str, content: Value, parent: &Header) -> Result<()> {
        let message = message::new(kind, content.clone(), Some(parent));
        let size = self.put(message).await?;
        if Some(&parent.msg_id) == self.cell.as_ref() && !matches!(kind, "status" | "execute_input") {
            self.record.add(kind, &content, size);
            for watcher in self.watchers.clone() {
                self.put(message::new(kind, content.clone(), Some(&watcher))).await?;
            }
        }
        Ok(())
    }

    /// Returns the size of the content.
    async fn put(&mut self, message: JupyterMessage) -> Result<usize> {
        let is_output = matches!(message.header.msg_type.as_str(), "stream" | "display_data" | "update_display_data");
        let mut frames = message::frames(&message, &self.session, self.iopub.mac.as_ref())?;
        let content = frames.pop().unwrap_or_default();
        let size = content.len();
        if is_output && self.is_full() {
            self.dropped += size; // a client has stopped reading: see `is_full`
            return Ok(size);
        }
        let mut parts: Vec<Bytes> = frames.into_iter().map(Bytes::from).collect();
        parts.push(Counted::frame(content, &self.waiting));
        let message = ZmqMessage::try_from(parts).map_err(|error| anyhow::anyhow!("an empty message: {error}"))?;
        self.iopub.socket.send(message).await?;
        Ok(size)
    }

    /// Whether clients have fallen so far behind that cells have to wait before they print more.
    pub fn is_behind(&mut self) -> bool {
        let waiting = self.waiting.load(Ordering::Relaxed);
        let now = Instant::now();
        if waiting < self.progress.0 || waiting <= MUCH {
            self.progress = (waiting, now);
        } else {
            self.progress.0 = waiting;
        }
        waiting > MUCH && now - self.progress.1 < STALLED
    }

    /// Whether so much waits that it can only be for a client that has stopped reading.
    fn is_full(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > MUCH && self.progress.1.elapsed() >= STALLED
    }

    /// How many bytes were dropped since this was last asked.
    pub fn take_dropped(&mut self) -> usize {
        std::mem::take(&mut self.dropped)
    }

    /// The socket, whose key also opens what arrives.
    pub fn iopub(&self) -> &KernelIoPubConnection {
        &self.iopub
    }
}
