//! What the notebook's live panel and the history cost: the same training with them and without, in turn.

use super::stage::{Stage, synchronize};
use super::{Bench, statistics};
use anyhow::{Context, Result, ensure};
use gan_nb::progress::NotebookObserver;
use gan_nb::train::{Game, History};
use serde::{Deserialize, Serialize};
use std::process::{Command, Stdio};
use std::time::Instant;

/// How many iterations are done already: the panel draws its curve from all of them, so it costs most near the end.
const BEFORE: usize = 9_000;
/// Iterations a block, some three of the panel's updates.
const BLOCK: usize = 5;

/// Seconds an iteration in neighbouring blocks, and what was seen directly.
#[derive(Serialize, Deserialize)]
pub struct Panel {
    /// Without panel and history.
    pub bare_seconds: Vec<f64>,
    /// With them; block i ran beside block i of the others.
    pub watched_seconds: Vec<f64>,
    /// Seconds an iteration in the calls that record it and show the panel: less noisy than the difference of the two.
    pub record_seconds: f64,
}

impl Panel {
    /// With over without, the median of the pairs of blocks.
    pub fn ratio(&self) -> f64 {
        let pairs = self.watched_seconds.iter().zip(&self.bare_seconds);
        statistics::median(&pairs.map(|(watched, bare)| watched / bare).collect::<Vec<_>>())
    }
}

/// Runs this program once more, as a cell of the notebook runs under its kernel: with live output, read through a pipe.
pub fn measure_in_a_notebook(arguments: &Bench) -> Result<Panel> {
    let program = std::env::current_exe().context("can't find this program's own file")?;
    let mut command = Command::new(program);
    command.args(["bench", "--panel-only", "--iterations", &arguments.iterations.to_string()]);
    command.args(["--batch-size", &arguments.batch_size.to_string()]);
    if let Some(threads) = arguments.threads {
        command.args(["--threads", &threads.to_string()]);
    }
    command.args(["--precision", &arguments.precision.to_string()]);
    if let Some(device) = &arguments.place.device {
        command.args(["--device", device]);
    }
    if arguments.tf32.tf32 {
        command.arg("--tf32");
    }
    if let Some(data) = &arguments.data {
        command.arg("--data").arg(data);
    }
    command.env("EVCXR_LIVE", "1").env_remove("GAN_NB_MAX_STEPS").stderr(Stdio::inherit());
    let output = command.output().context("can't run this program once more for the panel")?;
    ensure!(output.status.success(), "the run with the panel ended with {}, expected success", output.status);
    let printed = String::from_utf8_lossy(&output.stdout);
    let line = printed.lines().last().unwrap_or_default();
    serde_json::from_str(line).with_context(|| format!("the run with the panel ended in {line:?}, expected its times"))
}

/// About twice as many iterations as asked for, in pairs of blocks with the panel and without.
pub fn measure(stage: &mut Stage, iterations: usize) -> Result<Panel> {
    stage.iteration()?;
    stage.iteration()?;
    let pairs = iterations.div_ceil(BLOCK);
    let planned = BEFORE + pairs * BLOCK + 1; // never complete, so that the run does not end
    let mut history = History::new(planned, planned, stage.gan.metrics())?;
    let row = stage.metrics()?.read()?;
    (0..BEFORE).try_for_each(|_| history.push(&row, 0.1))?;
    let (batch_size, data, gan) = (stage.batch_size, &stage.data, &mut stage.gan);
    gan.history = history;

    let mut observer = NotebookObserver::default();
    let mut run = gan.begin(data, planned, batch_size, planned, &mut observer)?;
    let (mut bare_seconds, mut watched_seconds, mut recording) = (Vec::new(), Vec::new(), 0.0);
    for pair in 0..pairs {
        // The one that goes first takes turns, so that a machine that slows down favours neither.
        for watched in [pair % 2 == 0, pair % 2 == 1] {
            let start = Instant::now();
            for _ in 0..BLOCK {
                let metrics = run.gan.train_iteration(data, batch_size)?;
                synchronize(run.gan);
                if watched {
                    let before = Instant::now();
                    run.record(metrics)?;
                    recording += before.elapsed().as_secs_f64();
                }
            }
            let seconds = start.elapsed().as_secs_f64() / BLOCK as f64;
            if watched { watched_seconds.push(seconds) } else { bare_seconds.push(seconds) }
        }
    }
    drop(run);
    Ok(Panel { bare_seconds, watched_seconds, record_seconds: recording / (pairs * BLOCK) as f64 })
}
