//! Figures and tables of what has been trained.

mod comparison;
mod history_plot;
mod summary_table;
