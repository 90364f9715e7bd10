//! What is timed: a GAN, its data and one iteration of its training.

use crate::precision::Precision;
use anyhow::{Context, Result};
use gan_nb::data::{Cifar10, Dataset};
use gan_nb::train::{Gan, GanConfig, Metrics};
use gan_nb::{random, tch};
use rand::RngCore;
use std::path::Path;
use std::time::Instant;

/// As many as CIFAR-10 has, so that a batch is gathered from as wide a memory.
const IMAGES: usize = 50_000;
const SIDE: usize = 32;

pub struct Stage {
    pub gan: Gan,
    pub data: Dataset,
    pub batch_size: usize,
    precision: Precision,
    /// How long the data took to load.
    pub load_seconds: f64,
    /// What the last iteration gave.
    pub last: Option<Metrics>,
}

impl Stage {
    /// The tutorial's networks and the data of this folder, or that which is on this machine, or random bytes.
    pub fn open(folder: Option<&Path>, batch_size: usize, precision: Precision) -> Result<Self> {
        let start = Instant::now();
        let data = match folder {
            Some(folder) => Cifar10::load_from(folder)?,
            None => Cifar10::find().map_or_else(random_bytes, Cifar10::load_from)?,
        };
        let load_seconds = start.elapsed().as_secs_f64();
        let gan = networks(precision)?;
        Ok(Self { gan, data, batch_size, precision, load_seconds, last: None })
    }

    /// New networks, for batches of another size.
    pub fn begin(&mut self, batch_size: usize) -> Result<()> {
        self.gan = networks(self.precision)?;
        self.batch_size = batch_size;
        Ok(())
    }

    /// Trains once and says how long it took, from one moment when nothing is under way to the next. (In a training a GPU
    /// is told the next iteration meanwhile.)
    pub fn iteration(&mut self) -> Result<f64> {
        let start = Instant::now();
        self.last = Some(self.gan.train_iteration(&self.data, self.batch_size)?);
        synchronize(&self.gan);
        Ok(start.elapsed().as_secs_f64())
    }

    /// Seconds an iteration of so many that are asked for one after the other, until the last is done.
    pub fn free_running(&mut self, iterations: usize) -> Result<f64> {
        let start = Instant::now();
        for _ in 0..iterations {
            self.last = Some(self.gan.train_iteration(&self.data, self.batch_size)?);
        }
        synchronize(&self.gan);
        Ok(start.elapsed().as_secs_f64() / iterations as f64)
    }

    /// Seconds to draw a batch and make floats of it, which an iteration does once. Right after an iteration the caches
    /// hold none of the images, as it is in training.
    pub fn assembly(&mut self) -> Result<f64> {
        let start = Instant::now();
        let _real = self.gan.real_batch(&self.data, self.batch_size)?;
        synchronize(&self.gan);
        Ok(start.elapsed().as_secs_f64())
    }

    /// What the last iteration gave; asked for once.
    pub fn metrics(&mut self) -> Result<Metrics> {
        let none = "no iteration yet. This is a mistake in gan_nb bench";
        self.last.take().context(none)
    }
}

fn networks(precision: Precision) -> Result<Gan> {
    precision.of(Gan::new(GanConfig::tutorial())?)
}

/// Images that nothing was drawn in: arithmetic takes as long on them.
fn random_bytes() -> gan_nb::Result<Dataset> {
    let mut images = vec![0; IMAGES * SIDE * SIDE * 3];
    random::stream(42, "bench").fill_bytes(&mut images);
    Dataset::new("random bytes", images, vec![0; IMAGES], (SIDE, SIDE, 3), &["noise"])
}

/// Waits for what is under way on a GPU; the CPU's work is done when its call returns.
pub fn synchronize(gan: &Gan) {
    if let tch::Device::Cuda(index) = gan.generator.device() {
        tch::Cuda::synchronize(index as i64);
    }
}
