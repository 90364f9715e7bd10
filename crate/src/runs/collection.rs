//! The runs of a folder, read from disk to be compared.

use super::{Measured, Run, RunConfig};
use crate::train::History;
use crate::{Error, Result};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Several runs, and what was learned of them. In a notebook they show themselves as a [table](Self::table).
///
/// ```no_run
/// use gan_nb::runs::Run;
/// # fn main() -> gan_nb::Result<()> {
/// let runs = Run::list("../runs")?;
/// runs.plot()?; // one line a run
/// runs.only(&["base", "seed_7"])?.grids()?; // what each generator makes of the run's fixed noise
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Runs {
    pub(crate) entries: Vec<Entry>,
    /// Folders that hold no run that can be read, each with the reason.
    skipped: Vec<String>,
    /// The names of the [measures](Self::measure).
    pub(crate) measures: Vec<String>,
}

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub name: String,
    pub run: Run,
    pub config: RunConfig,
    pub history: History,
    /// How good its images were, over the iterations.
    pub quality: Vec<Measured>,
    /// Every setting with its value as JSON writes it.
    settings: Vec<(String, String)>,
    /// One for each of [`Runs::measures`].
    pub measured: Vec<f64>,
}

impl Run {
    /// All runs in the folders of this one, in the order of their names.
    ///
    /// A folder that holds no run, or a damaged one, is left out and [named](Runs::skipped). Files, and folders whose
    /// name begins with a dot, are passed over.
    ///
    /// # Errors
    /// [`Error::Io`] when `folder` itself can't be read.
    pub fn list(folder: impl AsRef<Path>) -> Result<Runs> {
        let folder = folder.as_ref();
        let unreadable = || Error::io(folder, "list the folder", "Name the folder that holds the runs' folders.");
        let mut found: Vec<(String, PathBuf)> = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable())? {
            let entry = entry.map_err(unreadable())?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_dir() && !name.starts_with('.') {
                found.push((name, entry.path()));
            }
        }
        found.sort();
        let mut runs = Runs { entries: Vec::new(), skipped: Vec::new(), measures: Vec::new() };
        for (name, path) in found {
            match Entry::read(name, &path) {
                Ok(entry) => runs.entries.push(entry),
                Err(error) => runs.skipped.push(error.to_string()),
            }
        }
        Ok(runs)
    }
}

impl Entry {
    fn read(name: String, path: &Path) -> Result<Self> {
        let run = Run::open(path)?;
        let (config, history, quality) = (run.config()?, run.history()?, run.quality()?);
        let mut settings = vec![("game".to_string(), config.game.clone())];
        settings.push(("batch_size".to_string(), config.batch_size.to_string()));
        // A GAN's file leaves out what is as in the tutorial.
        let complete = config.gan().and_then(|gan| gan.to_flat_json());
        if let serde_json::Value::Object(values) = complete.as_ref().unwrap_or(&config.settings) {
            settings.extend(values.iter().map(|(name, value)| (name.clone(), value.to_string())));
        }
        Ok(Self { name, run, config, history, quality, settings, measured: Vec::new() })
    }
}

impl Runs {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The names of their folders.
    pub fn names(&self) -> Vec<&str> {
        self.entries.iter().map(|entry| entry.name.as_str()).collect()
    }

    /// What was left out of the folder, and why: one line each, beginning with the path.
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// The run of this name.
    ///
    /// # Errors
    /// [`Error::Value`] when there is none.
    pub fn get(&self, name: &str) -> Result<&Run> {
        Ok(&self.entry(name)?.run)
    }

    /// These alone, in this order.
    ///
    /// # Errors
    /// [`Error::Value`] for a name that is not among them.
    pub fn only(&self, names: &[&str]) -> Result<Self> {
        let entries = names.iter().map(|name| self.entry(name).cloned()).collect::<Result<_>>()?;
        Ok(Self { entries, skipped: Vec::new(), measures: self.measures.clone() })
    }

    fn entry(&self, name: &str) -> Result<&Entry> {
        self.entries.iter().find(|entry| entry.name == name).ok_or_else(|| {
            let expected = format!("one of {}", self.names().join(", "));
            Error::value("the name of the run", format!("'{name}'"), expected, "Train it first, or name another.")
        })
    }

    /// Adds a number to each run, say a quality of its images: a column of the table.
    ///
    /// # Errors
    /// The first one that `number` gives.
    pub fn measure(mut self, name: &str, mut number: impl FnMut(&Run) -> Result<f64>) -> Result<Self> {
        for entry in &mut self.entries {
            entry.measured.push(number(&entry.run)?);
        }
        self.measures.push(name.into());
        Ok(self)
    }

    /// Of the settings that differ between the runs, the value that most of them have; of equally many the first's.
    pub(crate) fn usual_settings(&self) -> Vec<(&str, &str)> {
        let Some(first) = self.entries.first() else { return Vec::new() };
        let usual = |name: &str| {
            let values = || self.entries.iter().filter_map(|entry| entry.setting(name));
            let mut counts: HashMap<&str, usize> = HashMap::new();
            values().for_each(|value| *counts.entry(value).or_default() += 1);
            let most = counts.values().copied().max().unwrap_or_default();
            values().find(|value| counts[value] == most).filter(|_| counts.len() > 1)
        };
        let names = first.settings.iter().map(|(name, _)| name.as_str());
        names.filter_map(|name| Some((name, usual(name)?))).collect()
    }

    /// What sets this run apart: `learning_rate = 0.001`, for each setting where it has not the usual value.
    pub(crate) fn own_settings(&self, entry: &Entry) -> String {
        let usual = self.usual_settings();
        let own = usual.iter().filter_map(|(name, value)| Some((name, entry.setting(name).filter(|v| v != value)?)));
        own.map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
    }
}

impl Entry {
    fn setting(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}
