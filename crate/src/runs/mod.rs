//! What a run keeps on disk.

mod checkpoint;
mod checkpoint_file;
mod checkpoint_list;
mod collection;
mod config_file;
mod folder;
mod resume;
mod writer;

pub use checkpoint_list::Saved;
pub use collection::Runs;
pub use config_file::{DataConfig, RunConfig};
pub use folder::Run;
pub(crate) use writer::Keeper;
