//! What was measured before, in a file of the user's cache folder.

use crate::nn::convolution::Products;
use crate::platform::atomic_file::write_whole;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// Goes up with whatever changes how long a product takes.
const FORMAT: u32 = 1;

/// The choices of one machine, by the convolution.
type Choices = BTreeMap<String, Products>;

/// The file, read, with the choices of this machine at hand.
#[derive(Debug)]
pub(super) struct Kept {
    /// None where the system has no cache folder.
    path: Option<PathBuf>,
    machine: String,
    machines: BTreeMap<String, Choices>,
    has_new: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: u32,
    machines: BTreeMap<String, Choices>,
}

impl Kept {
    /// A file that is missing, damaged or of another format counts as empty, and is written anew.
    pub(super) fn read(path: Option<PathBuf>, machine: String) -> Self {
        let bytes = path.as_ref().and_then(|path| fs::read(path).ok()).unwrap_or_default();
        let stored = serde_json::from_slice(&bytes).ok().filter(Stored::is_sound);
        let machines = stored.map(|stored| stored.machines).unwrap_or_default();
        Self { path, machine, machines, has_new: false }
    }

    pub(super) fn get(&self, convolution: &str) -> Option<Products> {
        self.machines.get(&self.machine)?.get(convolution).copied()
    }

    pub(super) fn put(&mut self, convolution: String, products: Products) {
        self.machines.entry(self.machine.clone()).or_default().insert(convolution, products);
        self.has_new = true;
    }

    /// Writes what is new. Where that is not possible, it is measured again next time.
    pub(super) fn write(&mut self) {
        let Some(path) = self.path.as_ref().filter(|_| self.has_new) else { return };
        let stored = Stored { format: FORMAT, machines: self.machines.clone() };
        let Ok(bytes) = serde_json::to_vec_pretty(&stored) else { return };
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        self.has_new = folder.is_err() || write_whole(path, &bytes).is_err();
    }
}

impl Stored {
    fn is_sound(&self) -> bool {
        self.format == FORMAT && self.machines.values().flat_map(Choices::values).all(|products| products.is_valid())
    }
}
