//! Health checks of a run: numbers that are not finite, losses that explode, and the two ways in which a GAN's game ends
//! early. What counts as long goes by the length of the run.

use super::{History, Notice, Quantity};
use crate::data::Dataset;
use crate::{Error, Result, random};
use std::ops::RangeInclusive;
use tch::Tensor;

/// "Long" is a third of the run, within these iterations: good short runs of the tutorial's have ten in a row at 100 %, and
/// thirty somewhere in 200, and in long ones these are enough.
const LONG: RangeInclusive<usize> = 20..=500;
/// How often a game is asked for a warning: after each twentieth of a run, but this many iterations at most.
const EVERY: usize = 50;
/// A loss explodes when its mean over so many iterations …
const RECENT: usize = 10;
/// … is so many times what its game says is usual, as a line to compare it with (the tutorial's losses stay below 30 times) …
const EXPLODED: f64 = 100.0;
/// … or, where the game names none, so many times what it was at first.
const EXPLODED_UNNAMED: f64 = 1_000.0;
/// What counts as 100 %, and less 1 as 0 %.
const ALL: f64 = 0.998;
/// Fakes have collapsed when they differ by less than this part of what photos do …
const SPREAD: f64 = 0.1;
/// … in two samples, neither of them so early that the generator has yet to begin: after a third of the run, within these
/// iterations. (In good runs of the lesson's networks the fakes differ more than photos do from iteration 20 on.)
const EARLY: RangeInclusive<usize> = 20..=200;
/// How many photos tell how much photos differ.
const PHOTOS: usize = 256;

/// What has been seen so far of one run.
#[derive(Debug)]
pub(super) struct Health {
    /// How much photos differ from each other; none for games whose samples are not to be like them.
    photos: Option<f64>,
    /// Whether the last sample hardly differed.
    collapsed: bool,
    told_of_collapse: bool,
    told_of_explosion: bool,
    has_warned: bool,
}

impl Health {
    /// Of a run that learns from these pictures.
    pub fn new(x_train: &Dataset, makes_photos: bool) -> Result<Self> {
        let count = x_train.len().min(PHOTOS);
        let photos = if makes_photos && count > 1 {
            let photos = x_train.random_batch(count, &mut random::stream(0, "how much photos differ"))?;
            Some(spread(&photos)?)
        } else {
            None
        };
        let (told_of_collapse, told_of_explosion) = (false, false);
        Ok(Self { photos, collapsed: false, told_of_collapse, told_of_explosion, has_warned: false })
    }

    /// Looks at the newest iteration; `warning` is the game's.
    ///
    /// # Errors
    /// [`Error::Diverged`] when one of its numbers is not finite.
    pub fn iteration(
        &mut self,
        history: &History,
        warning: impl FnOnce(&History) -> Option<Notice>,
        last_good: impl FnOnce() -> String,
    ) -> Result<Option<Notice>> {
        let Some(newest) = history.len().checked_sub(1) else { return Ok(None) };
        let row = history.row(newest);
        if let Some((name, number)) = history.metrics().names().zip(&row).find(|(_, number)| !number.is_finite()) {
            return Err(Error::diverged(newest, name, number, &last_good()));
        }
        if let Some(notice) = exploded(history).filter(|_| !self.told_of_explosion) {
            self.told_of_explosion = true;
            return Ok(Some(notice));
        }
        let every = (history.planned / 20).clamp(1, EVERY);
        if self.has_warned || !(history.len().is_multiple_of(every) || history.is_complete()) {
            return Ok(None);
        }
        let notice = warning(history);
        self.has_warned = notice.is_some();
        Ok(notice)
    }

    /// Looks at images (N, H, W, C) that the game has made after the newest iteration.
    pub fn samples(&mut self, images: &Tensor, history: &History) -> Result<Option<Notice>> {
        let done = history.len();
        let is_early = done < part(history, EARLY);
        let Some(photos) = self.photos.filter(|_| !is_early && !self.told_of_collapse && images.size()[0] > 1) else {
            return Ok(None);
        };
        let spread = spread(images)? / photos;
        let before = std::mem::replace(&mut self.collapsed, spread < SPREAD);
        self.told_of_collapse = self.collapsed && before;
        Ok(self.told_of_collapse.then_some(Notice::Collapse { iteration: done, spread }))
    }
}

/// A warning when two accuracies have long been at 0 % or 100 %, for a third of the run (20 iterations at least, 500 at
/// most): a discriminator that is always right, or always says the same, teaches a generator nothing. For a game's
/// [`warning`](super::Game::warning).
pub fn one_sided(history: &History, d_acc_real: &str, d_acc_fake: &str) -> Option<Notice> {
    let (iteration, lasted) = (history.len(), part(history, LONG));
    let mean = |name| Some(history.mean_of_last(history.metrics().place(name).ok()?, lasted));
    let (d_acc_real, d_acc_fake) = (mean(d_acc_real)?, mean(d_acc_fake)?);
    let is_one_sided = [d_acc_real, d_acc_fake].iter().all(|fraction| !(1.0 - ALL..=ALL).contains(fraction));
    (iteration >= lasted && is_one_sided).then_some(Notice::OneSided { iteration, lasted, d_acc_real, d_acc_fake })
}

/// A third of a run, within these iterations.
fn part(history: &History, bounds: RangeInclusive<usize>) -> usize {
    (history.planned / 3).clamp(*bounds.start(), *bounds.end())
}

/// The first loss that has left its usual size far behind.
fn exploded(history: &History) -> Option<Notice> {
    let metrics = history.metrics();
    let usual = metrics.references(Quantity::Loss).map(|line| line.value.abs()).reduce(f64::max);
    let found = metrics.of(Quantity::Loss).find_map(|(place, name)| {
        let first = || history.series_at(place).first().map_or(0.0, |first| f64::from(first.abs()));
        // Below 1 a loss may well be near 0, of which anything is many times.
        let limit = usual.map_or_else(|| EXPLODED_UNNAMED * first().max(1.0), |usual| EXPLODED * usual.max(1.0));
        let mean = history.mean_of_last(place, RECENT);
        (mean.abs() > limit).then(|| (name.to_string(), mean))
    });
    found.map(|(name, mean)| Notice::Exploded { iteration: history.len(), name, mean })
}

/// How much images (N, H, W, C) differ from each other: the standard deviation over the batch, averaged over all values.
fn spread(images: &Tensor) -> Result<f64> {
    Ok(images.f_std_dim(&[0i64][..], false, false)?.f_mean(tch::Kind::Double)?.f_double_value(&[])?)
}

#[cfg(test)]
#[path = "health_tests.rs"]
mod tests;
