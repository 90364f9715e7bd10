//! Health checks of a run: numbers that are not finite, and the two ways in which a GAN's game ends early.

use super::{History, Notice};
use crate::data::Dataset;
use crate::{Error, Result, random};
use tch::Tensor;

/// "Long", in iterations.
const LONG: usize = 500;
/// How often a game is asked for a warning.
const EVERY: usize = 50;
/// What counts as 100 %, and less 1 as 0 %.
const ALL: f64 = 0.998;
/// Fakes have collapsed when they differ by less than this part of what photos do …
const SPREAD: f64 = 0.1;
/// … in two samples, neither of them so early that the generator has yet to begin.
const EARLY: usize = 200;
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
        Ok(Self { photos, collapsed: false, told_of_collapse: false, has_warned: false })
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
        if self.has_warned || !history.len().is_multiple_of(EVERY) {
            return Ok(None);
        }
        let notice = warning(history);
        self.has_warned = notice.is_some();
        Ok(notice)
    }

    /// Looks at images (N, H, W, C) that the game has made after so many iterations.
    pub fn samples(&mut self, images: &Tensor, done: usize) -> Result<Option<Notice>> {
        let Some(photos) = self.photos.filter(|_| done >= EARLY && !self.told_of_collapse && images.size()[0] > 1)
        else {
            return Ok(None);
        };
        let spread = spread(images)? / photos;
        let before = std::mem::replace(&mut self.collapsed, spread < SPREAD);
        self.told_of_collapse = self.collapsed && before;
        Ok(self.told_of_collapse.then_some(Notice::Collapse { iteration: done, spread }))
    }
}

/// A warning when two accuracies have been at 0 % or 100 % for 500 iterations: a discriminator that is always right, or
/// always says the same, teaches a generator nothing. For a game's [`warning`](super::Game::warning).
pub fn one_sided(history: &History, d_acc_real: &str, d_acc_fake: &str) -> Option<Notice> {
    let iteration = history.len();
    let mean = |name| Some(history.mean_of_last(history.metrics().place(name).ok()?, LONG));
    let (d_acc_real, d_acc_fake) = (mean(d_acc_real)?, mean(d_acc_fake)?);
    let is_one_sided = [d_acc_real, d_acc_fake].iter().all(|fraction| !(1.0 - ALL..=ALL).contains(fraction));
    let notice = Notice::OneSided { iteration, lasted: LONG, d_acc_real, d_acc_fake };
    (iteration >= LONG && is_one_sided).then_some(notice)
}

/// How much images (N, H, W, C) differ from each other: the standard deviation over the batch, averaged over all values.
fn spread(images: &Tensor) -> Result<f64> {
    Ok(images.f_std_dim(&[0i64][..], false, false)?.f_mean(tch::Kind::Double)?.f_double_value(&[])?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Shapes;
    use crate::train::{CrossEntropyGan, MetricList};
    use tch::Kind;

    fn health() -> Health {
        Health::new(&Shapes::generate(64, 1).unwrap(), true).unwrap()
    }

    fn history(metrics: MetricList) -> History {
        History::new(2_000, 1, metrics).unwrap()
    }

    /// What is said in so many iterations with these accuracies.
    fn said(accuracies: impl Fn(usize) -> (f32, f32), iterations: usize) -> Vec<Notice> {
        let (mut health, mut history) = (health(), history(CrossEntropyGan::metric_list()));
        let mut notices = Vec::new();
        for i in 0..iterations {
            let (real, fake) = accuracies(i);
            history.push(&[0.7, real, 0.7, fake, 0.7], 0.1).unwrap();
            let warning = |history: &History| one_sided(history, "d_acc_real", "d_acc_fake");
            notices.extend(health.iteration(&history, warning, String::new).unwrap());
        }
        notices
    }

    #[test]
    fn answers_that_never_change_are_told_of_once() {
        for (d_acc_real, d_acc_fake) in [(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)] {
            let [Notice::OneSided { iteration, lasted, .. }] = said(|_| (d_acc_real, d_acc_fake), 1_200)[..] else {
                unreachable!("not once")
            };
            assert_eq!((iteration, lasted), (500, 500));
        }
        // The last change of mind at iteration 130: 500 later it is long.
        let late = said(|i| if i < 130 { (0.5, 0.5) } else { (1.0, 1.0) }, 1_200);
        assert!(matches!(late[..], [Notice::OneSided { iteration: 650, .. }]), "{late:?}");
    }

    #[test]
    fn ordinary_answers_are_no_news() {
        for accuracies in [(0.95, 0.92), (1.0, 0.9), (0.4, 0.85), (0.99, 0.99)] {
            assert_eq!(said(|_| accuracies, 1_200), []);
        }
    }

    #[test]
    fn a_game_without_a_warning_of_its_own_gets_none() {
        let (mut health, mut history) = (health(), history(MetricList::losses(&["d", "g"])));
        for _ in 0..1_200 {
            history.push(&[1.0, 1.0], 0.1).unwrap();
            assert_eq!(health.iteration(&history, |_| None, String::new).unwrap(), None);
        }
    }

    #[test]
    fn equal_fakes_are_told_of_at_the_second_look_and_once() {
        let same = Tensor::zeros([25, 32, 32, 3], (Kind::Float, tch::Device::Cpu));
        let different = Shapes::generate(25, 2).unwrap().batch(&(0..25).collect::<Vec<_>>()).unwrap();
        let mut health = health();
        let mut looks =
            [(&same, 1), (&same, 300), (&different, 400), (&same, 500), (&same, 600), (&same, 700)].into_iter();
        let mut told = looks.by_ref().map(|(images, done)| health.samples(images, done).unwrap());
        assert!((0..4).all(|_| told.next() == Some(None)));
        assert!(matches!(told.next(), Some(Some(Notice::Collapse { iteration: 600, spread: 0.0 }))));
        assert_eq!(told.next(), Some(None));
        // Images that differ by 5 % of what photos do have collapsed, by 20 % they have not.
        for (factor, collapsed) in [(0.05, true), (0.2, false)] {
            let mut health = super::tests::health();
            let images = &different * factor;
            health.samples(&images, 300).unwrap();
            assert_eq!(health.samples(&images, 400).unwrap().is_some(), collapsed, "{factor}");
        }
    }

    #[test]
    fn a_number_that_is_not_finite_ends_the_run() {
        for bad in [f32::NAN, f32::INFINITY] {
            let mut history = history(MetricList::losses(&["D", "hinge of G"]));
            history.push(&[0.7, 0.7], 0.1).unwrap();
            assert_eq!(health().iteration(&history, |_| None, String::new).unwrap(), None);
            history.push(&[0.7, bad], 0.1).unwrap();
            let error = health().iteration(&history, |_| None, || "Back to 0.".into()).unwrap_err().to_string();
            let expected = format!("the training diverged at iteration 1: hinge of G is {bad}. ");
            assert!(error.starts_with(&expected) && error.ends_with("Back to 0."), "{error}");
        }
    }
}
