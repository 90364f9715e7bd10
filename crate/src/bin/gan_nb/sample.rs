//! `gan_nb sample`: images of a generator that was trained before.

use crate::output::say;
use crate::paths;
use anyhow::{Context, Result, ensure};
use gan_nb::data;
use gan_nb::display::{Figure, ImageGrid};
use gan_nb::random;
use gan_nb::runs::{Run, RunConfig};
use gan_nb::train::latent_noise;
use std::path::PathBuf;

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
    /// The file to write: png, gif, jpg, jpeg, webp or bmp, as its name says
    #[arg(long, value_parser = paths::parser())]
    out: PathBuf,
}

/// Draws what `sample …` asks for.
pub fn run(arguments: &Sample) -> Result<()> {
    let count = arguments.count;
    ensure!((1..=10_000).contains(&count), "--count is {count}, expected 1 to 10000. Draw more in several files.");
    Figure::check_name(&arguments.out)?;
    let run = Run::open(&arguments.run)?;
    let (generator, _) = if arguments.best { run.best_models()? } else { run.models()? };
    let config = run.config()?;
    let class = arguments.class.as_deref().map(|class| number_of(class, &config)).transpose()?;
    let z = latent_noise(&mut random::stream(arguments.seed, "samples"), &generator, count)?;
    let columns = (count as f64).sqrt().ceil() as usize;
    let alt = format!("{count} generated images");
    ImageGrid::new(columns).alt(alt).draw(&config.gan()?.draw(&generator, &z, class)?)?.save(&arguments.out)?;
    say(format_args!("{count} images in {}", arguments.out.display()))?;
    Ok(())
}

/// The number of a class that is named, or numbered already.
fn number_of(class: &str, config: &RunConfig) -> Result<i64> {
    if let Ok(number) = class.parse() {
        return Ok(number);
    }
    let names = config.data.as_ref().and_then(|data| data::class_names(&data.name)).unwrap_or_default();
    let found = names.iter().position(|name| *name == class);
    let expected = if names.is_empty() { "a number".into() } else { names.join(", ") };
    found.map(|place| place as i64).with_context(|| format!("--class is {class}, expected one of: {expected}."))
}
