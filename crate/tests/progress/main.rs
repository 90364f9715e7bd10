//! What a person sees while it trains, and the button that stops it.
#![allow(clippy::unwrap_used, clippy::panic)] // Helpers too: clippy lets only the tests themselves.

#[path = "../common/mod.rs"]
mod common;

mod cell_loop;
mod if_lost;
mod leaks;
mod live;
mod stop;
mod stopping;
