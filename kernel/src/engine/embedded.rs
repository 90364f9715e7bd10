//! evcxr inside this program, on a thread of its own: compiling and analysing must not keep the front from answering.

use super::{Job, Told, cells::Cells};
use crate::source;
use anyhow::{Context, Result};
use evcxr::{CommandContext, Error, EvalContext, EvalContextOutputs};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use serde_json::{Value, json};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    process::{Child, Command},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};
use tokio::sync::mpsc;

/// rust-analyzer recurses deeply on long expressions.
const STACK: usize = 256 << 20;

type Process = Arc<OnceLock<Arc<Mutex<Child>>>>;

/// The engine's thread, as the front sees it.
pub struct Embedded {
    jobs: Sender<Job>,
    process: Process,
}

impl Embedded {
    /// Starts it; `command` starts the process in which cells run. `tell` turns what the engine tells into the front's events.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn start<E: Send + 'static>(command: Command, events: mpsc::Sender<E>, tell: fn(Told) -> E) -> Result<Self> {
        let (jobs, waiting) = channel();
        let process = Process::default();
        let known = process.clone();
        let tell = move |told| drop(events.blocking_send(tell(told)));
        let run = move || run(command, &known, &waiting, &tell);
        thread::Builder::new().name("engine".into()).stack_size(STACK).spawn(run).context("starting the engine")?;
        Ok(Self { jobs, process })
    }

    pub fn send(&self, job: Job) -> Result<()> {
        self.jobs.send(job).ok().context("the engine has ended")
    }

    /// Kills the process in which cells run, and what they have started; evcxr then starts another.
    pub fn kill(&self) -> Result<()> {
        if let Some(process) = self.process() {
            let _ = killpg(Pid::from_raw(i32::try_from(process)?), Signal::SIGKILL); // it may just have ended
        }
        Ok(())
    }

    /// The process in which cells run now.
    pub fn process(&self) -> Option<u32> {
        Some(self.process.get()?.lock().unwrap_or_else(PoisonError::into_inner).id())
    }
}

fn run(command: Command, process: &Process, jobs: &Receiver<Job>, tell: &dyn Fn(Told)) {
    let (mut context, outputs) = match start(command) {
        Ok(started) => started,
        Err(error) => return tell(Told::Died(format!("evcxr can't start: {error}"))),
    };
    let _ = process.set(context.process_handle());
    tell(Told::Ready);
    let mut cells = Cells::default();
    for job in jobs {
        let told = match job {
            Job::Execute { code, name } => Told::Ended(cells.execute(&mut context, &code, &name, tell)),
            Job::Complete { code, cursor } => Told::Answered(complete(&mut context, &code, cursor)),
            Job::Inspect { code, cursor } => Told::Answered(inspect(&mut context, &code, cursor)),
        };
        // What a new process prints before it has its pipes: why its program can't be loaded.
        for line in outputs.stderr.try_iter().chain(outputs.stdout.try_iter()) {
            tell(Told::Progress(line));
        }
        tell(told);
    }
}

fn start(command: Command) -> Result<(CommandContext, EvalContextOutputs), Error> {
    let (context, outputs) = EvalContext::with_subprocess_command(command)?;
    let mut context = CommandContext::with_eval_context(context);
    context.execute(":load_config --quiet")?;
    Ok((context, outputs))
}

/// Byte offsets, as evcxr counts, and characters, as Jupyter does.
fn byte(code: &str, characters: usize) -> usize {
    code.char_indices().nth(characters).map_or(code.len(), |(at, _)| at)
}

fn characters(code: &str, byte: usize) -> usize {
    code.char_indices().take_while(|(at, _)| *at < byte).count()
}

fn complete(context: &mut CommandContext, code: &str, cursor: usize) -> Value {
    let nothing =
        || json!({"status": "ok", "matches": [], "cursor_start": cursor, "cursor_end": cursor, "metadata": {}});
    let found = catch_unwind(AssertUnwindSafe(|| context.completions(code, byte(code, cursor))));
    let Ok(Ok(found)) = found else { return nothing() };
    let (start, end) = (characters(code, found.start_offset), characters(code, found.end_offset));
    let is_own = |code: &str| code.starts_with(source::OWN_PREFIX) || code.starts_with("evcxr_live_");
    let completions: Vec<_> = found.completions.iter().filter(|completion| !is_own(&completion.code)).collect();
    let matches: Vec<_> = completions.iter().map(|completion| &completion.code).collect();
    let kinds = completions
        .iter()
        .map(|completion| json!({"text": completion.label, "type": completion.kind, "start": start, "end": end}));
    let metadata = json!({"_jupyter_types_experimental": kinds.collect::<Vec<_>>()});
    json!({"status": "ok", "matches": matches, "cursor_start": start, "cursor_end": end, "metadata": metadata})
}

fn inspect(context: &mut CommandContext, code: &str, cursor: usize) -> Value {
    let found = source::expression_at(code, byte(code, cursor))
        .and_then(|found| catch_unwind(AssertUnwindSafe(|| context.hover_at(&found.src, found.position))).ok()?.ok());
    match found {
        Some((plain, html)) if plain != "No documentation found" => {
            json!({"status": "ok", "found": true, "metadata": {}, "data": {"text/plain": plain, "text/html": html}})
        }
        _ => json!({"status": "ok", "found": false, "metadata": {}, "data": {}}),
    }
}
