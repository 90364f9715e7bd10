//! `evcxr_live`: a front for `evcxr_jupyter`, the Jupyter kernel for Rust. The kernelspec starts `evcxr_live` instead
//! of that kernel; it starts the kernel in turn, passes messages both ways and adds what a reader of notebooks expects:
//!
//! - rich output while a cell runs ([`live`]),
//! - a stop button that asks first ([`interrupt`]),
//! - a kernel that starts warm ([`warm`], [`toolchain`]).
//!
//! It knows nothing of what the cells compute. kernel/README.md describes what a cell's program can use.

mod channels;
mod guard;
mod inner;
mod interrupt;
mod live;
mod message;
mod output;
mod proxy;
mod requests;
mod source;
mod toolchain;
mod warm;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

/// A front for evcxr_jupyter: live output, a gentle interrupt, a warm start.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    helper: Option<Helper>,
    /// The evcxr_jupyter to start.
    #[arg(long, default_value = "evcxr_jupyter")]
    evcxr: PathBuf,
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
    /// Waits until standard input closes, then kills the process group PID and removes FOLDER.
    #[command(hide = true)]
    Guard { pid: i32, folder: PathBuf },
}

fn main() -> Result<ExitCode> {
    if let Some(code) = toolchain::as_tool() {
        return Ok(code);
    }
    let arguments = Arguments::parse();
    if let Some(Helper::Guard { pid, folder }) = arguments.helper {
        guard::watch(pid, &folder);
        return Ok(ExitCode::SUCCESS);
    }
    let connection_file = arguments.connection_file.context("Jupyter's connection file is missing")?;
    let outer = message::read_connection(&connection_file)?;
    let warm = warm::prepare(arguments.template.as_deref())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let result = runtime.block_on(proxy::run(&outer, &arguments.evcxr, &warm, arguments.first));
    // If there was a guard, it has done this already.
    let _ = std::fs::remove_dir_all(&warm.folder);
    result
}
