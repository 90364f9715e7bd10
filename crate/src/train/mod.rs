//! Training: the algorithm, its settings, what it records and what it keeps.

mod checkpoint;
mod comparison;
mod config;
mod gan;
mod history;
mod live;
mod log;
mod losses;
mod notebook;
mod observer;
mod panel;
mod plain;
mod plot;
mod progress;
mod runs;
mod samples;
mod screen;
mod training;
mod words;

pub use checkpoint::{Run, RunConfig};
pub use config::GanConfig;
pub use gan::{Gan, fixed_noise, latent_noise};
pub use history::{History, Step};
pub use log::Log;
pub use losses::Losses;
pub use notebook::NotebookObserver;
pub use observer::{Observer, cap_steps};
pub use progress::Progress;
pub use runs::Runs;
pub use samples::Samples;
pub use training::Training;
