//! `gan_nb evaluate`: how good the images of a run's generators are.

use crate::output::{say, warn};
use crate::paths;
use anyhow::{Result, ensure};
use gan_nb::metrics::{Evaluator, News, Quality, Recipe};
use gan_nb::nn::Sequential;
use gan_nb::runs::Run;
use gan_nb::train::{GanConfig, latent_noise};
use gan_nb::{data::Cifar10, random, tch::Tensor};
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
}

/// Measures what `evaluate …` asks for.
pub fn run(arguments: &Evaluate) -> Result<()> {
    let Evaluate { count, seed, .. } = *arguments;
    ensure!(
        (20..=100_000).contains(&count),
        "--count is {count}, expected 20 to 100000. Papers measure 10000 or more."
    );
    let run = Run::open(&arguments.run)?;
    let config = run.config()?.gan()?;
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
            say(row(saved.iteration, &measure(&evaluator, &generator, &config, count, seed)?))?;
        }
        return Ok(());
    }
    let (generator, _) = match arguments.checkpoint {
        Some(iteration) => run.models_at(iteration)?,
        None if arguments.best => run.best_models()?,
        None => run.models()?,
    };
    let evaluator = ready(arguments.data.as_deref())?;
    say(measure(&evaluator, &generator, &config, count, seed)?)?;
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
    let evaluator = match place {
        None => Evaluator::cifar10_with(&mut news),
        Some(place) => {
            let (train, test) = (Cifar10::load_from(place)?, Cifar10::load_test_from(place)?);
            Evaluator::load_or_train(&train, &test, &Recipe::default(), &mut news)
        }
    };
    bar.finish_and_clear();
    Ok(evaluator?)
}

/// Images of fresh noise, of all classes in turn where the generator is told one.
fn measure(
    evaluator: &Evaluator,
    generator: &Sequential,
    config: &GanConfig,
    count: usize,
    seed: u64,
) -> Result<Quality> {
    let mut noise = random::stream(seed, "evaluation");
    let classes = config.modern.classes;
    let quality = evaluator.measure(count, |start, count| {
        let z = latent_noise(&mut noise, generator, count)?;
        let numbers: Vec<i64> = (start..start + count).map(|i| i as i64 % classes.max(1)).collect();
        let classes =
            (classes > 0).then(|| Tensor::f_from_slice(&numbers)?.f_to_device(generator.device())).transpose()?;
        Ok((generator.predict_with(&z, classes.as_ref())?, classes))
    });
    Ok(quality?)
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
