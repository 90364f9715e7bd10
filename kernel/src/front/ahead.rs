//! What runs before the reader's first cell: the code that the kernelspec wants to run ahead, and rust-analyzer, which reads
//! the dependencies when it first has to infer a type.

use super::{
    Event, Front,
    pipes::{Pipes, Read, read},
};
use crate::{
    engine::{Engine, Job, Told},
    queue::Running,
    toolchain,
    variables::Variables,
};
use anyhow::{Result, bail};
use std::{
    future::Future,
    path::{Path, PathBuf},
};
use tokio::{select, sync::mpsc::Receiver};

/// How far the engine has got before there are clients.
#[derive(Default)]
pub struct Ahead {
    pub ready: bool,
    /// Still to run.
    pub first: Option<String>,
    pub running: Option<Running>,
    pub analyses: bool,
    /// What the code has printed.
    pub early: Vec<(String, String)>,
    pub variables: Variables,
    pub tmpdir: PathBuf,
}

impl Ahead {
    pub fn new(first: Option<String>, tmpdir: &Path) -> Self {
        Self { first, tmpdir: tmpdir.to_owned(), ..Self::default() }
    }

    /// Lets the engine work until there are clients, and returns what `claimed` does.
    ///
    /// # Errors
    /// When the engine has ended, or its pipes can't be read.
    pub async fn until<C, E: std::error::Error + Send + Sync + 'static>(
        &mut self,
        claimed: impl Future<Output = Result<Option<C>, E>>,
        engine: &mut Engine,
        pipes: &mut Option<Pipes>,
        events: &mut Receiver<Event>,
    ) -> Result<Option<C>> {
        tokio::pin!(claimed);
        loop {
            select! {
                biased;
                claim = &mut claimed => return Ok(claim?),
                Some(event) = events.recv() => match event {
                    Event::Told(told) => self.told(told, engine, pipes).await?,
                    Event::Progress(line) => self.printed("stderr", format!("{line}\n")),
                    _ => {}
                },
                text = read(pipes) => self.read(text?),
            }
        }
    }

    async fn told(&mut self, told: Told, engine: &mut Engine, pipes: &mut Option<Pipes>) -> Result<()> {
        match told {
            Told::Ready => {
                drop(pipes.as_mut().map(Pipes::read_now)); // evcxr has tried itself out
                self.ready = true;
                if let Some(code) = self.first.take() {
                    self.running = Some(Running::own(&code));
                    engine.send(first(code)).await?;
                }
            }
            Told::Printed { name, text } => self.printed(&name, text),
            Told::Progress(line) => self.printed("stderr", format!("{line}\n")),
            Told::Ended(outcome) => {
                let code = self.running.take().map(|running| running.code).unwrap_or_default();
                self.early.clear();
                if let Some(found) = outcome.variables {
                    self.variables.update(found, 0, &code);
                }
                self.analyses = true;
                engine.send(analysis(&self.tmpdir)).await?;
            }
            Told::Answered(_) => self.analyses = false,
            Told::Died(why) => bail!(why),
            Told::Value(_) | Told::Asks { .. } => {}
        }
        Ok(())
    }

    fn read(&mut self, read: Read) {
        match read {
            Read::Stdout(text) => self.printed("stdout", text),
            Read::Stderr(text) => self.printed("stderr", text),
            Read::Notes(_) => {}
        }
    }

    /// Kept for the first cell that has to wait for what runs.
    fn printed(&mut self, name: &str, text: String) {
        if self.running.is_some() {
            self.early.push((name.into(), text));
        }
    }
}

fn first(code: String) -> Job {
    Job::Execute { code, name: "the code that runs ahead".into() }
}

/// Asks rust-analyzer for a type, where all names of all dependencies are known: it reads what it has not read yet.
fn analysis(tmpdir: &Path) -> Job {
    let names = toolchain::dependencies(tmpdir).into_iter().map(|name| format!("use {name}::*; "));
    let code = names.chain(["let a = 1; a.".to_owned()]).collect::<String>();
    Job::Complete { cursor: code.chars().count(), code }
}

impl Front {
    /// The engine is ready.
    pub(super) async fn begin(&mut self) -> Result<()> {
        if let Some(code) = self.first.take() {
            self.queue.running = Some(Running::own(&code));
            self.engine.send(first(code)).await?;
        }
        self.next().await
    }

    /// Has rust-analyzer read the dependencies now, unless a cell is already waiting that will make it do so.
    pub(super) async fn analyse_ahead(&mut self) -> Result<()> {
        if self.queue.next_cell().is_none() {
            self.queue.analyses = true;
            self.engine.send(analysis(&self.tmpdir)).await?;
        }
        Ok(())
    }

    /// What is being compiled explains the wait.
    pub(super) async fn progress(&mut self, line: &str) -> Result<()> {
        let line = format!("{line}\n");
        match self.queue.running.as_ref().map(|running| running.request.as_ref()) {
            Some(Some(request)) => self.output.text("stderr", &line, &request.header).await,
            Some(None) => self.printed_ahead("stderr", &line).await,
            None => Ok(()),
        }
    }

    pub(super) async fn printed_ahead(&mut self, name: &str, text: &str) -> Result<()> {
        self.early.push((name.into(), text.into()));
        self.tell_of_first().await
    }

    /// A reader's cell that has to wait shows why: what is being compiled.
    pub(super) async fn tell_of_first(&mut self) -> Result<()> {
        let ahead = self.queue.running.as_ref().is_some_and(|running| running.request.is_none());
        if let Some(cell) = self.queue.next_cell().filter(|_| ahead) {
            for (name, text) in self.early.drain(..) {
                self.output.text(&name, &text, &cell.header).await?;
            }
        }
        Ok(())
    }
}
