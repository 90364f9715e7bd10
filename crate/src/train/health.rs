//! A run watches itself: for numbers that are none, and for the two ways in which a GAN's game ends early.

use super::{History, Notice, Step, history::mean};
use crate::data::Dataset;
use crate::{Error, Result, random};
use tch::Tensor;

/// "Long", in iterations.
const LONG: usize = 500;
/// How often the accuracies of so many are looked at.
const EVERY: usize = 50;
/// What counts as 100 %, and less 1 as 0 %.
const ALL: f64 = 0.998;
/// Fakes collapsed when they differ by less than this part of what photos do …
const SPREAD: f64 = 0.1;
/// … at two looks, of which none is so early that the generator has yet to begin.
const EARLY: usize = 200;
/// How many photos tell how much photos differ.
const PHOTOS: usize = 256;

#[derive(Debug)]
pub(super) struct Watch {
    /// How much photos differ from each other.
    photos: f64,
    /// Whether the last look found fakes that hardly differ.
    collapsed: bool,
    told_of_collapse: bool,
    told_of_one_side: bool,
}

impl Watch {
    /// Of a run that learns from these pictures.
    pub fn new(x_train: &Dataset) -> Result<Self> {
        let count = x_train.len().min(PHOTOS);
        let photos = x_train.random_batch(count, &mut random::stream(0, "how much photos differ"))?;
        Ok(Self { photos: spread(&photos)?, collapsed: false, told_of_collapse: false, told_of_one_side: false })
    }

    /// Looks at the newest iteration.
    ///
    /// # Errors
    /// [`Error::Diverged`] when a loss is not finite.
    pub fn iteration(&mut self, history: &History, last_good: impl FnOnce() -> String) -> Result<Option<Notice>> {
        let (Some(step), done) = (history.steps.last(), history.len()) else { return Ok(None) };
        let losses = [
            ("the discriminator's loss on photos", step.d_loss_real),
            ("the discriminator's loss on fakes", step.d_loss_fake),
            ("the generator's loss", step.g_loss),
        ];
        if let Some((name, loss)) = losses.into_iter().find(|(_, loss)| !loss.is_finite()) {
            return Err(Error::diverged(done - 1, name, loss, &last_good()));
        }
        if self.told_of_one_side || done < LONG || !done.is_multiple_of(EVERY) {
            return Ok(None);
        }
        let accuracy = |value: fn(&Step) -> f32| mean(&history.steps[done - LONG..], value);
        let (d_acc_real, d_acc_fake) = (accuracy(|s| s.d_acc_real), accuracy(|s| s.d_acc_fake));
        self.told_of_one_side = [d_acc_real, d_acc_fake].iter().all(|fraction| !(1.0 - ALL..=ALL).contains(fraction));
        Ok(self.told_of_one_side.then_some(Notice::OneSided { iteration: done, lasted: LONG, d_acc_real, d_acc_fake }))
    }

    /// Looks at images (B, H, W, C) of the generator's.
    pub fn fakes(&mut self, images: &Tensor, done: usize) -> Result<Option<Notice>> {
        if done < EARLY || self.told_of_collapse {
            return Ok(None);
        }
        let spread = spread(images)? / self.photos;
        let before = std::mem::replace(&mut self.collapsed, spread < SPREAD);
        self.told_of_collapse = self.collapsed && before;
        Ok(self.told_of_collapse.then_some(Notice::Collapse { iteration: done, spread }))
    }
}

/// How much images (B, H, W, C) differ from each other: the standard deviation over the batch, the mean of all values' ones.
fn spread(images: &Tensor) -> Result<f64> {
    Ok(images.f_std_dim(&[0i64][..], false, false)?.f_mean(tch::Kind::Double)?.f_double_value(&[])?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Shapes;
    use tch::Kind;

    fn watch() -> Watch {
        Watch::new(&Shapes::generate(64, 1).unwrap()).unwrap()
    }

    /// What is said in so many iterations with these accuracies.
    fn said(accuracies: impl Fn(usize) -> (f32, f32), iterations: usize) -> Vec<Notice> {
        let (mut watch, mut history) = (watch(), History::new(iterations, 1).unwrap());
        let mut notices = Vec::new();
        for i in 0..iterations {
            let (d_acc_real, d_acc_fake) = accuracies(i);
            history.push(Step {
                d_loss_real: 0.7,
                d_acc_real,
                d_loss_fake: 0.7,
                d_acc_fake,
                g_loss: 0.7,
                seconds: 0.1,
            });
            notices.extend(watch.iteration(&history, String::new).unwrap());
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
    fn equal_fakes_are_told_of_at_the_second_look_and_once() {
        let same = Tensor::zeros([25, 32, 32, 3], (Kind::Float, tch::Device::Cpu));
        let different = Shapes::generate(25, 2).unwrap().batch(&(0..25).collect::<Vec<_>>()).unwrap();
        let mut watch = watch();
        let mut looks =
            [(&same, 1), (&same, 300), (&different, 400), (&same, 500), (&same, 600), (&same, 700)].into_iter();
        let mut told = looks.by_ref().map(|(images, done)| watch.fakes(images, done).unwrap());
        assert!((0..4).all(|_| told.next() == Some(None)));
        assert!(matches!(told.next(), Some(Some(Notice::Collapse { iteration: 600, spread: 0.0 }))));
        assert_eq!(told.next(), Some(None));
        // Images that differ by 5 % of what photos do have collapsed, by 20 % they have not.
        for (factor, collapsed) in [(0.05, true), (0.2, false)] {
            let mut watch = super::tests::watch();
            let images = &different * factor;
            watch.fakes(&images, 300).unwrap();
            assert_eq!(watch.fakes(&images, 400).unwrap().is_some(), collapsed, "{factor}");
        }
    }

    #[test]
    fn a_loss_that_is_no_number_ends_the_run() {
        for bad in [f32::NAN, f32::INFINITY] {
            let mut history = History::new(9, 1).unwrap();
            let good = Step {
                d_loss_real: 0.7,
                d_acc_real: 0.5,
                d_loss_fake: 0.7,
                d_acc_fake: 0.5,
                g_loss: 0.7,
                seconds: 0.1,
            };
            history.push(good);
            assert_eq!(watch().iteration(&history, String::new).unwrap(), None);
            history.push(Step { g_loss: bad, ..good });
            let error = watch().iteration(&history, || "Back to 0.".into()).unwrap_err().to_string();
            let expected = format!("the training diverged at iteration 1: the generator's loss is {bad}. ");
            assert!(error.starts_with(&expected) && error.ends_with("Back to 0."), "{error}");
        }
    }
}
