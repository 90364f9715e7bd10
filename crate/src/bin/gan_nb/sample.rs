//! `gan_nb sample`: images of a generator that was trained before.

mod files;

use crate::output::say;
use crate::paths;
use crate::place::Place;
use anyhow::{Context, Result, bail, ensure};
use files::Files;
use gan_nb::display::Figure;
use gan_nb::imaging::denormalize;
use gan_nb::random;
use gan_nb::runs::{Run, RunConfig};
use gan_nb::train::latent_noise;
use std::path::PathBuf;

/// A grid of more could not be looked at; what other programs measure takes tens of thousands.
const MOST_IN_A_GRID: usize = 10_000;
const MOST: usize = 100_000;
/// Images that are drawn at a time.
const BATCH: usize = 100;

#[derive(clap::Args)]
pub struct Sample {
    /// The folder that `train --out` made
    #[arg(long, value_parser = paths::parser())]
    run: PathBuf,
    /// Of the checkpoint whose images came closest to photos, not of the newest
    #[arg(long)]
    best: bool,
    /// Of this class alone, by name or number, for networks that are told the class [default: all in turn]
    #[arg(long)]
    class: Option<String>,
    /// How many images
    #[arg(long, default_value_t = 25)]
    count: usize,
    /// Where the noise comes from
    #[arg(long, default_value_t = 42)]
    seed: u64,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    to: To,
}

/// Where the images go: one of these, or several.
#[derive(clap::Args)]
#[group(required = true, multiple = true)]
pub struct To {
    /// One file with all images in a grid, of networks that are told the class with a column for each: png, gif, jpg, jpeg,
    /// webp or bmp, as its name says
    #[arg(long, value_parser = paths::parser())]
    out: Option<PathBuf>,
    /// A file for NumPy: uint8, (N, H, W, 3)
    #[arg(long, value_parser = paths::parser())]
    npy: Option<PathBuf>,
    /// A folder for one PNG file each, 00000.png and so on, as the programs that compute an FID read them
    #[arg(long, value_parser = paths::parser())]
    folder: Option<PathBuf>,
}

/// Draws what `sample …` asks for.
pub fn run(arguments: &Sample) -> Result<()> {
    let (count, to) = (arguments.count, &arguments.to);
    let (most, hint) = match to.out {
        Some(_) => (MOST_IN_A_GRID, "Draw more in several files, or with --npy or --folder and without --out."),
        None => (MOST, "Draw more in several runs, each with another --seed."),
    };
    ensure!((1..=most).contains(&count), "--count is {count}, expected 1 to {most}. {hint}");
    to.out.as_deref().map(Figure::check_name).transpose()?;
    arguments.place.choose()?;
    let run = Run::open(&arguments.run)?;
    let (generator, _) = if arguments.best { run.best_models()? } else { run.models()? };
    let config = run.config()?;
    let class = arguments.class.as_deref().map(|class| number_of(class, &config)).transpose()?;
    let gan = config.gan()?;
    let [h, w, c] = *generator.output_shape() else { bail!("{}: its images have no height and width", config.game) };

    let turn = if class.is_none() { gan.modern.classes.max(1) as usize } else { 1 };
    let mut files = Files::begin(to, [count as i64, h, w, c], turn)?;
    let mut noise = random::stream(arguments.seed, "samples");
    // Of whole turns, so that each batch begins with the first class.
    let batch = BATCH.div_ceil(turn) * turn;
    for done in (0..count).step_by(batch) {
        let z = latent_noise(&mut noise, &generator, batch.min(count - done))?;
        files.add(&denormalize(&gan.draw(&generator, &z, class)?)?)?;
    }
    for place in files.finish()? {
        say(format_args!("{count} images in {}", place.display()))?;
    }
    Ok(())
}

/// The number of a class that is named, or numbered already. Names go first: MNIST's and some folders' are numbers themselves.
fn number_of(class: &str, config: &RunConfig) -> Result<i64> {
    let names = config.data.as_ref().map(|data| data.class_names()).unwrap_or_default();
    if let Some(place) = names.iter().position(|name| name == class) {
        return Ok(place as i64);
    }
    let expected = if names.is_empty() { "a number".into() } else { names.join(", ") };
    class.parse().ok().with_context(|| format!("--class is {class}, expected one of: {expected}."))
}
