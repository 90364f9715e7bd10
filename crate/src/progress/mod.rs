//! What a person sees while something trains.

mod cell_loop;
mod data_news;
mod evaluator_news;
mod live_panel;
mod live_screen;
mod loss_log;
mod notebook;
mod samples;
mod screen;
pub(crate) mod spanish;
mod text_screen;

pub use cell_loop::Progress;
pub use loss_log::Log;
pub use notebook::NotebookObserver;
