//! The front's event loop: what arrives, and what is done with it.

mod ahead;
mod cell;
mod clients;
mod failures;
mod pipes;
mod printed;
mod start;
mod stop;

pub use start::{run, run_spare};

use crate::{
    engine::{Arrival, Engine, Outcome, Told},
    interrupt::Interrupt,
    message::{Opened, Signatures},
    output::Output,
    queue::Queue,
    spare::Keeper,
    variables::Variables,
};
use anyhow::Result;
use jupyter_protocol::Header;
use jupyter_zmq_client::RouterSendConnection;
use pipes::{Pipes, read};
use printed::Printed;
use std::{path::PathBuf, process::ExitCode, time::Duration};
use tokio::{
    select,
    signal::unix::{SignalKind, signal},
    sync::mpsc,
    time::{Instant, sleep_until},
};
use zeromq::ZmqMessage;

/// What arrives.
#[derive(Debug)]
pub enum Event {
    /// From a client.
    Shell(ZmqMessage),
    Control(ZmqMessage),
    Stdin(ZmqMessage),
    /// From the engine.
    Told(Told),
    /// From an evcxr_jupyter.
    Arrived(Arrival),
    /// A line about what is being compiled.
    Progress(String),
    /// From the front that has taken this spare over: its own signals.
    Interrupt,
    End,
}

struct Front {
    shell: RouterSendConnection,
    control: RouterSendConnection,
    stdin: RouterSendConnection,
    output: Output,
    engine: Engine,
    pipes: Option<Pipes>,
    folder: PathBuf,
    tmpdir: PathBuf,
    signatures: Signatures,
    queue: Queue,
    /// How the running cell has ended, until that is told.
    outcome: Option<Outcome>,
    interrupt: Interrupt,
    variables: Variables,
    printed: Printed,
    /// The last cell that ran: what its threads print later is its own.
    last: Option<Header>,
    count: u64,
    history: Vec<(u64, String)>,
    ready: bool,
    first: Option<String>,
    /// Output of the code that runs ahead, for the first cell that has to wait for it.
    early: Vec<(String, String)>,
    /// When to look whether the cell waits for input.
    look: Instant,
    keeper: Option<Keeper>,
}

#[derive(PartialEq)]
enum Flow {
    On,
    Over(ExitCode),
}

impl Front {
    async fn serve(&mut self, events: &mut mpsc::Receiver<Event>) -> Result<ExitCode> {
        let mut interrupts = signal(SignalKind::interrupt())?;
        let mut terminations = signal(SignalKind::terminate())?;
        loop {
            let deadline = self.deadline();
            let reads = self.pipes.is_some() && !self.output.is_behind();
            select! {
                biased;
                _ = interrupts.recv() => self.press().await?,
                _ = terminations.recv() => return Ok(ExitCode::SUCCESS),
                status = ended(&mut self.engine) => {
                    eprintln!("evcxr_live: evcxr_jupyter exited ({}), so the kernel stops.", status?);
                    return Ok(ExitCode::FAILURE);
                }
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => self.tick().await?,
                Some(event) = events.recv() => if let Flow::Over(code) = self.handle(event).await? { return Ok(code) },
                text = read(&mut self.pipes), if reads => self.read(text?).await?,
            }
        }
    }

    async fn handle(&mut self, event: Event) -> Result<Flow> {
        match event {
            Event::Control(message) => return self.on_control(message).await,
            Event::Shell(message) => return self.on_shell(message).await,
            Event::Stdin(message) => self.on_stdin(message).await?,
            Event::Told(told) => return self.told(told).await,
            Event::Arrived(arrival) => {
                if let Engine::Outside(engine) = &mut self.engine
                    && let Some(told) = engine.handle(arrival)
                {
                    return self.told(told).await;
                }
            }
            Event::Progress(line) => self.progress(&line).await?,
            Event::Interrupt => self.press().await?,
            Event::End => return Ok(Flow::Over(ExitCode::SUCCESS)),
        }
        Ok(Flow::On)
    }

    async fn told(&mut self, told: Told) -> Result<Flow> {
        match told {
            Told::Ready => {
                self.drain().await?; // evcxr has tried itself out; that belongs to no cell
                self.ready = true;
                self.begin().await?;
            }
            Told::Printed { name, text } => self.print(&name, &text).await?,
            Told::Value(bundle) => self.value(bundle).await?,
            Told::Asks { prompt, password } => self.ask(&prompt, password).await?,
            Told::Progress(line) => self.progress(&line).await?,
            Told::Ended(outcome) => self.ended(outcome).await?,
            Told::Answered(content) => {
                self.queue.analyses = false;
                if let Some(request) = self.queue.asked.take() {
                    self.answer(&request, content).await?;
                }
                self.next().await?;
            }
            Told::Died(why) => {
                eprintln!("evcxr_live: {why}");
                return Ok(Flow::Over(ExitCode::FAILURE));
            }
        }
        Ok(Flow::On)
    }

    /// When [`Self::tick`] is due.
    fn deadline(&mut self) -> Option<Instant> {
        let outside = match &self.engine {
            Engine::Outside(engine) => engine.deadline(),
            Engine::Embedded(_) => None,
        };
        let behind = self.output.is_behind().then(|| Instant::now() + Duration::from_millis(5));
        let running = self.queue.running.as_ref();
        let end = running.and_then(|running| running.ended);
        let look = running.filter(|running| running.begun && !running.asks).map(|_| self.look);
        let idle = self.ready && self.queue.is_idle();
        let spare = self.keeper.as_mut().and_then(|keeper| keeper.deadline(idle));
        let own = [self.output.deadline(), self.printed.deadline(), self.interrupt.deadline()];
        [outside, behind, end, look, spare].into_iter().chain(own).flatten().min()
    }

    async fn tick(&mut self) -> Result<()> {
        let due = |deadline: Option<Instant>| deadline.is_some_and(|deadline| deadline <= Instant::now());
        if due(self.printed.deadline()) {
            self.print_kept().await?;
        }
        if due(self.output.deadline()) {
            self.output.flush().await?;
        }
        if due(self.interrupt.deadline()) && self.interrupt.is_overdue() {
            self.force().await?;
        }
        if due(Some(self.look)) {
            self.look_for_input().await?;
        }
        if let Engine::Outside(engine) = &mut self.engine
            && let Some(told) = engine.ended()
        {
            self.told(told).await?;
        }
        if due(self.queue.running.as_ref().and_then(|running| running.ended)) {
            self.conclude().await?;
        }
        if let Some(keeper) = &mut self.keeper {
            keeper.tick();
        }
        Ok(())
    }

    /// `None`, and a line in Jupyter's log, if it was signed with another key, or before, or is not a message at all.
    fn open(&mut self, message: &ZmqMessage) -> Option<Opened> {
        let opened = Opened::new(message, self.output.iopub())
            .and_then(|opened| self.signatures.check(message).map(|()| opened));
        opened.inspect_err(|error| eprintln!("evcxr_live: dropped a message: {error:#}")).ok()
    }
}

/// Waits for an evcxr_jupyter to exit. An embedded engine says itself when it can't go on.
async fn ended(engine: &mut Engine) -> std::io::Result<std::process::ExitStatus> {
    match engine {
        Engine::Outside(engine) => engine.process.wait().await,
        Engine::Embedded(_) => std::future::pending().await,
    }
}
