//! `gan_nb data`: the pictures on this machine.

use crate::output::{say, warn};
use crate::paths;
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use gan_nb::data::{Cifar10, Dataset, FashionMnist, Mnist, News, Photos};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};

/// The words that --data takes in place of a path.
const MNIST: &str = "mnist";
const FASHION_MNIST: &str = "fashion-mnist";
/// So many files that were left out are named while another command goes on.
const SHOWN: usize = 3;

#[derive(Subcommand)]
pub enum Data {
    /// Where the data is and what it holds
    Info(Which),
}

/// Which pictures.
#[derive(clap::Args)]
pub struct Which {
    /// A folder of photos, whose sub-folders are the classes; `mnist` or `fashion-mnist`; CIFAR-10's archive or a folder with it
    /// [default: CIFAR-10 in GAN_NB_DATA, else in the user's cache, else it is downloaded]
    #[arg(long, value_parser = paths::parser())]
    data: Option<PathBuf>,
    /// Photos only: their height and width in pixels, a multiple of 8 [default: 32; with --resume, the run's]
    #[arg(long)]
    size: Option<u32>,
}

enum Source<'a> {
    Cifar10(Option<&'a Path>),
    Mnist,
    FashionMnist,
    Photos(Photos),
}

/// Does what `data …` asks for.
pub fn run(command: &Data) -> Result<()> {
    let Data::Info(which) = command;
    match which.source(32)? {
        Source::Cifar10(place) => cifar10_info(place),
        Source::Mnist => pair_info(&mut Mnist::load_with, &mut Mnist::load_test_with),
        Source::FashionMnist => pair_info(&mut FashionMnist::load_with, &mut FashionMnist::load_test_with),
        Source::Photos(photos) => {
            let data = with_bar(&mut |news| photos.load_with(news))?;
            say(&data)?;
            count(&data, "images")?;
            for file in data.skipped() {
                say(format_args!("left out: {file}"))?;
            }
            Ok(())
        }
    }
}

impl Which {
    /// The pictures, or what the library finds or downloads when none are named. Photos without a size get this one.
    pub fn load(&self, size: u32) -> Result<Dataset> {
        match self.source(size)? {
            Source::Cifar10(Some(place)) => Ok(Cifar10::load_from(place)?),
            Source::Cifar10(None) => with_bar(&mut Cifar10::load_with),
            Source::Mnist => with_bar(&mut Mnist::load_with),
            Source::FashionMnist => with_bar(&mut FashionMnist::load_with),
            Source::Photos(photos) => with_bar(&mut |news| photos.load_with(news)),
        }
    }

    /// Whether --data was given.
    pub fn is_named(&self) -> bool {
        self.data.is_some()
    }

    /// Whether --size was given.
    pub fn has_size(&self) -> bool {
        self.size.is_some()
    }

    fn source(&self, size: u32) -> Result<Source<'_>> {
        let (source, name) = match self.data.as_deref() {
            Some(path) if path.as_os_str() == MNIST => (Source::Mnist, Mnist::NAME),
            Some(path) if path.as_os_str() == FASHION_MNIST => (Source::FashionMnist, FashionMnist::NAME),
            Some(path) if !Cifar10::is_at(path) && Photos::are_in(path) => {
                return Ok(Source::Photos(Photos::in_folder(path).size(self.size.unwrap_or(size))));
            }
            place => (Source::Cifar10(place), Cifar10::NAME),
        };
        match self.size {
            None => Ok(source),
            Some(size) => {
                if let Source::Cifar10(Some(place)) = source
                    && !Cifar10::is_at(place)
                {
                    bail!("{}: found no photos, expected a folder of them, as --size was given.", place.display());
                }
                bail!(
                    "--size is {size}, but {name}'s pictures are 32 x 32. It is for a folder of photos: name one with --data."
                )
            }
        }
    }
}

/// Any of the library's ways to load pictures and tell what happens meanwhile.
type Load<'a> = dyn FnMut(&mut dyn FnMut(News)) -> gan_nb::Result<Dataset> + 'a;

/// Loads with a bar, and says on standard error what is left out.
pub fn with_bar(load: &mut Load) -> Result<Dataset> {
    let bytes = ProgressStyle::with_template("{msg} {bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left")?;
    let photos = ProgressStyle::with_template("photos {bar:40} {pos} of {len}, {per_sec}, {eta} left")?;
    let bar = ProgressBar::new(0).with_style(bytes);
    let data = load(&mut |news| match news {
        News::Downloading { name, bytes, total } => {
            bar.set_message(name.to_string());
            bar.set_length(total.unwrap_or(bytes));
            bar.set_position(bytes);
        }
        News::Reading { done, total } => {
            if done == 0 {
                bar.set_style(photos.clone());
            }
            bar.set_length(total as u64);
            bar.set_position(done as u64);
        }
        News::Skipped { files, taken } => bar.suspend(|| {
            warn(format_args!("{taken} photos, and {} left out:", files.len()));
            files.iter().take(SHOWN).for_each(|file| warn(format_args!("  {file}")));
            if files.len() > SHOWN {
                warn("  and more: `gan_nb data info` names them all");
            }
        }),
        News::NotKept { reason } => bar.suspend(|| warn(reason)),
        _ => {}
    });
    bar.finish_and_clear();
    Ok(data?)
}

fn cifar10_info(place: Option<&Path>) -> Result<()> {
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
    count(&train, "training images")
}

fn pair_info(train: &mut Load, test: &mut Load) -> Result<()> {
    let (train, test) = (with_bar(train)?, with_bar(test)?);
    say(format_args!("{train}\n{test}"))?;
    count(&train, "training images")
}

/// A line for each class.
fn count(data: &Dataset, what: &str) -> Result<()> {
    let mut counts = vec![0; data.class_names().len()];
    for i in 0..data.len() {
        counts[data.label(i)?] += 1;
    }
    for (name, count) in data.class_names().iter().zip(counts) {
        say(format_args!("  {name:<12}{count:>6} {what}"))?;
    }
    Ok(())
}
