//! The data sets: read, fetched and drawn, whole and damaged.
#![allow(clippy::unwrap_used, clippy::panic)] // Helpers too: clippy lets only the tests themselves.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/peak.rs"]
mod peak;

mod cifar10;
mod dataset;
mod download;
mod download_disk;
mod download_faults;
mod found;
mod hostile;
mod lookup;
mod memory;
mod mnist;
mod photo_files;
mod photos;
mod photos_kept;
mod server;
mod textures;
