//! `gan_nb data`: CIFAR-10 on this machine.

use anyhow::{Context, Result};
use clap::Subcommand;
use gan_nb::data::{Cifar10, Dataset, News};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum Data {
    /// Where the data is and what it holds
    Info {
        /// Folder with cifar-10-batches-bin/ or cifar-10-binary.tar.gz [default: GAN_NB_DATA, else the user's cache]
        #[arg(long)]
        data: Option<PathBuf>,
    },
}

/// Does what `data …` asks for.
pub fn run(command: &Data) -> Result<()> {
    let Data::Info { data } = command;
    info(data.as_deref())
}

/// The folder's data, or what the library finds or downloads when no folder is named.
pub fn load(folder: Option<&Path>) -> Result<Dataset> {
    if let Some(folder) = folder {
        return Ok(Cifar10::load_from(folder)?);
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

fn info(folder: Option<&Path>) -> Result<()> {
    let folder = match folder {
        Some(folder) => folder.to_path_buf(),
        None => Cifar10::find().with_context(|| {
            format!(
                "no CIFAR-10 yet; `gan_nb train` downloads it into {}",
                Cifar10::folder().map_or_else(|e| e.to_string(), |f| f.display().to_string())
            )
        })?,
    };
    let (train, test) = (Cifar10::load_from(&folder)?, Cifar10::load_test_from(&folder)?);
    println!("{}\n{train}\n{test}", folder.display());
    let mut counts = vec![0; train.class_names().len()];
    for i in 0..train.len() {
        counts[train.label(i)?] += 1;
    }
    for (name, count) in train.class_names().iter().zip(counts) {
        println!("  {name:<12}{count:>6} training images");
    }
    Ok(())
}
