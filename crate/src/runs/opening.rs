//! What a training finds in its folder, and what it makes of that.

use super::{DataConfig, Run, RunConfig, Saved, branch};
use crate::Result;
use crate::data::Dataset;
use crate::train::{History, Notice, Plan, State, max_steps};

/// How a training begins in its folder.
#[derive(Debug)]
pub(super) struct Opening {
    /// What config.json is to hold.
    pub config: RunConfig,
    /// Whether anything is to be written: not for a run that is complete, nor for a trial in a real run's folder.
    pub is_saved: bool,
    /// Whether the run began with networks that had learned nothing.
    pub from_scratch: bool,
    pub new: Vec<Notice>,
}

impl Opening {
    /// Looks at the folder: `state` becomes what the same run had reached there, its history is continued where it is this
    /// run's own, and whatever else is there moves aside.
    pub fn of(
        run: &Run,
        state: &mut State<'_>,
        plan: &Plan,
        x_train: &Dataset,
        mut from_scratch: Option<bool>,
    ) -> Result<Self> {
        let mut config = RunConfig::of(state, plan, Some(DataConfig::of(x_train)))?;
        let mut new = Vec::new();
        let steps = state.game.parts().steps();
        if steps == 0 && state.history.is_empty() {
            from_scratch = Some(true);
            take_up(run, state, &config, &mut new);
        }
        let found = run.config().ok().filter(|found| found.is_same_but_for_optimizers(&config));
        let continues = match &found {
            Some(found) => {
                // The settings that it began with, whatever has been changed meanwhile.
                config.optimizers.clone_from(&found.optimizers);
                !state.history.is_empty() && is_same_history(run, state.history)
            }
            None => state.history.goes_on_with(plan) && !run.has_checkpoints(),
        };
        let from_scratch = from_scratch.unwrap_or(steps <= state.history.len() as u64);
        if continues && state.history.len() >= plan.iterations {
            state.history.planned = state.history.len();
            return Ok(Self { config, is_saved: false, from_scratch, new });
        }
        if continues {
            state.history.planned = plan.iterations;
            if let Some(to) = branch::split_off_after(run, state.history.len())? {
                new.push(Notice::Branched { iteration: state.history.len(), to });
            }
            return Ok(Self { config, is_saved: true, from_scratch, new });
        }
        let was_interrupted = state.history.goes_on_with(plan);
        if !was_interrupted {
            *state.history = History::new(plan.iterations, plan.sample_interval, state.game.metrics())?;
        }
        let from_scratch = if was_interrupted { from_scratch } else { steps == 0 };
        let is_saved = !is_trial_beside(run, plan)?;
        if !is_saved {
            new.push(Notice::NotKept { folder: run.folder().into() });
        } else if run.has_checkpoints() {
            new.push(Notice::SetAside { folder: run.folder().into(), to: branch::set_aside(run)? });
        }
        Ok(Self { config, is_saved, from_scratch, new })
    }
}

/// Loads the newest checkpoint where it is of the same run, whatever its length. Anything else that is there is another
/// run, or none.
fn take_up(run: &Run, state: &mut State<'_>, config: &RunConfig, new: &mut Vec<Notice>) {
    let Ok((checkpoint, damaged)) = run.newest() else { return };
    let header = &checkpoint.header;
    if header.from_scratch && header.config.is_same_run(config) && checkpoint.load(state).is_ok() {
        new.extend(damaged.iter().map(|error| Notice::Damaged { reason: error.to_string() }));
    }
}

/// Whether the folder's record is this one, as far as both go.
fn is_same_history(run: &Run, history: &History) -> bool {
    // Without a record that can be read, the settings decide.
    let Ok(found) = run.history() else { return true };
    let bits = |history: &History, i: usize| history.row(i).into_iter().map(f32::to_bits).collect::<Vec<_>>();
    (0..history.len().min(found.len())).all(|i| bits(history, i) == bits(&found, i))
}

/// Whether GAN_NB_MAX_STEPS makes this a trial, and the folder holds more than it will do.
fn is_trial_beside(run: &Run, plan: &Plan) -> Result<bool> {
    let longest = run.checkpoints()?.last().map_or(0, |saved: &Saved| saved.iteration);
    Ok(max_steps()?.is_some_and(|cap| cap <= plan.iterations) && longest > plan.iterations)
}
