//! `gan_nb evaluate`: how good the images of a run's generators are.

use crate::data::with_bar;
use crate::output::{say, warn};
use crate::paths;
use crate::place::Place;
use anyhow::{Result, ensure};
use gan_nb::metrics::{Evaluator, News, Quality, Recipe};
use gan_nb::nn::Sequential;
use gan_nb::runs::Run;
use gan_nb::{data::Cifar10, random};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Evaluate {
    /// The folder that `train --out` made
    #[arg(long, value_parser = paths::parser())]
    run: PathBuf,
    /// The checkpoint whose images came closest to photos, not the newest
    #[arg(long, group = "which")]
    best: bool,
    /// The checkpoint of this iteration
    #[arg(long, group = "which")]
    checkpoint: Option<usize>,
    /// All checkpoints that were kept, a line each
    #[arg(long, group = "which")]
    all: bool,
    /// Keep the figures of all checkpoints in the run's quality.jsonl, by which "best" then goes; the noise is the run's own
    #[arg(long, requires = "all", conflicts_with = "seed")]
    save: bool,
    /// How many images are measured; figures of different counts can't be compared
    #[arg(long, default_value_t = 10_000)]
    count: usize,
    /// Where the noise comes from
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// CIFAR-10's archive or a folder with it [default: GAN_NB_DATA, else the user's cache, else it is downloaded]
    #[arg(long, value_parser = paths::parser())]
    data: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// Measures what `evaluate …` asks for.
pub fn run(arguments: &Evaluate) -> Result<()> {
    let Evaluate { count, seed, .. } = *arguments;
    ensure!(
        (20..=100_000).contains(&count),
        "--count is {count}, expected 20 to 100000. Papers measure 10000 or more."
    );
    arguments.place.choose()?;
    let run = Run::open(&arguments.run)?;
    let config = run.config()?.gan()?;
    let measure = |generator: &Sequential, evaluator: &Evaluator| {
        config.measure(generator, evaluator, count, &mut random::stream(seed, "evaluation"))
    };
    if arguments.all {
        let checkpoints = run.checkpoints()?;
        ensure!(!checkpoints.is_empty(), "{}: found no checkpoint, expected at least one.", run.folder().display());
        let evaluator = ready(arguments.data.as_deref())?;
        say("iteration  Frechet distance    kernel distance  precision  recall  class obedience")?;
        if arguments.save {
            let measured = run.evaluate(&evaluator, count, |_| {})?;
            for measured in measured {
                say(row(measured.iteration, &measured.quality))?;
            }
            return Ok(());
        }
        for saved in checkpoints {
            let (generator, _) = run.models_at(saved.iteration)?;
            say(row(saved.iteration, &measure(&generator, &evaluator)?))?;
        }
        return Ok(());
    }
    let (generator, _) = match arguments.checkpoint {
        Some(iteration) => run.models_at(iteration)?,
        None if arguments.best => run.best_models()?,
        None => run.models()?,
    };
    let evaluator = ready(arguments.data.as_deref())?;
    say(measure(&generator, &evaluator)?)?;
    say(format_args!("(the classifier recognizes {:.1} % of the real test images)", 100.0 * evaluator.accuracy()))?;
    Ok(())
}

/// The evaluator of the data at this place, or of what the library finds or downloads. A bar shows how its classifier's training
/// goes on.
fn ready(place: Option<&Path>) -> Result<Evaluator> {
    let bar = ProgressBar::hidden();
    bar.set_style(ProgressStyle::with_template("training the classifier, once {bar:40} {percent} %, {eta} left")?);
    let mut news = |news: News| match news {
        News::Training { step, steps } => {
            if step == 1 {
                bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
                bar.set_length(steps as u64);
            }
            bar.set_position(step as u64);
        }
        News::NotKept { reason } => warn(format_args!("The classifier is not kept: {reason}")),
        News::Data(_) => {}
    };
    let (train, test) = match place {
        None => (with_bar(&mut Cifar10::load_with)?, with_bar(&mut Cifar10::load_test_with)?),
        Some(place) => (Cifar10::load_from(place)?, Cifar10::load_test_from(place)?),
    };
    let evaluator = Evaluator::load_or_train(&train, &test, &Recipe::default(), &mut news);
    bar.finish_and_clear();
    Ok(evaluator?)
}

fn row(iteration: usize, quality: &Quality) -> String {
    let Quality { frechet_distance, kernel_distance, precision_recall, .. } = quality;
    let obedience = quality.obedience().map_or("-".into(), |share| format!("{share:.3}"));
    format!(
        "{iteration:>9}  {frechet_distance:>16.2}  {:>17}  {:>9.3}  {:>6.3}  {obedience:>15}",
        kernel_distance.to_string(),
        precision_recall.precision,
        precision_recall.recall
    )
}
