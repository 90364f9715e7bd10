//! What runs before the reader's first cell.

use super::Proxy;
use crate::{message, requests::Running};
use anyhow::Result;
use serde_json::json;

impl Proxy<'_> {
    pub(super) async fn run_ahead(&mut self, code: &str) -> Result<()> {
        let content = json!({"code": code, "silent": true, "store_history": false, "user_expressions": {},
            "allow_stdin": false, "stop_on_error": false});
        let request = message::new("execute_request", content, None);
        self.requests.running = Some(Running::own(request.header.clone()));
        self.count.skip();
        Ok(self.kernel.channels.shell.send(request).await?)
    }

    /// evcxr's rust-analyzer reads the dependencies when it first has to infer a type. This asks it for one now, unless
    /// a cell is already waiting that will do so.
    pub(super) async fn analyse_ahead(&mut self) -> Result<()> {
        if self.requests.next_cell().is_some() {
            return Ok(());
        }
        let code = "let a = 1; a.";
        let content = json!({"code": code, "cursor_pos": code.len()});
        Ok(self.kernel.channels.shell.send(message::new("complete_request", content, None)).await?)
    }

    pub(super) async fn printed_ahead(&mut self, name: &str, text: &str) -> Result<()> {
        self.early.push((name.into(), text.into()));
        self.tell_of_first().await
    }

    /// A reader's cell that has to wait shows why: what is being compiled.
    pub(super) async fn tell_of_first(&mut self) -> Result<()> {
        let ahead = self.requests.running.as_ref().is_some_and(|running| running.own);
        if let Some(cell) = self.requests.next_cell().filter(|_| ahead) {
            for (name, text) in self.early.drain(..) {
                self.output.text(&name, &text, cell).await?;
            }
        }
        Ok(())
    }
}
