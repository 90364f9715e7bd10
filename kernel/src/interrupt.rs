//! The stop button, which asks first: it creates a file for the cell's program to see. A program that sees the file
//! writes something into it and stops; one that doesn't is killed, and all variables are lost.

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
/// Presses that follow the first within this time are the same press: a double click, an impatient hand.
const SAME: Duration = Duration::from_secs(2);

/// Whether the running cell has been asked to stop.
pub struct Interrupt {
    flag: PathBuf,
    deadline: Option<Instant>,
    asked: Option<Instant>,
}

/// What happens after a press.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// The cell was asked.
    Wait,
    /// It had already been asked, and is still running.
    Force,
}

impl Interrupt {
    pub fn new(folder: &Path) -> Self {
        Self { flag: folder.join("interrupt"), deadline: None, asked: None }
    }

    /// The file whose existence asks a cell to stop.
    pub fn flag(&self) -> &Path {
        &self.flag
    }

    /// The stop button, while a cell runs or, before it has `begun`, is compiled.
    ///
    /// # Errors
    /// When the flag can't be written.
    pub fn press(&mut self, begun: bool) -> Result<Next> {
        match self.asked {
            Some(asked) if asked.elapsed() < SAME || !begun => return Ok(Next::Wait),
            Some(_) => {
                self.deadline = None;
                return Ok(Next::Force);
            }
            None => {}
        }
        fs::write(&self.flag, "").with_context(|| format!("writing {}", self.flag.display()))?;
        let now = Instant::now();
        self.asked = Some(now);
        self.deadline = begun.then(|| now + PATIENCE);
        Ok(Next::Wait)
    }

    /// The cell that was asked while it was compiled has begun to run all the same: it gets the time to answer.
    pub fn begun(&mut self) {
        if self.asked.is_some() {
            self.deadline = Some(Instant::now() + PATIENCE);
        }
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
        if self.asked.take().is_some()
            && let Err(error) = fs::remove_file(&self.flag)
            && error.kind() != NotFound
        {
            return Err(error).with_context(|| format!("removing {}", self.flag.display()));
        }
        Ok(())
    }
}
