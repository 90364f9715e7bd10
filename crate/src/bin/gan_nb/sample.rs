//! `gan_nb sample`: images of a generator that was trained before.

use crate::output::say;
use crate::paths;
use anyhow::{Result, ensure};
use gan_nb::display::{Figure, ImageGrid};
use gan_nb::random;
use gan_nb::runs::Run;
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
    let z = latent_noise(&mut random::stream(arguments.seed, "samples"), &generator, count)?;
    let columns = (count as f64).sqrt().ceil() as usize;
    let alt = format!("{count} generated images");
    ImageGrid::new(columns).alt(alt).draw(&generator.predict(&z)?)?.save(&arguments.out)?;
    say(format_args!("{count} images in {}", arguments.out.display()))?;
    Ok(())
}
