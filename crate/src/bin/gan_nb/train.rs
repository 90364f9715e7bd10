//! `gan_nb train`: a run with a bar, its pictures and its record in a folder.

use crate::data;
use anyhow::Result;
use gan_nb::Device;
use gan_nb::display::image_grid;
use gan_nb::train::{Gan, GanConfig, History, Observer, Run, Samples};
use indicatif::{ProgressBar, ProgressStyle};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

#[derive(clap::Args)]
pub struct Train {
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
    /// Compute in 16 bits where that does no harm: for GPUs with tensor cores
    #[arg(long)]
    mixed_precision: bool,
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

/// Trains as `train …` asks.
pub fn run(arguments: &Train) -> Result<()> {
    let run = Run::create(&arguments.out)?;
    let x_train = data::load(arguments.data.as_deref())?;
    let settings = match arguments.settings {
        Settings::Tutorial => GanConfig::tutorial(),
        Settings::Dcgan => GanConfig::dcgan(),
    };
    let mut gan = Gan::new(GanConfig { seed: arguments.seed, ..settings })?;
    if arguments.mixed_precision {
        gan = gan.mixed_precision();
    }
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
