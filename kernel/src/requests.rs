//! The queue of cells. evcxr_jupyter gets one at a time: it would take late lines for the next cell's output, and after
//! a cell fails, those behind it must not run.

use crate::message::Opened;
use jupyter_protocol::{Header, JupyterMessage};
use serde_json::{Value, json};
use std::{collections::VecDeque, time::Duration};
use tokio::time::Instant;
use zeromq::ZmqMessage;

/// When a cell ends, its last lines may still be on their way. After this long without one, all have arrived.
const QUIET: Duration = Duration::from_millis(25);
/// The same, for a cell whose lines keep coming after its end: it printed faster than evcxr_jupyter passes lines on.
const QUIET_AFTER_MANY: Duration = Duration::from_millis(150);

/// A request on the shell channel.
pub struct Request {
    pub message: ZmqMessage,
    pub opened: Opened,
}

impl Request {
    pub fn is_execute(&self) -> bool {
        self.opened.kind() == "execute_request"
    }
}

/// The running cell.
pub struct Running {
    pub header: Header,
    /// Sent by the front itself, not by a reader.
    pub own: bool,
    stop_on_error: bool,
    /// evcxr's message about the first error, and its reply, which lacks those details.
    error: Option<Value>,
    reply: Option<(Opened, Value)>,
    /// evcxr's message that the cell has ended, and when to pass it on.
    end: Option<(ZmqMessage, Instant)>,
}

impl Running {
    pub fn new(opened: &Opened) -> Self {
        let content = opened.content().unwrap_or_default();
        let stop_on_error = content.get("stop_on_error").and_then(Value::as_bool).unwrap_or(true);
        Self { header: opened.header.clone(), own: false, stop_on_error, error: None, reply: None, end: None }
    }

    pub fn own(header: Header) -> Self {
        Self { header, own: true, stop_on_error: false, error: None, reply: None, end: None }
    }

    /// A line of its output arrived.
    pub fn printed(&mut self) {
        if let Some((_, quiet)) = &mut self.end {
            *quiet = Instant::now() + QUIET_AFTER_MANY;
        }
    }

    pub fn failed(&mut self, error: &Value) {
        self.error.get_or_insert_with(|| error.clone());
    }

    /// Keeps evcxr's reply until the cell has really ended: soon after it, clients stop waiting for output.
    pub fn replied(&mut self, reply: Opened, content: Value) {
        self.reply = Some((reply, content));
    }

    /// The reply, with the details of an error that the protocol requires.
    pub fn take_reply(&mut self) -> Option<JupyterMessage> {
        let (reply, mut content) = self.reply.take()?;
        if let (Some(error), Some(fields)) = (&self.error, content.as_object_mut()) {
            for name in ["ename", "evalue", "traceback"] {
                fields.insert(name.into(), error[name].clone());
            }
        }
        Some(reply.with_content(content))
    }

    fn has_failed(&self) -> bool {
        self.reply.as_ref().is_some_and(|(_, content)| content["status"] == "error")
    }

    pub fn ended(&mut self, idle: ZmqMessage) {
        self.end = Some((idle, Instant::now() + QUIET));
    }

    pub fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// When to consider it really ended.
    pub fn deadline(&self) -> Option<Instant> {
        self.end.as_ref().map(|(_, quiet)| *quiet)
    }
}

/// What runs and what waits.
#[derive(Default)]
pub struct Requests {
    waiting: VecDeque<Request>,
    pub running: Option<Running>,
}

impl Requests {
    pub fn push(&mut self, request: Request) {
        self.waiting.push_back(request);
    }

    /// The next request that evcxr_jupyter may have now; the caller sends it.
    pub fn next(&mut self) -> Option<Request> {
        if self.waiting.front()?.is_execute() && self.running.is_some() {
            return None;
        }
        let request = self.waiting.pop_front()?;
        if request.is_execute() {
            self.running = Some(Running::new(&request.opened));
        }
        Some(request)
    }

    /// The first cell that waits.
    pub fn next_cell(&self) -> Option<&Header> {
        self.waiting.iter().find(|request| request.is_execute()).map(|request| &request.opened.header)
    }

    /// Ends the running cell: returns evcxr's message about that, and the cells that must not run because it failed.
    pub fn finish(&mut self) -> Option<(Running, ZmqMessage, Vec<Request>)> {
        let mut running = self.running.take()?;
        let (idle, _) = running.end.take()?;
        let mut aborted = Vec::new();
        if running.has_failed() && running.stop_on_error {
            let (cells, others): (Vec<_>, Vec<_>) = self.waiting.drain(..).partition(Request::is_execute);
            (aborted, self.waiting) = (cells, others.into());
        }
        Some((running, idle, aborted))
    }
}

/// evcxr_jupyter counts from 2, and counts the cells that the front ran itself; readers expect their first cell to be
/// 1.
pub struct Count {
    shift: u64,
}

impl Default for Count {
    fn default() -> Self {
        Self { shift: 1 }
    }
}

impl Count {
    /// The front has sent its own cell.
    pub fn skip(&mut self) {
        self.shift += 1;
    }

    /// Corrects `execution_count`.
    pub fn correct(&self, content: &mut Value) {
        if let Some(count) = content.get_mut("execution_count")
            && let Some(number) = count.as_u64()
        {
            *count = json!(number.saturating_sub(self.shift));
        }
    }

    /// Corrects the name that evcxr gives a cell in its messages about errors.
    pub fn correct_names(&self, content: &mut Value) {
        let Some(lines) = content.get_mut("traceback").and_then(Value::as_array_mut) else { return };
        for line in lines {
            let Some(text) = line.as_str() else { continue };
            let Some((before, after)) = text.split_once("command_") else { continue };
            let digits = after.len() - after.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
            let Ok(number) = after[..digits].parse::<u64>() else { continue };
            *line = json!(format!("{before}command_{}{}", number.saturating_sub(self.shift), &after[digits..]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_count_from_one() {
        let mut count = Count::default();
        count.skip();
        let mut content = json!({"execution_count": 3, "traceback": ["╭─[ command_3:1:9 ]", "the rest"]});
        count.correct(&mut content);
        count.correct_names(&mut content);
        assert_eq!(content, json!({"execution_count": 1, "traceback": ["╭─[ command_1:1:9 ]", "the rest"]}));
    }
}
