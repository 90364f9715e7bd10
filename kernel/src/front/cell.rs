//! A cell, from its request to its reply.

use super::Front;
use crate::{
    engine::{Job, Outcome},
    front::failures,
    message::Opened,
    queue::Running,
    variables,
};
use anyhow::Result;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// After a failure, what clients had already sent when it came must not run: it gets this long to arrive. They learn of the
/// failure only afterwards, so nothing that they send because of it is lost.
const ARRIVES: Duration = Duration::from_millis(30);

impl Front {
    /// Gives the engine what it may have now.
    pub(super) async fn next(&mut self) -> Result<()> {
        if !self.ready {
            return Ok(());
        }
        while let Some(request) = self.queue.next() {
            let content = request.content().unwrap_or_default();
            let code = content["code"].as_str().unwrap_or_default().to_owned();
            let cursor = content["cursor_pos"].as_u64().and_then(|cursor| usize::try_from(cursor).ok());
            let cursor = cursor.unwrap_or(usize::MAX);
            match request.kind() {
                "execute_request" => self.run_cell(request, &content).await?,
                kind => {
                    self.output.status("busy", &request.header).await?;
                    let complete = kind == "complete_request";
                    let job = if complete { Job::Complete { code, cursor } } else { Job::Inspect { code, cursor } };
                    self.engine.send(job).await?;
                    self.queue.asked = Some(request);
                }
            }
        }
        Ok(())
    }

    async fn run_cell(&mut self, request: Opened, content: &Value) -> Result<()> {
        self.output.status("busy", &request.header).await?;
        let header = request.header.clone();
        let stores = content["store_history"].as_bool().unwrap_or(true) && content["silent"] != true;
        let mut running = Running::new(request, content, self.count + u64::from(stores));
        let code = running.code.clone();
        if stores {
            self.count += 1;
            self.history.push((self.count, code.clone()));
        }
        if !running.silent {
            let content = json!({"code": code, "execution_count": running.count});
            self.output.send("execute_input", content, &header).await?;
        }
        let name = format!("cell {}", running.count);
        running.name.clone_from(&name);
        self.output.begin(&header);
        self.last = Some(header);
        self.outcome = None;
        if let Some(pipes) = &mut self.pipes {
            pipes.input.reopen()?;
        }
        self.queue.running = Some(running);
        self.engine.send(Job::Execute { code, name }).await
    }

    /// The engine has ended the cell, and its process has written all that it printed.
    pub(super) async fn ended(&mut self, outcome: Outcome) -> Result<()> {
        self.drain().await?;
        let Some(running) = &mut self.queue.running else { return Ok(()) };
        let failed = !outcome.failures.is_empty() || outcome.process_ended.is_some() || !running.failures.is_empty();
        self.outcome = Some(outcome);
        if running.request.is_some() && (failed || running.stopped) {
            running.ended = Some(Instant::now() + ARRIVES);
            return Ok(());
        }
        self.conclude().await
    }

    /// Tells how the cell has ended, and goes on with the queue.
    pub(super) async fn conclude(&mut self) -> Result<()> {
        let (Some(mut running), Some(outcome)) = (self.queue.running.take(), self.outcome.take()) else {
            return Ok(());
        };
        self.interrupt.reset()?;
        let Some(request) = running.request.take() else {
            self.early.clear();
            if let Some(found) = outcome.variables {
                self.variables.update(found, 0, &running.code);
            }
            self.analyse_ahead().await?;
            return self.next().await;
        };
        let failures = self.failures(&running, outcome).await?;
        for failure in &failures {
            self.output.send("error", failure.content(), &request.header).await?;
        }
        if let Some(details) = failures::folded(&running.details).filter(|_| !failures.is_empty()) {
            self.output.send("display_data", details, &request.header).await?;
        }
        let mut reply =
            json!({"status": "ok", "execution_count": running.count, "payload": [], "user_expressions": {}});
        match failures.first() {
            None => self.output.result(running.count).await?,
            Some(failure) => {
                reply = failure.content();
                reply["status"] = json!("error");
                reply["execution_count"] = json!(running.count);
            }
        }
        let aborts = running.stopped || (running.stop_on_error && !failures.is_empty());
        let aborted = if aborts { self.queue.abort() } else { Vec::new() };
        self.report_dropped(&request).await?;
        self.output.flush().await?;
        // The client may be gone; then there is nobody to tell.
        for request in [request].into_iter().chain(running.watchers) {
            let _ = self.shell.send(request.reply(reply.clone())).await;
            self.output.status("idle", &request.header).await?;
        }
        for request in aborted {
            self.answer(&request, json!({"status": "aborted"})).await?;
        }
        self.next().await
    }

    /// What was wrong with the cell, and what is lost with it.
    async fn failures(&mut self, running: &Running, outcome: Outcome) -> Result<Vec<crate::engine::Failure>> {
        let mut failures = outcome.failures;
        let program_failed = !running.failures.is_empty();
        failures.extend(running.failures.iter().cloned());
        let lost = match outcome.variables {
            _ if outcome.process_ended.is_some() => self.variables.clear(running.count),
            Some(found) => self.variables.update(found, running.count, &running.code),
            None => Vec::new(),
        };
        if let Some(how) = outcome.process_ended {
            let if_lost = self.printed.if_lost.take();
            failures = vec![failures::of_process(&how, running, if_lost.as_deref())];
        } else if running.stopped && !running.begun && self.engine.is_embedded() {
            failures = vec![failures::stopped_while_compiling()];
        }
        for failure in &mut failures {
            if let Some(why) = self.variables.explain(&failure.text) {
                failure.traceback.push(format!("help: {why}"));
            }
        }
        match failures.last_mut() {
            Some(failure) => {
                if program_failed && running.code.contains("let ") {
                    failure.traceback.push("Variables that this cell was making have not been kept.".into());
                }
                if !lost.is_empty() {
                    failure.traceback.push(variables::tell(&lost));
                }
            }
            None => {
                let is_redefined = |name: &String| running.lost.contains(name) || outcome.redefined.contains(name);
                let lost: Vec<_> = lost.into_iter().filter(|(name, _)| is_redefined(name)).collect();
                if let Some(cell) = self.last.clone().filter(|_| !lost.is_empty()) {
                    self.output.text("stderr", &format!("{}\n", variables::tell(&lost)), &cell).await?;
                }
            }
        }
        Ok(failures)
    }

    /// Says so if a client did not read, and output was dropped.
    async fn report_dropped(&mut self, request: &Opened) -> Result<()> {
        let dropped = self.output.take_dropped();
        if dropped > 0 {
            let text = format!(
                "\n{dropped} bytes of this cell's output were dropped: a client of this kernel had stopped reading.\n"
            );
            self.output.text("stderr", &text, &request.header).await?;
        }
        Ok(())
    }
}
