//! The front's start: with the clients of a connection file, or as a spare, before it has any.

use super::{Event, Front, ahead::Ahead, pipes::Pipes, printed::Printed};
use crate::{
    channels::Outer,
    engine::{Embedded, Engine, Outside},
    guard::{self, Guard},
    interrupt::Interrupt,
    log,
    message::Signatures,
    output::Output,
    queue::Queue,
    runtime,
    spare::{Claim, Keeper, Offer, Word},
    warm::Warm,
};
use anyhow::Result;
use jupyter_protocol::ConnectionInfo;
use std::{path::Path, process::ExitCode, time::Duration};
use tokio::{sync::mpsc, time::Instant};

/// Runs until Jupyter asks for a shutdown, or the engine ends.
///
/// # Errors
/// When Jupyter or the engine can't be reached.
pub async fn run(
    outer: &ConnectionInfo,
    evcxr: Option<&Path>,
    warm: &Warm,
    first: Option<String>,
    keeper: Option<Keeper>,
) -> Result<ExitCode> {
    let session = uuid::Uuid::new_v4().to_string();
    let (sender, events) = mpsc::channel(1024);
    let interrupt = Interrupt::new(&warm.folder);
    let guard = Guard::start(&warm.folder)?;
    let sockets = Outer::bind(outer, &session, &sender).await?;
    let (engine, pipes, ahead) = match evcxr {
        None => {
            let pipes = Pipes::open(&warm.folder)?;
            log::divert(sender.clone())?;
            let engine = embedded(warm, &interrupt, &sender)?;
            (engine, Some(pipes), Ahead::new(first, &warm.tmpdir))
        }
        Some(evcxr) => {
            let (folder, flag) = (&warm.folder, interrupt.flag());
            let engine = Outside::start(evcxr, outer, folder, flag, sender.clone(), Event::Arrived).await?;
            guard::add_group(folder, engine.process.id())?;
            (Engine::Outside(Box::new(engine)), None, Ahead { ready: true, ..Ahead::new(first, &warm.tmpdir) })
        }
    };
    Front::new(sockets, &session, warm, interrupt, engine, pipes, ahead, keeper).work(events, guard).await
}

/// The same for a spare, which gets its clients when a front claims it. If none does, it ends without an error.
///
/// # Errors
/// When the engine, or the clients of the front that has claimed it, can't be reached.
pub async fn run_spare(offer: Offer, warm: &Warm, first: Option<String>) -> Result<ExitCode> {
    let session = uuid::Uuid::new_v4().to_string();
    let (sender, mut events) = mpsc::channel(1024);
    let interrupt = Interrupt::new(&warm.folder);
    let guard = Guard::start(&warm.folder)?;
    let mut pipes = Some(Pipes::open(&warm.folder)?);
    let log = log::divert(sender.clone())?;
    let mut engine = embedded(warm, &interrupt, &sender)?;
    let mut ahead = Ahead::new(first, &warm.tmpdir);
    let terms = offer.terms.clone();
    let claimed = tokio::spawn(offer.claimed());
    let Some(Claim { connection, front }) = ahead.until(claimed, &mut engine, &mut pipes, &mut events).await? else {
        guard.end(engine).await;
        return Ok(ExitCode::SUCCESS);
    };
    let writer = front.clone();
    log.redirect(move |line| drop(writer.tell(&Word::Log(line.to_owned()))));
    front.obey(sender.clone())?;
    let keeper = Keeper::new(terms).ok();
    let result = async {
        let sockets = Outer::bind(&connection, &session, &sender).await?;
        Front::new(sockets, &session, warm, interrupt, engine, pipes, ahead, keeper).work(events, guard).await
    };
    let result = result.await;
    let _ = front.tell(&Word::Ended(result.as_ref().is_ok_and(|code| *code == ExitCode::SUCCESS)));
    result
}

fn embedded(warm: &Warm, interrupt: &Interrupt, sender: &mpsc::Sender<Event>) -> Result<Engine> {
    let command = runtime::command(&warm.folder, interrupt.flag())?;
    Ok(Engine::Embedded(Embedded::start(command, sender.clone(), Event::Told)?))
}

impl Front {
    #[expect(clippy::too_many_arguments, reason = "each is made in another way by the two functions above")]
    fn new(
        sockets: Outer,
        session: &str,
        warm: &Warm,
        interrupt: Interrupt,
        engine: Engine,
        pipes: Option<Pipes>,
        ahead: Ahead,
        keeper: Option<Keeper>,
    ) -> Self {
        let Outer { shell, control, stdin, iopub } = sockets;
        Self {
            shell,
            control,
            stdin,
            output: Output::new(iopub, session),
            ready: ahead.ready,
            engine,
            pipes,
            folder: warm.folder.clone(),
            tmpdir: warm.tmpdir.clone(),
            signatures: Signatures::default(),
            queue: Queue::new(ahead.running, ahead.analyses),
            outcome: None,
            interrupt,
            variables: ahead.variables,
            printed: Printed::default(),
            last: None,
            count: 0,
            history: Vec::new(),
            first: ahead.first,
            early: ahead.early,
            look: Instant::now(),
            keeper,
        }
    }

    async fn work(mut self, mut events: mpsc::Receiver<Event>, guard: Guard) -> Result<ExitCode> {
        if self.ready && self.first.is_some() {
            self.begin().await?;
        }
        let code = self.serve(&mut events).await?;
        // Time for the sockets' own tasks to send what is still on its way.
        tokio::time::sleep(Duration::from_millis(50)).await;
        guard.end(self.engine).await;
        Ok(code)
    }
}
