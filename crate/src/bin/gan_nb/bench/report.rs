//! What was measured, for people and as JSON.

use super::GENERATED;
use super::panel::Panel;
use super::stage::Stage;
use super::statistics::{median, range};
use gan_nb::{Device, tch};
use serde::Serialize;
use std::fmt;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The names are those of the other systems' programs (scripts/python/bench), as far as these have them.
#[derive(Serialize)]
pub struct Report {
    pub system: &'static str,
    pub device: String,
    pub threads: i32,
    pub data: String,
    pub batch_size: usize,
    pub load_seconds: f64,
    /// When the first trained iteration ended, in seconds since 1970: who started the program knows when that was.
    pub first_iteration_at: f64,
    /// The same since this program's first line; the loader's work on libtorch comes before that.
    pub first_iteration_seconds: f64,
    pub iteration_seconds: Vec<f64>,
    /// On a GPU: seconds an iteration while the host asks for the next ones meanwhile, as in a training; once for each block.
    pub free_running_seconds: Vec<f64>,
    pub assembly_seconds: Vec<f64>,
    /// The most memory held at once until training ended, where the system tells (Linux).
    pub peak_bytes: Option<u64>,
    pub generation_batch: usize,
    pub generation_seconds: Vec<f64>,
    pub panel: Option<Panel>,
    pub batch_sizes: Vec<Size>,
}

/// The iteration with another batch size.
#[derive(Serialize)]
pub struct Size {
    pub batch_size: usize,
    pub seconds: Vec<f64>,
}

impl Report {
    pub fn new(stage: &Stage, batch_size: usize) -> Self {
        Self {
            system: "gan_nb",
            device: Device::best().to_string(),
            threads: tch::get_num_threads(),
            data: stage.data.to_string(),
            batch_size,
            load_seconds: stage.load_seconds,
            first_iteration_at: 0.0,
            first_iteration_seconds: 0.0,
            iteration_seconds: Vec::new(),
            free_running_seconds: Vec::new(),
            assembly_seconds: Vec::new(),
            peak_bytes: None,
            generation_batch: GENERATED,
            generation_seconds: Vec::new(),
            panel: None,
            batch_sizes: Vec::new(),
        }
    }

    /// Takes down that the first iteration has just ended.
    pub fn first_iteration(&mut self, start: Instant) {
        self.first_iteration_seconds = start.elapsed().as_secs_f64();
        self.first_iteration_at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let iteration = median(&self.iteration_seconds);
        let (fastest, slowest) = range(&self.iteration_seconds);
        let count = self.iteration_seconds.len();
        writeln!(f, "{}; {}\n", self.device, self.data)?;
        let mut row = |name: &str, value: String| writeln!(f, "{name:<34}{value}");
        row(
            &format!("iteration, batch {}", self.batch_size),
            format!("{iteration:.4} s (median of {count}; {fastest:.4} to {slowest:.4})"),
        )?;
        if !self.free_running_seconds.is_empty() {
            let seconds = median(&self.free_running_seconds);
            row("the same, one after the other", format!("{seconds:.6} s, nobody waiting for the GPU in between"))?;
        }
        let share = 100.0 * median(&self.assembly_seconds) / iteration;
        row("of it, batch assembly", format!("{share:.2} %"))?;
        if let Some(panel) = &self.panel {
            let share = 100.0 * panel.record_seconds / median(&panel.bare_seconds);
            row(
                "live panel and history",
                format!("{share:.2} % more (training beside training: x {:.4})", panel.ratio()),
            )?;
        }
        let rate = self.generation_batch as f64 / median(&self.generation_seconds);
        row(&format!("generation, {} at a time", self.generation_batch), format!("{rate:.0} images/s"))?;
        row("first trained iteration", format!("{:.2} s after the start", self.first_iteration_seconds))?;
        row("loading the data", format!("{:.2} s of these", self.load_seconds))?;
        if let Some(bytes) = self.peak_bytes {
            row("peak memory of the training", format!("{:.0} MiB", bytes as f64 / f64::from(1 << 20)))?;
        }
        for Size { batch_size, seconds } in &self.batch_sizes {
            let image = 1e3 * median(seconds) / *batch_size as f64;
            row(&format!("an image of a batch of {batch_size}"), format!("{image:.2} ms"))?;
        }
        Ok(())
    }
}
