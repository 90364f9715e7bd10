//! Messages from Jupyter's clients.

use super::{Flow, Front};
use crate::{
    message::Opened,
    source::{Completeness, completeness},
};
use anyhow::Result;
use serde_json::{Value, json};
use std::process::ExitCode;
use zeromq::ZmqMessage;

impl Front {
    pub(super) async fn on_shell(&mut self, message: ZmqMessage) -> Result<Flow> {
        let Some(opened) = self.open(&message) else { return Ok(Flow::On) };
        match opened.kind() {
            "execute_request" | "complete_request" | "inspect_request" => {
                if self.queue.running.as_ref().is_some_and(|running| running.is_watched_by(&opened)) {
                    self.watch(opened).await?;
                    return Ok(Flow::On);
                }
                self.queue.push(opened);
                self.tell_of_first().await?;
                self.next().await?;
            }
            "shutdown_request" => return self.shut_down(&opened, true).await,
            _ => {
                let content = opened.content().unwrap_or_default();
                match self.at_once(opened.kind(), &content) {
                    Some(content) => self.answer(&opened, content).await?,
                    None => self.ignore(&opened).await?,
                }
            }
        }
        Ok(Flow::On)
    }

    pub(super) async fn on_control(&mut self, message: ZmqMessage) -> Result<Flow> {
        let Some(opened) = self.open(&message) else { return Ok(Flow::On) };
        let content = match opened.kind() {
            "interrupt_request" => {
                self.press().await?;
                json!({"status": "ok"})
            }
            "shutdown_request" => return self.shut_down(&opened, false).await,
            kind => match self.at_once(kind, &json!({})) {
                Some(content) => content,
                None => return Ok(Flow::On),
            },
        };
        self.output.status("busy", &opened.header).await?;
        let _ = self.control.send(opened.reply(content)).await;
        self.idle(&opened).await?;
        Ok(Flow::On)
    }

    async fn shut_down(&mut self, request: &Opened, on_shell: bool) -> Result<Flow> {
        let restart = request.content()?.get("restart").cloned().unwrap_or(false.into());
        let reply = request.reply(json!({"status": "ok", "restart": restart}));
        let socket = if on_shell { &mut self.shell } else { &mut self.control };
        let _ = socket.send(reply).await;
        Ok(Flow::Over(ExitCode::SUCCESS))
    }

    /// The content of the reply to a request that needs no engine, and so is answered while a cell runs too.
    fn at_once(&self, kind: &str, content: &Value) -> Option<Value> {
        match kind {
            "kernel_info_request" => Some(kernel_info()),
            "comm_info_request" => Some(json!({"status": "ok", "comms": {}})),
            "is_complete_request" => Some(is_complete(content["code"].as_str().unwrap_or_default())),
            "history_request" => Some(json!({"status": "ok", "history": self.history(content)})),
            _ => None,
        }
    }

    /// A page that was reloaded runs the cell that is running: it gets that one's outputs, and its end.
    async fn watch(&mut self, request: Opened) -> Result<()> {
        self.output.status("busy", &request.header).await?;
        let Some(running) = &mut self.queue.running else { return Ok(()) };
        let content = json!({"code": running.code, "execution_count": running.count});
        self.output.send("execute_input", content, &request.header).await?;
        self.output.watch(&request.header).await?;
        running.watchers.push(request);
        Ok(())
    }

    /// Answers a shell request.
    pub(super) async fn answer(&mut self, request: &Opened, content: Value) -> Result<()> {
        self.output.status("busy", &request.header).await?;
        // The client may be gone; then there is nobody to answer.
        let _ = self.shell.send(request.reply(content)).await;
        self.idle(request).await
    }

    /// Work on a request has ended. If a cell runs meanwhile, the kernel is busy all the same: pages show what they were
    /// told last.
    async fn idle(&mut self, request: &Opened) -> Result<()> {
        self.output.status("idle", &request.header).await?;
        match self.queue.running.as_ref().and_then(|running| running.request.as_ref()) {
            Some(cell) => self.output.status("busy", &cell.header).await,
            None => Ok(()),
        }
    }

    /// A message that wants no reply. A comm that is opened is closed: nobody here knows its target.
    async fn ignore(&mut self, message: &Opened) -> Result<()> {
        self.output.status("busy", &message.header).await?;
        if message.kind() == "comm_open" {
            let id = message.content().unwrap_or_default()["comm_id"].clone();
            self.output.send("comm_close", json!({"comm_id": id, "data": {}}), &message.header).await?;
        }
        self.idle(message).await
    }

    /// The cells of this kernel that a history_request asks for, each as session, line and input.
    fn history(&self, content: &Value) -> Vec<Value> {
        let number = |name: &str| content[name].as_i64();
        let with_output = content["output"] == true;
        let entry = |(line, code): &(u64, String)| {
            if with_output { json!([0, line, [code, null]]) } else { json!([0, line, code]) }
        };
        let last = |found: Vec<Value>| {
            let count = number("n").and_then(|count| usize::try_from(count).ok()).unwrap_or(found.len());
            let skipped = found.len().saturating_sub(count);
            found.into_iter().skip(skipped).collect()
        };
        match content["hist_access_type"].as_str() {
            Some("range") => {
                let start = number("start").unwrap_or(0);
                let stop = number("stop").unwrap_or(i64::MAX);
                let within = |line: u64| i64::try_from(line).is_ok_and(|line| (start..stop).contains(&line));
                self.history.iter().filter(|(line, _)| within(*line)).map(entry).collect()
            }
            Some("search") => {
                let pattern = content["pattern"].as_str().unwrap_or("*");
                let mut seen = std::collections::HashSet::new();
                let unique = content["unique"] == true;
                let found = self.history.iter().filter(|(_, code)| matches(pattern, code));
                last(found.filter(|(_, code)| !unique || seen.insert(code)).map(entry).collect())
            }
            _ => last(self.history.iter().map(entry).collect()),
        }
    }
}

fn is_complete(code: &str) -> Value {
    match completeness(code) {
        Completeness::Complete => json!({"status": "complete"}),
        Completeness::Incomplete { indent } => json!({"status": "incomplete", "indent": indent}),
        Completeness::Invalid => json!({"status": "invalid"}),
    }
}

/// Whether the glob `pattern`, with `*` and `?`, matches the whole text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| matches(rest.as_str(), &text[at..]))
        }
        Some(wanted) => {
            let mut after = text.chars();
            after.next().is_some_and(|found| wanted == '?' || wanted == found) && matches(rest.as_str(), after.as_str())
        }
    }
}

/// As evcxr_jupyter describes itself, so that notebooks are the same under both.
fn kernel_info() -> Value {
    json!({
        "status": "ok",
        "protocol_version": "5.3",
        "implementation": env!("CARGO_PKG_NAME"),
        "implementation_version": env!("CARGO_PKG_VERSION"),
        "language_info": {
            "name": "Rust",
            "version": "",
            "mimetype": "text/rust",
            "file_extension": ".rs",
            "pygment_lexer": "rust",
            "codemirror_mode": "rust",
        },
        "banner": concat!("evcxr_live ", env!("CARGO_PKG_VERSION"), ": Rust, with evcxr 0.22.0"),
        "help_links": [
            {"text": "Rust's standard library", "url": "https://doc.rust-lang.org/stable/std/"},
            {"text": "evcxr's commands", "url": "https://github.com/evcxr/evcxr/blob/main/COMMON.md"},
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, text) in [("*", ""), ("let*", "let x"), ("?et*x", "let x"), ("*x*", "a\nx\n"), ("ñ?", "ñu")] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("let", "let x"), ("?", ""), ("*y", "let x")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
