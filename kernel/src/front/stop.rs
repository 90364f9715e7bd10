//! The stop button.

use super::Front;
use crate::{interrupt::Next, toolchain};
use anyhow::Result;

impl Front {
    pub(super) async fn press(&mut self) -> Result<()> {
        // The code that runs ahead continues: all cells need it. Between cells there is nothing to stop.
        let Some(running) = &mut self.queue.running else { return Ok(()) };
        if running.request.is_none() || running.ended.is_some() {
            return Ok(());
        }
        running.stopped = true;
        let begun = running.begun || !self.engine.is_embedded();
        match self.interrupt.press(begun)? {
            Next::Wait if !begun => {
                toolchain::stop_compiling(&self.folder);
                Ok(())
            }
            Next::Wait => Ok(()),
            Next::Force => self.force().await,
        }
    }

    /// Kills the process of a cell that does not stop by itself.
    pub(super) async fn force(&mut self) -> Result<()> {
        if let Some(running) = &mut self.queue.running {
            running.killed = true;
            self.engine.kill().await?;
        }
        Ok(())
    }
}
