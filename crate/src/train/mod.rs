//! Training: the algorithm, its settings, what it records and what it keeps.

mod checkpoint;
mod config;
mod gan;
mod history;
mod notebook;
mod observer;
mod plot;
mod samples;

pub use checkpoint::{Run, RunConfig};
pub use config::GanConfig;
pub use gan::{Gan, latent_noise};
pub use history::{History, Step};
pub use notebook::NotebookObserver;
pub use observer::{Observer, cap_steps};
pub use samples::Samples;
