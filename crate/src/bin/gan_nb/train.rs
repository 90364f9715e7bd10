//! `gan_nb train`: a run with a bar, its pictures and its record in a folder.

use crate::data;
use anyhow::{Result, bail, ensure};
use gan_nb::Device;
use gan_nb::runs::{DataConfig, Run};
use gan_nb::train::{Gan, GanConfig, History, Notice, Observer, Plan, Quantity, Samples};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

#[derive(clap::Args)]
pub struct Train {
    /// How many iterations [default: 10000; with --resume, as many as the run was to have]
    #[arg(long)]
    iterations: Option<usize>,
    /// Images a batch
    #[arg(long, default_value_t = 32, conflicts_with = "resume")]
    batch_size: usize,
    /// Iterations from one picture to the next
    #[arg(long, default_value_t = 1_000, conflicts_with = "resume")]
    sample_interval: usize,
    /// Where every random draw comes from
    #[arg(long, default_value_t = 42, conflicts_with = "resume")]
    seed: u64,
    /// The tutorial's settings, or DCGAN's
    #[arg(long, value_enum, default_value_t = Settings::Tutorial, conflicts_with = "resume")]
    settings: Settings,
    /// Compute in 16 bits where that does no harm: for GPUs with tensor cores
    #[arg(long, conflicts_with = "resume")]
    mixed_precision: bool,
    /// Go on with the run in --out, which was stopped or cut off, or has to become longer
    #[arg(long)]
    resume: bool,
    /// Iterations from one checkpoint to the next
    #[arg(long, default_value_t = 500)]
    checkpoint_every: usize,
    /// How many of the newest checkpoints stay, besides the best
    #[arg(long, default_value_t = 3)]
    keep: usize,
    /// Folder with CIFAR-10 [default: GAN_NB_DATA, else the user's cache, else it is downloaded]
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder for settings, history, pictures and checkpoints
    #[arg(long)]
    out: PathBuf,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Settings {
    Tutorial,
    Dcgan,
}

/// Trains as `train …` asks.
pub fn run(arguments: &Train) -> Result<()> {
    for (name, value) in [("--checkpoint-every", arguments.checkpoint_every), ("--keep", arguments.keep)] {
        ensure!(value > 0, "{name} is 0, expected 1 or more. The defaults are 500 and 3.");
    }
    let (gan, plan, data) = if arguments.resume { resumed(arguments)? } else { new(arguments)? };
    let run = Run::create(&arguments.out)?;
    let x_train = data::load(arguments.data.as_deref())?;
    if let Some(expected) = data
        && expected != DataConfig::of(&x_train)
    {
        bail!(
            "{x_train}: these are not the pictures that the run in {} learned from, {} of {} with the checksum {}. Name \
             their folder with --data.",
            arguments.out.display(),
            expected.images,
            expected.name,
            expected.md5
        );
    }
    let mut gan = gan.keep_in(run.checkpoint_every(arguments.checkpoint_every).keep(arguments.keep));
    println!("{x_train}\n{}", Device::best());
    let mut watcher = Watcher::new()?;
    let Plan { iterations, batch_size, sample_interval } = plan;
    let history = gan.train_observed(&x_train, iterations, batch_size, sample_interval, &mut watcher)?;
    history.plot()?.save(arguments.out.join("history.png"))?;
    println!("{history}\nsaved in {}", arguments.out.display());
    Ok(())
}

/// Networks, how they are trained, and on which pictures, where that is known.
type Start = (Gan, Plan, Option<DataConfig>);

/// Fresh networks, for a folder without a run.
fn new(arguments: &Train) -> Result<Start> {
    if let Ok(found) = Run::open(&arguments.out)
        && let Some(newest) = found.checkpoints()?.last()
    {
        let done = newest.iteration;
        bail!(
            "{}: found a run of {done} iterations, expected a new or empty folder. Resume it with --resume, or name \
             another --out.",
            arguments.out.display()
        );
    }
    let settings = match arguments.settings {
        Settings::Tutorial => GanConfig::tutorial(),
        Settings::Dcgan => GanConfig::dcgan(),
    };
    let plan = Plan {
        iterations: arguments.iterations.unwrap_or(10_000),
        batch_size: arguments.batch_size,
        sample_interval: arguments.sample_interval,
    };
    let config = GanConfig { seed: arguments.seed, ..settings };
    Ok((untrained(config, arguments.mixed_precision)?, plan, None))
}

fn untrained(config: GanConfig, mixed_precision: bool) -> Result<Gan> {
    let gan = Gan::new(config)?;
    Ok(if mixed_precision { gan.mixed_precision() } else { gan })
}

/// The run of the folder as its newest checkpoint has it.
fn resumed(arguments: &Train) -> Result<Start> {
    let run = Run::open(&arguments.out)?;
    let config = run.config()?;
    // Interrupted before its first checkpoint, it begins anew.
    let is_new = run.checkpoints()?.is_empty();
    let gan = if is_new { untrained(config.gan()?, config.mixed_precision)? } else { Gan::resume(&arguments.out)? };
    let done = gan.history.len();
    let iterations = arguments.iterations.unwrap_or(config.iterations);
    if iterations <= done {
        bail!(
            "--iterations is {iterations}, expected more than the {done} that the run in {} has done. Name more to make it \
             longer.",
            arguments.out.display()
        );
    }
    println!("resuming after {done} of {iterations} iterations");
    let plan = Plan { iterations, batch_size: config.batch_size, sample_interval: config.sample_interval };
    Ok((gan, plan, config.data))
}

/// Shows a bar with rate and time left, and ends the run at Ctrl-C.
struct Watcher {
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
}

impl Watcher {
    fn new() -> Result<Self> {
        let template = "{bar:40} {pos}/{len}  {per_sec}, {eta} left  {msg}";
        let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(template)?);
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        ctrlc::set_handler(move || {
            // The second press is for those who can't wait for the iteration's end.
            if flag.swap(true, Relaxed) {
                std::process::exit(130);
            }
        })?;
        Ok(Self { bar, stop })
    }
}

impl Observer for Watcher {
    fn iteration(&mut self, history: &History) {
        self.bar.set_length(history.planned as u64);
        self.bar.set_position(history.len() as u64);
        let newest = history.len().saturating_sub(1);
        let names = history.metrics().of(Quantity::Loss);
        let losses = names.map(|(place, name)| format!("{name} {:.3}", history.row(newest)[place]));
        self.bar.set_message(losses.collect::<Vec<_>>().join(" "));
    }

    fn sample(&mut self, log_line: &str, _samples: &Samples) -> gan_nb::Result<()> {
        self.bar.suspend(|| println!("{log_line}"));
        Ok(())
    }

    fn notice(&mut self, notice: &Notice) {
        self.bar.suspend(|| eprintln!("{notice}"));
    }

    fn finished(&mut self, history: &History) -> gan_nb::Result<()> {
        self.bar.finish_and_clear();
        if history.len() < history.planned {
            println!("Stopped after {} of {} iterations.", history.len(), history.planned);
        }
        Ok(())
    }

    fn stop_requested(&self) -> bool {
        self.stop.load(Relaxed)
    }
}
