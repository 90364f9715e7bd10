//! `evcxr_live`: a Jupyter kernel for Rust, with [evcxr] as its engine. It adds what a reader of notebooks expects:
//!
//! - rich output while a cell runs ([`marked_lines`]), and every byte of it in its place ([`runtime`], [`streams`]),
//! - errors that count ([`engine`], [`front`]),
//! - a stop button that asks first ([`interrupt`]),
//! - a kernel that starts warm ([`warm`]), or has started before it is needed ([`spare`]), with dependencies that stay as they
//!   are ([`toolchain`]).
//!
//! It knows nothing of what the cells compute. kernel/README.md describes what a cell's program can use.

mod channels;
mod engine;
mod front;
mod guard;
mod interrupt;
mod log;
mod marked_lines;
mod message;
mod output;
mod queue;
mod record;
mod runtime;
mod source;
mod spare;
mod streams;
mod toolchain;
mod variables;
mod warm;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use spare::{Keeper, Terms};
use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
    time::SystemTime,
};

/// A Jupyter kernel for Rust. Called by the name evcxr_jupyter, this program is the kernel of that name.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    helper: Option<Helper>,
    /// An evcxr_jupyter to use as the engine, instead of the one inside.
    #[arg(long)]
    evcxr: Option<PathBuf>,
    /// Folder of compiled dependencies; each kernel gets its own copy.
    #[arg(long)]
    template: Option<PathBuf>,
    /// Code to run before the reader's first cell, such as its `:dep` lines; its output stays hidden.
    #[arg(long)]
    first: Option<String>,
    /// Take over a kernel that has started already, and keep one ready for the next. Needs a template.
    #[arg(long)]
    spare: bool,
    /// Jupyter's connection file.
    #[arg(required = true)]
    connection_file: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Helper {
    /// Waits until standard input closes, then ends what is left of a kernel and removes FOLDER.
    #[command(hide = true)]
    Guard { folder: PathBuf },
    /// Starts a spare kernel, for the next one with the same options in the same folder and environment. It ends when
    /// standard input is closed and no kernel is there that keeps spares.
    #[command(hide = true)]
    Spare {
        #[arg(long)]
        template: PathBuf,
        #[arg(long)]
        first: Option<String>,
    },
}

fn main() -> Result<ExitCode> {
    runtime::run_if_asked()?;
    evcxr::runtime_hook(); // the same for plain evcxr_jupyter, and its wrapper of rustc
    if let Some(code) = toolchain::as_tool() {
        return Ok(code);
    }
    if is_called("evcxr_jupyter") {
        return evcxr_jupyter::main().map(|()| ExitCode::SUCCESS);
    }
    let arguments = Arguments::parse();
    match arguments.helper {
        Some(Helper::Guard { folder }) => {
            guard::watch(&folder);
            Ok(ExitCode::SUCCESS)
        }
        Some(Helper::Spare { template, first }) => be_spare(&template, first),
        None => be_kernel(arguments),
    }
}

fn be_kernel(arguments: Arguments) -> Result<ExitCode> {
    let connection_file = arguments.connection_file.context("Jupyter's connection file is missing")?;
    let outer = message::read_connection(&connection_file)?;
    let terms = match &arguments.template {
        Some(template) if arguments.spare && arguments.evcxr.is_none() && spare::is_wanted() => {
            Terms::of_this_process(template, arguments.first.clone()).ok() // without a template there is no spare of it
        }
        _ => None,
    };
    if let Some(code) = terms.as_ref().and_then(|terms| spare::take(terms, &connection_file)) {
        return code;
    }
    let keeper = terms.and_then(|terms| Keeper::new(terms).ok());
    let warm = warm::prepare(arguments.template.as_deref())?;
    run(&warm, front::run(&outer, arguments.evcxr.as_deref(), &warm, arguments.first, keeper))
}

fn be_spare(template: &Path, first: Option<String>) -> Result<ExitCode> {
    let terms = Terms::of_this_process(template, first.clone())?;
    let Some(one) = spare::one(&terms.template)?.filter(|_| spare::is_enough_to_start()) else {
        return Ok(ExitCode::SUCCESS);
    };
    let since = SystemTime::now();
    let warm = warm::prepare(Some(template))?;
    anyhow::ensure!(warm.is_copied, "a spare needs a template that can be copied");
    run(&warm, async {
        let offer = spare::Offer::open(terms, &warm.folder, since, one)?;
        front::run_spare(offer, &warm, first).await
    })
}

/// Runs a front in `warm`'s environment, and removes its folder.
fn run(warm: &warm::Warm, front: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    set_environment(warm);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let result = runtime.block_on(front);
    // The engine's thread may be busy for long.
    runtime.shutdown_background();
    // If there was a guard, it has done this already.
    let _ = std::fs::remove_dir_all(&warm.folder);
    result
}

fn is_called(name: &str) -> bool {
    env::args_os().next().is_some_and(|program| Path::new(&program).file_name().is_some_and(|found| found == name))
}

/// evcxr reads its settings, and its cells and cargo theirs, from this program's environment.
#[allow(unsafe_code)]
fn set_environment(warm: &warm::Warm) {
    for (name, value) in &warm.environment {
        // SAFETY: no other thread has been started yet.
        unsafe { env::set_var(name, value) };
    }
}
