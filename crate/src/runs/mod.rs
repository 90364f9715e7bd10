//! What a run keeps on disk. Nothing here prints.

mod branch;
mod checkpoint;
mod checkpoint_header;
mod checkpoint_list;
mod collection;
mod config_file;
mod evaluation;
mod folder;
mod history_file;
mod lock;
mod measuring;
mod opening;
mod quality_file;
mod resume;
mod saved;
mod writer;

pub(crate) use collection::Entry;
pub use collection::Runs;
pub use config_file::{DataConfig, RunConfig};
pub use folder::Run;
pub use quality_file::Measured;
pub use saved::Saved;
