//! `evcxr_live`: a Jupyter kernel for Rust, with [evcxr] as its engine. It adds what a reader of notebooks expects:
//!
//! - rich output while a cell runs ([`marked_lines`]), and every byte of it in its place ([`runtime`], [`streams`]),
//! - errors that count ([`engine`], [`front`]),
//! - a stop button that asks first ([`interrupt`]),
//! - a kernel that starts warm ([`warm`]), with dependencies that stay as they are ([`toolchain`]).
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
mod streams;
mod toolchain;
mod variables;
mod warm;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
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
    /// Jupyter's connection file.
    #[arg(required = true)]
    connection_file: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Helper {
    /// Waits until standard input closes, then ends what is left of a kernel and removes FOLDER.
    #[command(hide = true)]
    Guard { folder: PathBuf },
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
    if let Some(Helper::Guard { folder }) = arguments.helper {
        guard::watch(&folder);
        return Ok(ExitCode::SUCCESS);
    }
    let connection_file = arguments.connection_file.context("Jupyter's connection file is missing")?;
    let outer = message::read_connection(&connection_file)?;
    let warm = warm::prepare(arguments.template.as_deref())?;
    set_environment(&warm);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let result = runtime.block_on(front::run(&outer, arguments.evcxr.as_deref(), &warm, arguments.first));
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
