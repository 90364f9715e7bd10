//! The command line: the lesson's training without a notebook.

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use gan_nb::data::{Cifar10, Dataset};
use gan_nb::display::{ImageGrid, image_grid};
use gan_nb::train::{Gan, GanConfig, History, Observer, Run, Samples, latent_noise};
use gan_nb::{Device, random};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

#[derive(Parser)]
#[command(version, about = "Trains and samples the lesson's GAN")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// CIFAR-10 on this machine
    #[command(subcommand)]
    Data(DataCommand),
    /// Train the two networks; Ctrl-C ends it well, with what was learned saved
    Train(Train),
    /// Draw images with a trained generator
    Sample(Sample),
}

#[derive(Subcommand)]
enum DataCommand {
    /// Where the data is and what it holds
    Info {
        /// Folder with cifar-10-batches-bin/ or cifar-10-binary.tar.gz [default: GAN_NB_DATA, else the user's cache]
        #[arg(long)]
        data: Option<PathBuf>,
    },
}

#[derive(clap::Args)]
struct Train {
    /// How many iterations
    #[arg(long, default_value_t = 10_000)]
    iterations: usize,
    /// Images a batch
    #[arg(long, default_value_t = 32)]
    batch_size: usize,
    /// Iterations from one picture to the next
    #[arg(long, default_value_t = 1_000)]
    sample_interval: usize,
    /// Where every random draw comes from
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// The tutorial's settings, or DCGAN's
    #[arg(long, value_enum, default_value_t = Settings::Tutorial)]
    settings: Settings,
    /// Folder with CIFAR-10 [default: GAN_NB_DATA, else the user's cache, else it is downloaded]
    #[arg(long)]
    data: Option<PathBuf>,
    /// Folder for weights, settings, history and pictures
    #[arg(long)]
    out: PathBuf,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Settings {
    Tutorial,
    Dcgan,
}

#[derive(clap::Args)]
struct Sample {
    /// The folder that `train --out` made
    #[arg(long)]
    run: PathBuf,
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

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Data(DataCommand::Info { data }) => info(data.as_deref()),
        Command::Train(arguments) => train(&arguments),
        Command::Sample(arguments) => sample(&arguments),
    }
}

/// The folder's data, or what the library finds or downloads when no folder is named.
fn load(folder: Option<&Path>) -> Result<Dataset> {
    if let Some(folder) = folder {
        return Ok(Cifar10::load_from(folder)?);
    }
    if Cifar10::find().is_none() {
        let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(
            "CIFAR-10 {bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
        )?);
        Cifar10::download(Cifar10::folder()?, &mut |done, total| {
            bar.set_length(total.unwrap_or(done));
            bar.set_position(done);
        })?;
        bar.finish_and_clear();
    }
    Ok(Cifar10::load()?)
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

fn train(arguments: &Train) -> Result<()> {
    let run = Run::create(&arguments.out)?;
    let x_train = load(arguments.data.as_deref())?;
    let settings = match arguments.settings {
        Settings::Tutorial => GanConfig::tutorial(),
        Settings::Dcgan => GanConfig::dcgan(),
    };
    let mut gan = Gan::new(GanConfig { seed: arguments.seed, ..settings })?;
    println!("{x_train}\n{}", Device::best());
    let mut watcher = Watcher::new(&arguments.out)?;
    let (iterations, batch_size) = (arguments.iterations, arguments.batch_size);
    let history = gan.train_observed(&x_train, iterations, batch_size, arguments.sample_interval, &mut watcher)?;
    run.save(&gan, &history, batch_size)?;
    history.plot()?.save(arguments.out.join("history.png"))?;
    println!("{history}\nsaved in {}", arguments.out.display());
    Ok(())
}

/// Shows a bar with rate and time left, writes the pictures, and ends the run at Ctrl-C.
struct Watcher {
    folder: PathBuf,
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
    /// The newest, counted from 0 as the log lines do.
    iteration: usize,
}

impl Watcher {
    fn new(folder: &Path) -> Result<Self> {
        let template = "{bar:40} {pos}/{len}  {per_sec}, {eta} left  {msg}";
        let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(template)?);
        let stop = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&stop);
        ctrlc::set_handler(move || {
            // The second press is for those who can't wait for the iteration's end.
            if flag.swap(true, Relaxed) {
                std::process::exit(130);
            }
        })?;
        Ok(Self { folder: folder.into(), bar, stop, iteration: 0 })
    }
}

impl Observer for Watcher {
    fn iteration(&mut self, history: &History) {
        self.iteration = history.len().saturating_sub(1);
        self.bar.set_length(history.planned as u64);
        self.bar.set_position(history.len() as u64);
        if let Some(step) = history.steps.last() {
            self.bar.set_message(format!("D {:.3} G {:.3}", step.d_loss(), step.g_loss));
        }
    }

    fn sample(&mut self, log_line: &str, samples: &Samples) -> gan_nb::Result<()> {
        self.bar.suspend(|| println!("{log_line}"));
        for (noise, images) in [("fixed", &samples.fixed), ("fresh", &samples.fresh)] {
            image_grid(images, 5)?.save(self.folder.join(format!("{noise}_{:06}.png", self.iteration)))?;
        }
        Ok(())
    }

    fn finished(&mut self, history: &History) -> gan_nb::Result<()> {
        self.bar.finish_and_clear();
        if history.len() < history.planned {
            println!("Stopped after {} of {} iterations.", history.len(), history.planned);
        }
        Ok(())
    }

    fn stop_requested(&self) -> bool {
        self.stop.load(Relaxed)
    }
}

fn sample(arguments: &Sample) -> Result<()> {
    let count = arguments.count;
    ensure!((1..=10_000).contains(&count), "--count is {count}, expected 1 to 10000. Draw more in several files.");
    let (generator, _) = Run::open(&arguments.run)?.models()?;
    let z = latent_noise(&mut random::stream(arguments.seed, "samples"), &generator, count)?;
    let columns = (count as f64).sqrt().ceil() as usize;
    let alt = format!("{count} generated images");
    ImageGrid::new(columns).alt(alt).draw(&generator.predict(&z)?)?.save(&arguments.out)?;
    println!("{count} images in {}", arguments.out.display());
    Ok(())
}
