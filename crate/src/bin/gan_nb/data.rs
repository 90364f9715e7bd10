//! `gan_nb data`: CIFAR-10 on this machine.

use crate::output::say;
use crate::paths;
use anyhow::{Context, Result};
use clap::Subcommand;
use gan_nb::data::{Cifar10, Dataset, News};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum Data {
    /// Where the data is and what it holds
    Info {
        /// CIFAR-10's archive or a folder with it [default: GAN_NB_DATA, else the user's cache]
        #[arg(long, value_parser = paths::parser())]
        data: Option<PathBuf>,
    },
}

/// Does what `data …` asks for.
pub fn run(command: &Data) -> Result<()> {
    let Data::Info { data } = command;
    info(data.as_deref())
}

/// The data of this place, or what the library finds or downloads when none is named.
pub fn load(place: Option<&Path>) -> Result<Dataset> {
    if let Some(place) = place {
        return Ok(Cifar10::load_from(place)?);
    }
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(
        "CIFAR-10 {bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
    )?);
    let data = Cifar10::load_with(&mut |news| {
        if let News::Downloading { bytes, total } = news {
            bar.set_length(total.unwrap_or(bytes));
            bar.set_position(bytes);
        }
    });
    bar.finish_and_clear();
    Ok(data?)
}

fn info(place: Option<&Path>) -> Result<()> {
    let place = match place {
        Some(place) => place.to_path_buf(),
        None => Cifar10::find().with_context(|| {
            format!(
                "no CIFAR-10 yet; `gan_nb train` downloads it into {}",
                Cifar10::folder().map_or_else(|e| e.to_string(), |f| f.display().to_string())
            )
        })?,
    };
    let (train, test) = (Cifar10::load_from(&place)?, Cifar10::load_test_from(&place)?);
    say(format_args!("{}\n{train}\n{test}", place.display()))?;
    let mut counts = vec![0; train.class_names().len()];
    for i in 0..train.len() {
        counts[train.label(i)?] += 1;
    }
    for (name, count) in train.class_names().iter().zip(counts) {
        say(format_args!("  {name:<12}{count:>6} training images"))?;
    }
    Ok(())
}
