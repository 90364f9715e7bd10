//! The stop button, which asks first: it creates a file for the cell's program to see. A program that sees the file
//! writes something into it and stops; one that doesn't is killed by evcxr's own interrupt, and all variables are lost.

use anyhow::{Context, Result};
use std::{
    fs,
    io::ErrorKind::NotFound,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::time::Instant;

/// How long a cell has to say that it has seen the flag.
const PATIENCE: Duration = Duration::from_secs(3);

/// What the notebook shows when a cell had to be killed.
pub const FORCED: &str = "\nInterrupted: this cell did not stop by itself, so its process was killed, and all variables \
     are lost.\nRun the cells that define them again, from the top; `use` lines, functions and types are still known.\n";

/// Whether the running cell has been asked to stop.
pub struct Interrupt {
    flag: PathBuf,
    deadline: Option<Instant>,
    asked: bool,
}

/// What happens after a press.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// The cell was asked.
    Wait,
    /// It had already been asked.
    Force,
}

impl Interrupt {
    pub fn new(folder: &Path) -> Self {
        Self { flag: folder.join("interrupt"), deadline: None, asked: false }
    }

    /// The file whose existence asks a cell to stop.
    pub fn flag(&self) -> &Path {
        &self.flag
    }

    /// The stop button, while a cell runs.
    ///
    /// # Errors
    /// When the flag can't be written.
    pub fn press(&mut self) -> Result<Next> {
        if self.asked {
            self.deadline = None;
            return Ok(Next::Force);
        }
        fs::write(&self.flag, "").with_context(|| format!("writing {}", self.flag.display()))?;
        self.asked = true;
        self.deadline = Some(Instant::now() + PATIENCE);
        Ok(Next::Wait)
    }

    /// When to ask [`Self::is_overdue`].
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// At the deadline: has the cell not answered?
    pub fn is_overdue(&mut self) -> bool {
        self.deadline = None;
        fs::metadata(&self.flag).is_ok_and(|flag| flag.len() == 0)
    }

    /// The cell has ended: the next one starts without a request to stop.
    ///
    /// # Errors
    /// When the flag can't be removed.
    pub fn reset(&mut self) -> Result<()> {
        self.deadline = None;
        if std::mem::take(&mut self.asked)
            && let Err(error) = fs::remove_file(&self.flag)
            && error.kind() != NotFound
        {
            return Err(error).with_context(|| format!("removing {}", self.flag.display()));
        }
        Ok(())
    }
}
