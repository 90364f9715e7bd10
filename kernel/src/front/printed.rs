//! What cells print, and what they ask.

use super::{
    Front,
    pipes::{Pipes, Read},
};
use crate::{
    marked_lines::{IF_LOST, Piece, Splitter},
    message,
    runtime::Note,
    streams, toolchain,
};
use anyhow::Result;
use jupyter_protocol::Header;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;
use zeromq::ZmqMessage;

/// How often to look whether a cell waits for input.
const LOOK: Duration = Duration::from_millis(200);
/// What may be the beginning of a mark is text if no more comes for this long.
const KEPT: Duration = Duration::from_millis(50);

/// Standard output on its way to the screen.
#[derive(Default)]
pub struct Printed {
    splitter: Splitter,
    since: Option<Instant>,
    /// The beginning of a note.
    note: String,
    /// What the cells' program wants to be said if it ends.
    pub if_lost: Option<String>,
}

impl Printed {
    pub fn deadline(&self) -> Option<Instant> {
        self.since.map(|since| since + KEPT)
    }
}

impl Front {
    pub(super) async fn read(&mut self, read: Read) -> Result<()> {
        match read {
            Read::Stdout(text) => self.print("stdout", &text).await,
            Read::Stderr(text) => self.print("stderr", &text).await,
            Read::Notes(text) => {
                self.printed.note.push_str(&text);
                while let Some(end) = self.printed.note.find('\n') {
                    let line: String = self.printed.note.drain(..=end).collect();
                    if let Some(note) = Note::from_line(&line) {
                        self.noted(note);
                    }
                }
                Ok(())
            }
        }
    }

    fn noted(&mut self, note: Note) {
        let generated = toolchain::compiled_source(&self.tmpdir);
        let Some(running) = &mut self.queue.running else { return };
        match note {
            Note::Began => {
                running.begun = true;
                self.interrupt.begun();
                self.look = Instant::now() + LOOK;
            }
            Note::Failed { name, text, place, details } => {
                let (failure, trace) = super::failures::of_program(&name, &text, &place, running, &generated);
                running.failures.push(failure);
                running.details = trace + &details;
            }
            Note::Lost(variable) => running.lost.push(variable),
        }
    }

    /// Takes all that the cells' pipes hold: whatever a cell has printed is there when the engine tells its end.
    pub(super) async fn drain(&mut self) -> Result<()> {
        for read in self.pipes.as_mut().map(Pipes::read_now).into_iter().flatten() {
            self.read(read).await?;
        }
        self.print_kept().await
    }

    /// The cell that what arrives now belongs to.
    fn cell(&self) -> Option<Header> {
        let running = self.queue.running.as_ref().and_then(|running| running.request.as_ref());
        running.map(|request| request.header.clone()).or_else(|| self.last.clone())
    }

    /// Text that a cell printed on `name`, stdout or stderr.
    pub(super) async fn print(&mut self, name: &str, text: &str) -> Result<()> {
        if self.queue.running.as_ref().is_some_and(|running| running.request.is_none()) {
            return self.printed_ahead(name, text).await;
        }
        if name != "stdout" {
            let Some(cell) = self.cell() else { return Ok(()) };
            return self.output.text(name, text, &cell).await;
        }
        for piece in self.printed.splitter.push(text) {
            self.piece(piece).await?;
        }
        self.printed.since = self.printed.splitter.is_waiting().then(Instant::now);
        Ok(())
    }

    /// What was kept back is text after all.
    pub(super) async fn print_kept(&mut self) -> Result<()> {
        self.printed.since = None;
        match self.printed.splitter.finish() {
            Some(piece) => self.piece(piece).await,
            None => Ok(()),
        }
    }

    async fn piece(&mut self, piece: Piece) -> Result<()> {
        let Some(cell) = self.cell() else { return Ok(()) };
        match piece {
            Piece::Text(text) => self.output.text("stdout", &text, &cell).await,
            Piece::Message(kind, content) if kind == IF_LOST => {
                self.printed.if_lost = content["text"].as_str().map(str::to_owned);
                Ok(())
            }
            Piece::Message(kind, content) => self.output.send(&kind, content, &cell).await,
            // The value of an expression that has none.
            Piece::Rich(mime, content) if mime == "text/plain" && content == "()" => Ok(()),
            Piece::Rich(mime, content) => self.output.rich(&mime, message::mime_content(&mime, content), &cell).await,
            Piece::Ask { prompt, password } => self.ask(&prompt, password).await,
        }
    }

    /// The value of a command, or of a cell's last expression.
    pub(super) async fn value(&mut self, bundle: Value) -> Result<()> {
        self.drain().await?;
        let Some(cell) = self.cell() else { return Ok(()) };
        for (mime, content) in bundle.as_object().into_iter().flatten() {
            self.output.rich(mime, content.clone(), &cell).await?;
        }
        let count = self.queue.running.as_ref().map_or(self.count, |running| running.count);
        self.output.result(count).await
    }

    /// Does the cell wait for a line that nobody knows of?
    pub(super) async fn look_for_input(&mut self) -> Result<()> {
        self.look = Instant::now() + LOOK;
        let waits = match &self.queue.running {
            Some(running) if running.begun && !running.asks => self.engine.process(),
            _ => None,
        };
        if waits.is_some_and(streams::waits_for_input) {
            self.drain().await?; // the question comes before the box for the answer
            self.ask("", false).await?;
        }
        Ok(())
    }

    /// Asks the reader, if the client can.
    pub(super) async fn ask(&mut self, prompt: &str, password: bool) -> Result<()> {
        self.output.flush().await?;
        let Some(running) = &mut self.queue.running else { return Ok(()) };
        if running.asks {
            return Ok(());
        }
        running.asks = true;
        match &running.request {
            Some(request) if running.allow_stdin => {
                let ask = request.answer("input_request", json!({"prompt": prompt, "password": password}));
                let _ = self.stdin.send(ask).await; // the client may be gone; then there is nobody to ask
                Ok(())
            }
            _ => {
                let failure = super::failures::nobody_to_ask();
                running.failures.push(failure);
                self.answer_cell(None).await
            }
        }
    }

    pub(super) async fn on_stdin(&mut self, message: ZmqMessage) -> Result<()> {
        let Some(opened) = self.open(&message) else { return Ok(()) };
        let content = opened.content()?;
        if self.queue.running.as_ref().is_some_and(|running| running.asks)
            && let Some(text) = content["value"].as_str()
        {
            self.answer_cell(Some(text)).await?;
        }
        Ok(())
    }

    /// Gives the cell the reader's line, or the end of the input.
    async fn answer_cell(&mut self, text: Option<&str>) -> Result<()> {
        if let crate::engine::Engine::Outside(engine) = &mut self.engine {
            engine.answer(text.unwrap_or_default()).await?;
        }
        match (&mut self.pipes, text) {
            (Some(pipes), Some(text)) => pipes.input.write_line(text)?,
            (Some(pipes), None) => pipes.input.close(),
            (None, _) => {}
        }
        if let Some(running) = &mut self.queue.running {
            running.asks = text.is_none(); // after the end of the input there is nothing more to ask
            self.look = Instant::now() + LOOK;
        }
        Ok(())
    }
}
