//! What a run has to say besides its numbers.

use std::fmt;
use std::path::PathBuf;

/// Said once, to the [observer](super::Observer). It ends nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// The generator makes nearly the same image of any noise.
    Collapse {
        /// How many iterations were done when it was seen.
        iteration: usize,
        /// How much its images differ from each other, as a fraction of how much photos do.
        spread: f64,
    },
    /// The discriminator's answers have long been all right or all the same, so that the generator learns nothing of them.
    OneSided {
        /// How many iterations were done when it was seen.
        iteration: usize,
        /// For how many of them it had been so.
        lasted: usize,
        /// The fraction of photos that it took for photos in that time,
        d_acc_real: f64,
        /// and that of fakes that it took for fakes.
        d_acc_fake: f64,
    },
    /// A loss has grown by orders of magnitude: the steps are too large for anything to be learned.
    Exploded {
        /// How many iterations were done when it was seen.
        iteration: usize,
        /// The loss.
        name: String,
        /// Its mean over the last iterations.
        mean: f64,
    },
    /// The schedule of the learning rates has ended at 0: nothing is learned any more.
    RatesAreZero {
        /// How many iterations had been done when it ended.
        iteration: u64,
    },
    /// There was another run in the folder; it was given another name.
    SetAside {
        /// The run's folder.
        folder: PathBuf,
        /// Where the other is now.
        to: PathBuf,
    },
    /// A checkpoint is damaged; an older one is used.
    Damaged {
        /// What is wrong with it.
        reason: String,
    },
    /// All iterations that were asked for had been done before: nothing is trained.
    AlreadyTrained {
        /// How many iterations the run has.
        done: usize,
    },
    /// The run goes on from an earlier iteration than its folder has: what came after it is now a run of its own.
    Branched {
        /// Where the new branch begins.
        iteration: usize,
        /// The folder that holds the later checkpoints.
        to: PathBuf,
    },
    /// GAN_NB_MAX_STEPS is set and allows fewer iterations than were asked for.
    Capped {
        /// How many were asked for.
        planned: usize,
        /// How many are done.
        cap: usize,
    },
    /// A trial that GAN_NB_MAX_STEPS cuts short is not kept, because it would take the place of a real run.
    NotKept {
        /// The folder that holds the real run.
        folder: PathBuf,
    },
    /// On a GPU: the iterations can't be recorded and repeated as a whole.
    NotRecorded {
        /// Why not.
        why: String,
    },
    /// A game's own words.
    Warning(String),
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Collapse { iteration, spread } => write!(
                f,
                "After {iteration} iterations the generator makes nearly the same image of any noise: its images differ by \
                 {:.1} % of what photos do. This is called mode collapse. A smaller learning_rate, beta_1 = 0.5 or another \
                 seed may help.",
                100.0 * spread
            ),
            Self::OneSided { iteration, lasted, d_acc_real, d_acc_fake } => write!(
                f,
                "After {iteration} iterations: for the last {lasted} the discriminator has been right about {:.0} % of the photos \
                 and {:.0} % of the fakes. {} It may recover; if not, slow the discriminator down (a smaller learning_rate, \
                 real_label = 0.9).",
                100.0 * d_acc_real,
                100.0 * d_acc_fake,
                if *d_acc_real > 0.5 && *d_acc_fake > 0.5 {
                    "It tells all of them apart, and verdicts that never waver teach the generator little."
                } else {
                    "It says the same of everything, which teaches the generator nothing."
                }
            ),
            Self::Exploded { iteration, name, mean } => write!(
                f,
                "After {iteration} iterations {name} has exploded: it is {mean:.1e}, far beyond what it should be. Nothing is \
                 learned with such steps. Start again with a much smaller learning_rate (the tutorial's is 1e-3, DCGAN's \
                 2e-4)."
            ),
            Self::RatesAreZero { iteration } => write!(
                f,
                "Since iteration {iteration} the learning rates are 0: nothing is learned any more. For a longer training, begin \
                 a new run whose rates fall later (GanConfig::decay)."
            ),
            Self::SetAside { folder, to } => {
                write!(f, "{} held another run, which is now in {}.", folder.display(), to.display())
            }
            Self::Damaged { reason } => write!(f, "{reason} Resuming from an older checkpoint."),
            Self::AlreadyTrained { done } => {
                write!(f, "The run is already trained: {done} iterations. Ask for more to make it longer.")
            }
            Self::Branched { iteration, to } => {
                write!(f, "Resuming from iteration {iteration}; the checkpoints after it are kept in {}.", to.display())
            }
            Self::Capped { planned, cap } => {
                write!(f, "GAN_NB_MAX_STEPS is set: {cap} iterations instead of {planned}.")
            }
            Self::NotKept { folder } => write!(
                f,
                "GAN_NB_MAX_STEPS is set and {} holds another run: this trial is not saved.",
                folder.display()
            ),
            Self::NotRecorded { why } => write!(
                f,
                "The GPU is asked for each step of an iteration by itself, which is slower than a recorded iteration: {why}."
            ),
            Self::Warning(words) => f.write_str(words),
        }
    }
}
