//! The queue of requests that need the engine, and the cell that runs. The engine gets one job at a time.

use crate::{engine::Failure, message::Opened};
use serde_json::Value;
use std::collections::VecDeque;
use tokio::time::Instant;

/// The running cell.
#[derive(Default)]
pub struct Running {
    /// Requests of pages that came to the running cell late.
    pub watchers: Vec<Opened>,
    /// `None` if the front itself runs it, before the reader's first.
    pub request: Option<Opened>,
    pub code: String,
    pub count: u64,
    /// What messages call it.
    pub name: String,
    pub silent: bool,
    pub stop_on_error: bool,
    pub allow_stdin: bool,
    /// Whether it is compiled, and its code runs.
    pub begun: bool,
    /// Whether the reader has pressed the stop button.
    pub stopped: bool,
    /// Whether its process was killed because it did not stop.
    pub killed: bool,
    /// Whether it waits for the reader's answer.
    pub asks: bool,
    /// Errors that its own process has told.
    pub failures: Vec<Failure>,
    /// Where the last of them happened.
    pub details: String,
    /// Variables whose type was defined anew.
    pub lost: Vec<String>,
    /// Since the engine has told its end.
    pub ended: Option<Instant>,
}

impl Running {
    pub fn own(code: &str) -> Self {
        Self { code: code.into(), silent: true, ..Self::default() }
    }

    pub fn new(request: Opened, content: &Value, count: u64) -> Self {
        let flag = |name: &str, default: bool| content.get(name).and_then(Value::as_bool).unwrap_or(default);
        Self {
            silent: flag("silent", false),
            stop_on_error: flag("stop_on_error", true),
            allow_stdin: flag("allow_stdin", true),
            count,
            request: Some(request),
            ..Self::own(content["code"].as_str().unwrap_or_default())
        }
    }
}

/// What runs and what waits.
#[derive(Default)]
pub struct Queue {
    waiting: VecDeque<Opened>,
    pub running: Option<Running>,
    /// A request other than a cell that the engine works on.
    pub asked: Option<Opened>,
    /// Whether the engine works on a question of the front's own.
    pub analyses: bool,
}

impl Running {
    /// Whether `request` is for this very cell, and comes from another page than the one that runs it: one that was reloaded,
    /// or a second tab.
    pub fn is_watched_by(&self, request: &Opened) -> bool {
        let Some(own) = self.request.as_ref().filter(|_| is_cell(request) && self.ended.is_none()) else {
            return false;
        };
        let code = request.content().unwrap_or_default()["code"].as_str() == Some(&self.code);
        code && own.cell_id().is_some()
            && own.cell_id() == request.cell_id()
            && own.header.session != request.header.session
    }
}

impl Queue {
    /// A queue in which nothing waits yet.
    pub fn new(running: Option<Running>, analyses: bool) -> Self {
        Self { running, analyses, ..Self::default() }
    }

    pub fn push(&mut self, request: Opened) {
        self.waiting.push_back(request);
    }

    /// The next request for the engine, if that is free.
    pub fn next(&mut self) -> Option<Opened> {
        if self.engine_is_busy() { None } else { self.waiting.pop_front() }
    }

    fn engine_is_busy(&self) -> bool {
        self.running.is_some() || self.asked.is_some() || self.analyses
    }

    /// Whether nothing runs and nothing waits.
    pub fn is_idle(&self) -> bool {
        !self.engine_is_busy() && self.waiting.is_empty()
    }

    /// The first cell that waits.
    pub fn next_cell(&self) -> Option<&Opened> {
        self.waiting.iter().find(|request| is_cell(request))
    }

    /// Takes out all cells that wait: what an earlier one should have made is missing.
    pub fn abort(&mut self) -> Vec<Opened> {
        let (cells, others): (Vec<_>, Vec<_>) = self.waiting.drain(..).partition(is_cell);
        self.waiting = others.into();
        cells
    }
}

fn is_cell(request: &Opened) -> bool {
    request.kind() == "execute_request"
}
