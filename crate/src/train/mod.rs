//! Training: the algorithm, its settings and what it records. Nothing here opens a file, prints or draws.
//!
//! [`Game`] is the door: what is trained, shown, kept and resumed. [`Trainer`] trains any; [`Gan`] is the tutorial's.

pub mod batch_memory;
mod compile;
mod config;
mod deferred;
mod drawing;
mod fit;
mod game;
mod gan;
mod health;
mod history;
mod keeper;
mod metric;
mod modern;
mod modern_config;
mod networks;
mod noise;
mod notice;
mod observer;
mod plan;
mod presets;
mod products;
mod recordings;
mod samples;
mod sampling;
mod session;
mod streams;
mod trainer;
mod training;

pub use crate::platform::env::max_steps;
pub use config::GanConfig;
pub use deferred::Metrics;
pub use fit::Fit;
pub use game::{Batch, Game, Parts};
pub(crate) use gan::{AVERAGE, GENERATOR};
pub use gan::{Gan, GanGame};
pub use health::one_sided;
pub use history::History;
pub use keeper::{Keeper, State};
pub use metric::{Metric, MetricList, Quantity, Reference};
pub use modern_config::{Loss, ModernConfig};
pub(crate) use noise::game_noise;
pub use noise::{fixed_noise, latent_noise};
pub use notice::Notice;
pub use observer::Observer;
pub use plan::Plan;
pub use samples::Samples;
pub use session::Session;
pub(crate) use session::{MOST, PAUSE};
pub use streams::Streams;
pub use trainer::Trainer;
