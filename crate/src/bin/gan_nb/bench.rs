//! `gan_nb bench`: how fast this machine trains, and what share of the time goes elsewhere.
//!
//! `scripts/bench` runs it beside PyTorch and Keras, whose programs print the same JSON.

mod panel;
mod report;
mod stage;
mod statistics;

use crate::output::say;
use crate::paths;
use crate::place::{Place, Tf32};
use crate::precision::Precision;
use anyhow::{Result, ensure};
use gan_nb::train::{Gan, latent_noise};
use gan_nb::{random, tch};
use report::{Report, Size};
use stage::Stage;
use std::path::PathBuf;
use std::time::Instant;

/// Images at a time when the generator alone is timed.
const GENERATED: usize = 256;
/// How often it is timed, after a tenth as many that are not.
const GENERATIONS: usize = 20;
/// How often a row of iterations on a GPU is timed.
const BLOCKS: usize = 5;
/// Batch sizes for the time an image.
const SIZES: [usize; 4] = [8, 32, 128, 512];

#[derive(clap::Args)]
pub struct Bench {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    tf32: Tf32,
    /// Images a batch
    #[arg(long, default_value_t = 32)]
    batch_size: usize,
    /// Iterations that are timed
    #[arg(long, default_value_t = 30)]
    iterations: usize,
    /// Iterations before them that are not: the first ones make buffers and read pages for the first time
    #[arg(long, default_value_t = 5)]
    warm_up: usize,
    /// libtorch's threads [default: one for each core]
    #[arg(long)]
    threads: Option<i32>,
    /// CIFAR-10's archive or a folder with it [default: GAN_NB_DATA, else the user's cache, else random bytes]
    #[arg(long, value_parser = paths::parser())]
    data: Option<PathBuf>,
    /// The numbers to compute with
    #[arg(long, value_enum, default_value_t)]
    precision: Precision,
    /// The iteration and the generation alone: not the panel, nor other batch sizes
    #[arg(long)]
    short: bool,
    /// One line of JSON in place of the table
    #[arg(long)]
    json: bool,
    /// The panel's cost alone: the program runs itself so, with the notebook's environment
    #[arg(long, hide = true)]
    panel_only: bool,
}

/// Times what `bench …` asks for and prints it.
pub fn run(arguments: &Bench) -> Result<()> {
    let start = Instant::now();
    arguments.check()?;
    if let Some(threads) = arguments.threads {
        tch::set_num_threads(threads);
    }
    arguments.tf32.apply(arguments.place.choose()?)?;
    let mut stage = Stage::open(arguments.data.as_deref(), arguments.batch_size, arguments.precision)?;
    if arguments.panel_only {
        say(serde_json::to_string(&panel::measure(&mut stage, arguments.iterations)?)?)?;
        return Ok(());
    }
    let report = measure(arguments, &mut stage, start)?;
    if arguments.json {
        say(serde_json::to_string(&report)?)?;
    } else {
        say(report.to_string().trim_end())?;
    }
    Ok(())
}

fn measure(arguments: &Bench, stage: &mut Stage, start: Instant) -> Result<Report> {
    let mut report = Report::new(stage, arguments.batch_size);
    for i in 0..arguments.warm_up {
        stage.iteration()?;
        if i == 0 {
            report.first_iteration(start);
        }
    }
    for _ in 0..arguments.iterations {
        report.iteration_seconds.push(stage.iteration()?);
        report.assembly_seconds.push(stage.assembly()?);
    }
    if stage.gan.generator.device().is_cuda() {
        for _ in 0..BLOCKS {
            report.free_running_seconds.push(stage.free_running(arguments.iterations)?);
        }
    }
    report.peak_bytes = statistics::peak_bytes(); // before what needs more than training does
    report.generation_seconds = generations(&stage.gan)?;
    if !arguments.short {
        report.panel = Some(panel::measure_in_a_notebook(arguments)?);
        for batch_size in SIZES {
            report.batch_sizes.push(Size { batch_size, seconds: at_size(stage, batch_size, arguments.iterations)? });
        }
    }
    Ok(report)
}

/// Seconds for each time the generator makes its images in inference mode.
fn generations(gan: &Gan) -> Result<Vec<f64>> {
    let z = latent_noise(&mut random::stream(42, "bench"), &gan.generator, GENERATED)?;
    let mut seconds = Vec::new();
    for i in 0..GENERATIONS + GENERATIONS / 10 {
        let start = Instant::now();
        let _images = gan.generator.predict(&z)?;
        stage::synchronize(gan);
        if i >= GENERATIONS / 10 {
            seconds.push(start.elapsed().as_secs_f64());
        }
    }
    Ok(seconds)
}

/// Seconds for each iteration with another batch size, after one that does not count.
fn at_size(stage: &mut Stage, batch_size: usize, iterations: usize) -> Result<Vec<f64>> {
    stage.begin(batch_size)?;
    stage.iteration()?;
    // About as many images at each size; three iterations at the least, for a median.
    (0..(iterations * 32 / batch_size).clamp(3.min(iterations), iterations)).map(|_| stage.iteration()).collect()
}

impl Bench {
    fn check(&self) -> Result<()> {
        let counts =
            [("--iterations", self.iterations), ("--warm-up", self.warm_up), ("--batch-size", self.batch_size)];
        for (name, count) in counts {
            ensure!(count > 0, "{name} is 0, expected 1 or more. Leave it out for the tutorial's.");
        }
        let threads = self.threads.unwrap_or(1);
        ensure!(threads > 0, "--threads is {threads}, expected 1 or more. Leave it out for one on each core.");
        Ok(())
    }
}
