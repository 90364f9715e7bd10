//! What a kernel does so that the next one finds a spare.

use super::{claim, hold, memory, one, terms::Terms};
use anyhow::Result;
use std::{env, fs::File, process::Stdio, time::Duration};
use tokio::{process::Command, time::Instant};

/// A kernel that has had nothing to do for this long starts one: a spare that starts takes the time of a processor from
/// cells that run meanwhile.
const IDLE: Duration = Duration::from_secs(2);
/// How long after that an idle kernel looks whether it is still there, and twice as long each time it was not: somebody may be
/// editing a crate that every spare would compile.
const AGAIN: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_secs(3600);

/// Keeps a spare of this kernel's terms ready while the kernel lives.
pub struct Keeper {
    terms: Terms,
    /// When to look, while there is nothing to do.
    due: Option<Instant>,
    not_before: Instant,
    again: Duration,
    /// Whether spares with other terms have to make room: once, so that kernels in two folders don't take turns.
    replaces: bool,
    _kernel: File,
}

impl Keeper {
    /// From now on this process is a kernel that wants one.
    ///
    /// # Errors
    /// When the folder of the kernels can't be written to.
    pub fn new(terms: Terms) -> Result<Self> {
        let kernel = hold(&terms.template)?;
        Ok(Self { terms, due: None, not_before: Instant::now(), again: AGAIN, replaces: true, _kernel: kernel })
    }

    /// When [`Self::tick`] is due. The kernel is `idle`, or not.
    pub fn deadline(&mut self, idle: bool) -> Option<Instant> {
        if !idle {
            self.due = None;
            return None;
        }
        Some(*self.due.get_or_insert_with(|| self.not_before.max(Instant::now() + IDLE)))
    }

    /// Starts a spare if there is none. That it can't is no reason to disturb anybody: the next kernel starts by itself.
    pub fn tick(&mut self) {
        if self.due.is_none_or(|due| due > Instant::now()) {
            return;
        }
        self.not_before = Instant::now() + self.again;
        self.due = Some(self.not_before);
        match one(&self.terms.template) {
            Ok(Some(free)) => {
                drop(free);
                if memory::is_enough_to_start() && self.start().is_ok() {
                    self.replaces = false;
                    self.again = LONGEST.min(self.again * 2);
                }
            }
            Ok(None) if self.replaces => {
                self.replaces = false;
                let is_own = !claim::sockets(self.terms.parent(), &self.terms.name()).is_empty();
                if !is_own && claim::ask_to_leave(self.terms.parent()) {
                    self.due = Some(Instant::now() + IDLE); // it needs a moment
                }
            }
            _ => {}
        }
    }

    fn start(&self) -> Result<()> {
        let mut command = Command::new(env::current_exe()?);
        command.arg("spare").arg("--template").arg(&self.terms.template);
        if let Some(first) = &self.terms.first {
            command.arg("--first").arg(first);
        }
        command.env_clear().envs(self.terms.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // Its own group: it outlives this kernel, also one that is killed. Tokio waits for it when it ends.
        command.process_group(0).spawn()?;
        Ok(())
    }
}
