//! What evaluates cells: the crate `evcxr` on a thread of this program ([`embedded`]), or an evcxr_jupyter that runs behind it
//! ([`outside`], with `--evcxr`). It gets one job at a time, and tells what comes of it as [`Told`].

mod cells;
mod embedded;
mod outside;
mod report;

pub use embedded::Embedded;
pub use outside::{Arrival, Outside};

use anyhow::Result;
use serde_json::{Value, json};

/// What the engine is asked to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Job {
    /// Run a cell; it ends with [`Told::Ended`].
    Execute { code: String, name: String },
    /// Jupyter's complete_request, with the cursor's position in characters; it ends with [`Told::Answered`].
    Complete { code: String, cursor: usize },
    /// Jupyter's inspect_request; it ends with [`Told::Answered`].
    Inspect { code: String, cursor: usize },
}

/// What the engine tells.
#[derive(Debug)]
pub enum Told {
    /// It is ready for jobs.
    Ready,
    /// What a cell printed, on `stdout` or `stderr`. An embedded engine's cells have pipes for that.
    Printed { name: String, text: String },
    /// The value of a cell's last expression or command, as a bundle of MIME types.
    Value(Value),
    /// A cell asks its reader for a line.
    Asks { prompt: String, password: bool },
    /// What goes on before a cell can run, such as what is being compiled.
    Progress(String),
    /// A cell has ended.
    Ended(Outcome),
    /// The content of a reply.
    Answered(Value),
    /// It can't go on.
    Died(String),
}

/// How a cell ended.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Empty if nothing was wrong.
    pub failures: Vec<Failure>,
    /// How the process that held the variables ended, if it did.
    pub process_ended: Option<String>,
    /// Variables whose values are lost because the cell has defined their types anew.
    pub redefined: Vec<String>,
    /// The variables that live on, and their types; `None` if the engine can't tell.
    pub variables: Option<Vec<(String, String)>>,
}

/// An error, as Jupyter shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    pub name: String,
    pub text: String,
    pub traceback: Vec<String>,
}

impl Failure {
    pub fn new(name: &str, text: impl Into<String>) -> Self {
        let text = text.into();
        let traceback = text.lines().map(str::to_owned).collect();
        Self { name: name.into(), text, traceback }
    }

    /// The content of Jupyter's `error` message.
    pub fn content(&self) -> Value {
        json!({"ename": self.name, "evalue": self.text, "traceback": self.traceback})
    }
}

/// Either engine.
pub enum Engine {
    Embedded(Embedded),
    Outside(Box<Outside>),
}

impl Engine {
    /// # Errors
    /// When the engine has ended.
    pub async fn send(&mut self, job: Job) -> Result<()> {
        match self {
            Self::Embedded(engine) => engine.send(job),
            Self::Outside(engine) => engine.send(job).await,
        }
    }

    /// Ends the process in which the running cell computes; its variables are lost.
    ///
    /// # Errors
    /// When the engine has ended.
    pub async fn kill(&mut self) -> Result<()> {
        match self {
            Self::Embedded(engine) => engine.kill(),
            Self::Outside(engine) => engine.kill().await,
        }
    }

    /// The process in which cells run, where it is known.
    pub fn process(&self) -> Option<u32> {
        match self {
            Self::Embedded(engine) => engine.process(),
            Self::Outside(_) => None,
        }
    }

    /// Whether cells have pipes of their own, so that the end of their output is known.
    pub fn is_embedded(&self) -> bool {
        matches!(self, Self::Embedded(_))
    }
}
