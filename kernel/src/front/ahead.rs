//! What runs before the reader's first cell.

use super::Front;
use crate::{engine::Job, queue::Running};
use anyhow::Result;

impl Front {
    /// The engine is ready.
    pub(super) async fn begin(&mut self) -> Result<()> {
        if let Some(code) = self.first.take() {
            self.queue.running = Some(Running::own(&code));
            self.engine.send(Job::Execute { code, name: "the code that runs ahead".into() }).await?;
        }
        self.next().await
    }

    /// evcxr's rust-analyzer reads the dependencies when it first has to infer a type. This asks it for one now, unless
    /// a cell is already waiting that will do so.
    pub(super) async fn analyse_ahead(&mut self) -> Result<()> {
        if self.queue.next_cell().is_none() {
            let code = "let a = 1; a.".to_owned();
            self.queue.analyses = true;
            self.engine.send(Job::Complete { cursor: code.len(), code }).await?;
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
