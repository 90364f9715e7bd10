//! `gan_nb sample`: images of a generator that was trained before.

use anyhow::{Result, ensure};
use gan_nb::display::ImageGrid;
use gan_nb::random;
use gan_nb::runs::Run;
use gan_nb::train::latent_noise;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Sample {
    /// The folder that `train --out` made
    #[arg(long)]
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
    /// The PNG file to write
    #[arg(long)]
    out: PathBuf,
}

/// Draws what `sample …` asks for.
pub fn run(arguments: &Sample) -> Result<()> {
    let count = arguments.count;
    ensure!((1..=10_000).contains(&count), "--count is {count}, expected 1 to 10000. Draw more in several files.");
    let run = Run::open(&arguments.run)?;
    let (generator, _) = if arguments.best { run.best_models()? } else { run.models()? };
    let z = latent_noise(&mut random::stream(arguments.seed, "samples"), &generator, count)?;
    let columns = (count as f64).sqrt().ceil() as usize;
    let alt = format!("{count} generated images");
    ImageGrid::new(columns).alt(alt).draw(&generator.predict(&z)?)?.save(&arguments.out)?;
    println!("{count} images in {}", arguments.out.display());
    Ok(())
}
