//! What becomes of a cell's source text.

pub mod instrument;
