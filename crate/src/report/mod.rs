//! Figures and tables of what has been trained.

mod checkpoint_table;
mod comparison;
mod history_plot;
mod summary_table;
