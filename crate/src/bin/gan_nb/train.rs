//! `gan_nb train`: a run with a bar, its pictures and its record in a folder.

use crate::output::say;
use crate::place::{Place, Tf32};
use crate::precision::Precision;
use crate::watcher::Watcher;
use crate::{data, paths};
use anyhow::{Result, bail, ensure};
use gan_nb::data::{Cifar10, Dataset};
use gan_nb::runs::{DataConfig, Run};
use gan_nb::train::{Gan, GanConfig, Plan};
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Train {
    /// How many iterations; the modern settings' learning rates fall to 0 over their second half [default: those that the settings
    /// are made for; with --resume, as many as the run was to have]
    #[arg(long)]
    iterations: Option<usize>,
    /// Images a batch [default: 64 for the modern settings, else 32]
    #[arg(long, conflicts_with = "resume")]
    batch_size: Option<usize>,
    /// Iterations from one picture to the next
    #[arg(long, default_value_t = 1_000, conflicts_with = "resume")]
    sample_interval: usize,
    /// Where every random draw comes from
    #[arg(long, default_value_t = 42, conflicts_with = "resume")]
    seed: u64,
    /// The tutorial's settings, DCGAN's, or modern ones for residual blocks or for the tutorial's own networks
    #[arg(long, value_enum, default_value_t = Settings::Tutorial, conflicts_with = "resume")]
    settings: Settings,
    /// The numbers to compute with
    #[arg(long, value_enum, default_value_t, conflicts_with = "resume")]
    precision: Precision,
    #[command(flatten)]
    tf32: Tf32,
    #[command(flatten)]
    place: Place,
    /// Go on with the run in --out, which was stopped or cut off, or has to become longer
    #[arg(long)]
    resume: bool,
    /// Iterations from one checkpoint to the next
    #[arg(long, default_value_t = 500)]
    checkpoint_every: usize,
    /// How many of the newest checkpoints stay, besides the best
    #[arg(long, default_value_t = 3)]
    keep: usize,
    #[command(flatten)]
    which: data::Which,
    /// Folder for settings, history, pictures and checkpoints
    #[arg(long, value_parser = paths::parser())]
    out: PathBuf,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Settings {
    Tutorial,
    Dcgan,
    Modern,
    ModernTutorialNetworks,
}

impl Settings {
    /// With the iterations and the batch that they are made for.
    fn config(self) -> (GanConfig, usize, usize) {
        match self {
            Self::Tutorial => (GanConfig::tutorial(), 10_000, 32),
            Self::Dcgan => (GanConfig::dcgan(), 10_000, 32),
            Self::Modern => (GanConfig::modern(), 8_000, 64),
            Self::ModernTutorialNetworks => (GanConfig::modern_tutorial_networks(), 4_400, 32),
        }
    }
}

/// Trains as `train …` asks.
pub fn run(arguments: &Train) -> Result<()> {
    for (name, value) in [("--checkpoint-every", arguments.checkpoint_every), ("--keep", arguments.keep)] {
        ensure!(value > 0, "{name} is 0, expected 1 or more. The defaults are 500 and 3.");
    }
    let device = arguments.place.choose()?;
    arguments.tf32.apply(device)?;
    let (gan, plan, x_train) = if arguments.resume { resumed(arguments)? } else { new(arguments)? };
    let run = Run::create(&arguments.out)?;
    let mut gan = gan.keep_in(run.checkpoint_every(arguments.checkpoint_every).keep(arguments.keep));
    let mut watcher = Watcher::new(&arguments.out)?;
    watcher.say(format_args!("{x_train}\n{device}"));
    let Plan { iterations, batch_size, sample_interval } = plan;
    let history = gan.train_observed(&x_train, iterations, batch_size, sample_interval, &mut watcher)?;
    history.plot()?.save(arguments.out.join("history.png"))?;
    watcher.output()?;
    say(format_args!("{history}\nsaved in {}", arguments.out.display()))?;
    Ok(())
}

/// Networks, how they are trained, and on which pictures.
type Start = (Gan, Plan, Dataset);

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
    let (settings, iterations, batch_size) = arguments.settings.config();
    let plan = Plan {
        iterations: arguments.iterations.unwrap_or(iterations),
        batch_size: arguments.batch_size.unwrap_or(batch_size),
        sample_interval: arguments.sample_interval,
    };
    Run::create(&arguments.out)?;
    let x_train = arguments.which.load(32)?;
    let mut config = GanConfig { seed: arguments.seed, ..settings }.for_data(&x_train)?;
    if config.modern.decay_to > 0 && plan.iterations > 1 {
        config = config.decay(plan.iterations as u64 / 2, plan.iterations as u64);
    }
    Ok((arguments.precision.of(Gan::new(config)?)?, plan, x_train))
}

/// The run of the folder as its newest checkpoint has it.
fn resumed(arguments: &Train) -> Result<Start> {
    ensure!(!arguments.which.has_size(), "--size can't be used with --resume: the run has its size already.");
    let run = Run::open(&arguments.out)?;
    let config = run.config()?;
    // Without a name CIFAR-10 would be looked for, and downloaded for nothing.
    if let Some(data) = config.data.as_ref().filter(|data| data.name != Cifar10::NAME && !arguments.which.is_named()) {
        bail!("{}: the run in it learned from {}, so name that with --data.", arguments.out.display(), data.name);
    }
    // Interrupted before its first checkpoint, it begins anew.
    let is_new = run.checkpoints()?.is_empty();
    let precision = if config.mixed_precision { Precision::Mixed } else { Precision::Float32 };
    let gan = if is_new { precision.of(Gan::new(config.gan()?)?)? } else { Gan::resume(&arguments.out)? };
    let done = gan.history.len();
    let iterations = arguments.iterations.unwrap_or(config.iterations);
    if iterations <= done {
        bail!(
            "--iterations is {iterations}, expected more than the {done} that the run in {} has done. Name more to make it \
             longer.",
            arguments.out.display()
        );
    }
    say(format_args!("resuming after {done} of {iterations} iterations"))?;
    let plan = Plan { iterations, batch_size: config.batch_size, sample_interval: config.sample_interval };
    let x_train = arguments.which.load(gan.config().size as u32)?;
    if let Some(expected) = config.data
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
    Ok((gan, plan, x_train))
}
