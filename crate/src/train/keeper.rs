//! Where a training is kept beyond its process, as training sees it; [`runs`](crate::runs) keeps it on disk.

use super::{Game, History, Notice, Plan, Samples, Streams};
use crate::data::Dataset;
use crate::{Error, Result};
use std::fmt;
use std::path::Path;
use tch::Tensor;

/// All that a training changes: what a checkpoint holds.
#[derive(Debug)]
pub struct State<'a> {
    /// Networks, optimizers and counters.
    pub game: &'a mut dyn Game,
    /// The record so far.
    pub history: &'a mut History,
    /// The random numbers.
    pub random: &'a mut Streams,
}

/// Keeps a training where the end of the process can't reach it.
pub trait Keeper: fmt::Debug + Send {
    /// Opens the place for a training of this plan. Where it holds the same run, `state` becomes what that run had reached,
    /// and its history goes on; otherwise the history is left as it is.
    ///
    /// # Errors
    /// Its own; nothing is trained then.
    fn open(&mut self, state: &mut State<'_>, plan: &Plan, x_train: &Dataset) -> Result<Vec<Notice>>;

    /// After each iteration, the newest at the end of `history`.
    ///
    /// # Errors
    /// Its own; they end the run.
    fn iteration(&mut self, history: &History) -> Result<()>;

    /// At each sample.
    ///
    /// # Errors
    /// Its own; they end the run.
    fn samples(&mut self, iteration: usize, samples: &Samples) -> Result<()>;

    /// Whether a checkpoint is due after so many iterations.
    fn is_due(&self, done: usize, ended: bool) -> bool;

    /// Writes a checkpoint.
    ///
    /// # Errors
    /// Its own; they end the run.
    fn checkpoint(&mut self, state: &mut State<'_>) -> Result<()>;

    /// The folder of the newest checkpoint, and of which iteration that is; none before the first.
    fn newest(&self) -> Option<(&Path, usize)>;

    /// Where the last good state is, for messages; empty where there is none.
    fn last_good(&self) -> String;

    /// The training has ended, by whatever way.
    fn close(&mut self);
}

impl State<'_> {
    /// Makes sure that every weight and moment is finite: networks that hold one that is not have lost all that they
    /// learned.
    ///
    /// # Errors
    /// [`Error::Diverged`] for the first that is not.
    pub(crate) fn check_finite(&mut self, last_good: &str) -> Result<()> {
        let iteration = self.history.len().saturating_sub(1);
        let tensors = self.game.parts().all_tensors();
        // One question for all, since each answer is waited for on a GPU.
        let sum = |(_, array): &(String, Tensor)| Ok(array.f_detach()?.f_sum(tch::Kind::Double)?);
        let sums = tensors.iter().map(sum).collect::<Result<Vec<_>>>()?;
        if sums.is_empty() {
            return Ok(());
        }
        let finite = Tensor::f_stack(&sums, 0)?.f_isfinite()?;
        if bool::try_from(finite.f_all()?)? {
            return Ok(());
        }
        let finite = Vec::<bool>::try_from(finite)?;
        let first = tensors.into_iter().zip(finite).find(|(_, finite)| !finite).map(|((name, _), _)| name);
        Err(Error::diverged(iteration, &first.unwrap_or_default(), "not finite", last_good))
    }
}
