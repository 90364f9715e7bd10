//! What the health checks say, and when.

use super::*;
use crate::data::Shapes;
use crate::train::{GanGame, MetricList};
use tch::Kind;

fn health() -> Health {
    Health::new(&Shapes::generate(64, 1).unwrap(), true).unwrap()
}

fn history(metrics: MetricList) -> History {
    History::new(2_000, 1, metrics).unwrap()
}

/// What is said in so many iterations, all of a run or the first of 2,000, with these accuracies.
fn said(accuracies: impl Fn(usize) -> (f32, f32), iterations: usize, planned: usize) -> Vec<Notice> {
    let mut health = health();
    let mut history = History::new(planned, 1, GanGame::metric_list()).unwrap();
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
        let [Notice::OneSided { iteration, lasted, .. }] = said(|_| (d_acc_real, d_acc_fake), 1_200, 2_000)[..] else {
            unreachable!("not once")
        };
        assert_eq!((iteration, lasted), (500, 500));
    }
    // The last change of mind at iteration 130: 500 later it is long.
    let late = said(|i| if i < 130 { (0.5, 0.5) } else { (1.0, 1.0) }, 1_200, 2_000);
    assert!(matches!(late[..], [Notice::OneSided { iteration: 650, .. }]), "{late:?}");
}

#[test]
fn ordinary_answers_are_no_news() {
    for accuracies in [(0.95, 0.92), (1.0, 0.9), (0.4, 0.85), (0.99, 0.99)] {
        for (iterations, planned) in [(1_200, 2_000), (200, 200), (60, 60), (20, 20)] {
            assert_eq!(said(|_| accuracies, iterations, planned), []);
        }
    }
}

#[test]
fn in_short_runs_a_third_is_long() {
    for (planned, at) in [(10_000, 500), (1_000, 333), (200, 66), (90, 30), (60, 20), (20, 20)] {
        let notices = said(|_| (1.0, 1.0), planned, planned);
        let [Notice::OneSided { iteration, lasted, .. }] = notices[..] else { unreachable!("{planned}: {notices:?}") };
        assert_eq!(lasted, at, "{planned}");
        assert!((at..=at + (planned / 20).clamp(1, EVERY)).contains(&iteration), "{planned}: {iteration}");
        // The second half of a run is long, and eleven in a row are chance.
        let late = said(|i| if i < planned / 2 { (0.9, 0.9) } else { (1.0, 1.0) }, planned, planned);
        assert_eq!(late.len(), usize::from(planned > 20), "{planned}");
        assert_eq!(said(|i| if i % 12 == 0 { (0.9, 0.9) } else { (1.0, 1.0) }, planned, planned), []);
    }
    assert_eq!(said(|_| (1.0, 1.0), 19, 19), [], "too short to tell");
}

/// What is said of these losses, the same for all players, and when.
fn said_of_losses(metrics: &MetricList, losses: &[f32]) -> Vec<(usize, String)> {
    let (mut health, mut history) = (health(), History::new(losses.len(), 1, metrics.clone()).unwrap());
    let mut heard = Vec::new();
    for loss in losses {
        history.push(&vec![*loss; metrics.len()], 0.1).unwrap();
        let notice = health.iteration(&history, |_| None, String::new).unwrap();
        heard.extend(notice.map(|notice| (history.len(), notice.to_string())));
    }
    heard
}

#[test]
fn losses_that_explode_are_told_of_at_once_and_once() {
    let tutorial = GanGame::metric_list();
    let told = said_of_losses(&tutorial, &[0.7, 1e12, 1e12, 0.7]);
    assert!(told.len() == 1 && told[0].0 == 2 && told[0].1.contains("d_loss_real"), "{told:?}");
    assert_eq!(said_of_losses(&tutorial, &[1e8])[0].0, 1, "in the first iteration");
    // The tutorial's generator at its worst, and one number among others.
    assert_eq!(said_of_losses(&tutorial, &[30.0; 50]), []);
    assert_eq!(said_of_losses(&tutorial, &[&[1.0; 20][..], &[800.0], &[1.0; 20]].concat()), []);
    // As with ten times the tutorial's learning rate.
    let told = said_of_losses(&tutorial, &[&[14.0; 20][..], &[130.0; 20]].concat());
    assert!(told.len() == 1 && (21..=30).contains(&told[0].0), "{told:?}");

    // Losses without a line to compare them with are compared with their own beginning.
    let own = MetricList::losses(&["critic", "sum of squares"]);
    assert_eq!(said_of_losses(&own, &[-3.0, 900.0, -900.0]), []);
    assert_eq!(said_of_losses(&own, &[40_000.0, 50_000.0]), []);
    assert_eq!(said_of_losses(&own, &[0.0, -1e5]).len(), 1);
}

#[test]
fn a_game_without_a_warning_of_its_own_gets_none() {
    let (mut health, mut history) = (health(), history(MetricList::losses(&["d", "g"])));
    for _ in 0..1_200 {
        history.push(&[1.0, 1.0], 0.1).unwrap();
        assert_eq!(health.iteration(&history, |_| None, String::new).unwrap(), None);
    }
}

/// A record of so many iterations of a run of so many.
fn after(done: usize, planned: usize) -> History {
    let mut history = History::new(planned, 1, MetricList::losses(&["d", "g"])).unwrap();
    (0..done).for_each(|_| history.push(&[1.0, 1.0], 0.1).unwrap());
    history
}

#[test]
fn equal_fakes_are_told_of_at_the_second_look_and_once() {
    let same = Tensor::zeros([25, 32, 32, 3], (Kind::Float, tch::Device::Cpu));
    let different = Shapes::generate(25, 2).unwrap().batch(&(0..25).collect::<Vec<_>>()).unwrap();
    let mut health = health();
    let mut looks = [(&same, 1), (&same, 300), (&different, 400), (&same, 500), (&same, 600), (&same, 700)].into_iter();
    let mut told = looks.by_ref().map(|(images, done)| health.samples(images, &after(done, 2_000)).unwrap());
    assert!((0..4).all(|_| told.next() == Some(None)));
    assert!(matches!(told.next(), Some(Some(Notice::Collapse { iteration: 600, spread: 0.0 }))));
    assert_eq!(told.next(), Some(None));
    // Images that differ by 5 % of what photos do have collapsed, by 20 % they have not.
    for (factor, collapsed) in [(0.05, true), (0.2, false)] {
        let mut health = super::tests::health();
        let images = &different * factor;
        health.samples(&images, &after(300, 2_000)).unwrap();
        assert_eq!(health.samples(&images, &after(400, 2_000)).unwrap().is_some(), collapsed, "{factor}");
    }
}

#[test]
fn in_short_runs_equal_fakes_are_told_of_sooner() {
    let same = Tensor::zeros([25, 32, 32, 3], (Kind::Float, tch::Device::Cpu));
    for (planned, looks, told_at) in [
        (60, &[1, 21, 41, 60][..], Some(41)),
        (200, &[1, 51, 101, 151, 200], Some(151)),
        (20, &[1, 11, 20], None),
        (2_000, &[1, 51, 101, 201, 301], Some(301)),
    ] {
        let mut health = health();
        let heard = looks.iter().filter(|done| health.samples(&same, &after(**done, planned)).unwrap().is_some());
        assert_eq!(heard.copied().collect::<Vec<usize>>(), Vec::from_iter(told_at), "{planned}");
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
