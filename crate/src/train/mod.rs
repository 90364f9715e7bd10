//! Training: the algorithm, its settings and what it records.

pub mod batch_memory;
mod config;
mod deferred;
mod gan;
mod health;
mod history;
mod notice;
mod observer;
mod samples;
mod sampling;
mod session;

pub use config::GanConfig;
pub use deferred::Losses;
pub use gan::Gan;
pub(crate) use history::mean;
pub use history::{History, Step};
pub use notice::Notice;
pub use observer::{Observer, cap_steps};
pub use samples::Samples;
pub use sampling::{fixed_noise, latent_noise};
pub use session::Training;
pub(crate) use session::{MOST, PAUSE};
