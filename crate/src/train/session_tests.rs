//! What a session does on a GPU, on the CPU: numbers that are read together.

use super::*;
use crate::data::Shapes;
use crate::train::{Gan, GanConfig, MetricList};
use tch::Tensor;

/// Remembers how many iterations it was told of.
#[derive(Default)]
struct Counter(Vec<usize>);

impl Observer for Counter {
    fn iteration(&mut self, history: &History) {
        self.0.push(history.len());
    }
    fn sample(&mut self, line: &str, _: &Samples) -> Result<()> {
        assert!(!line.contains("not trained"), "{line}");
        Ok(())
    }
    fn notice(&mut self, notice: &Notice) {
        unreachable!("{notice}");
    }
}

fn data() -> Dataset {
    Shapes::generate(16, 1).unwrap()
}

/// The metrics of the tutorial's game, all of this value.
fn all(value: f32) -> Metrics {
    let value = Tensor::from(value);
    let list = Gan::new(GanConfig::dcgan()).unwrap().metrics();
    Metrics::of(&list.names().map(|name| (name, &value)).collect::<Vec<_>>()).unwrap()
}

#[test]
fn numbers_read_together_are_those_read_one_by_one() {
    let histories = [true, false].map(|at_once| {
        let mut gan = Gan::new(GanConfig::dcgan()).unwrap();
        let mut counter = Counter::default();
        let mut run = gan.begin(&data(), 5, 4, 3, &mut counter).unwrap();
        run.read_at += Duration::from_secs(3600);
        while run.goes_on() {
            let metrics = run.gan.train_iteration(&data(), 4).unwrap();
            run.take(metrics, at_once).unwrap();
            run.ended = run.done() == 5;
            if run.sample_is_due() {
                let samples = run.gan.sample_images().unwrap();
                run.show(&samples).unwrap();
            }
        }
        let history = run.finish().unwrap();
        assert_eq!(counter.0, [1, 2, 3, 4, 5]);
        assert!(history.seconds_each().iter().all(|seconds| *seconds > 0.0));
        (0..5).map(|i| history.row(i)).collect::<Vec<_>>()
    });
    assert_eq!(histories[0], histories[1]);
    assert!(histories[0].iter().all(|row| row.len() == 5));
}

#[test]
fn a_gpu_is_asked_when_the_panel_is_due_or_much_is_unread() {
    let mut gan = Gan::new(GanConfig::dcgan()).unwrap();
    let mut counter = Counter::default();
    let mut run = gan.begin(&data(), 1_000, 4, 1_000, &mut counter).unwrap();
    run.read_at += Duration::from_secs(3600); // The panel is not due for an hour.
    for unread in 1..MOST {
        run.take(all(0.5), false).unwrap();
        assert_eq!((run.history().len(), run.unread.len()), (0, unread));
    }
    run.take(all(0.5), false).unwrap();
    assert_eq!((run.history().len(), run.unread.len()), (MOST, 0), "as many as are read at once");
    run.read_at = Instant::now().checked_sub(PAUSE).unwrap();
    run.take(all(0.5), false).unwrap();
    assert_eq!(run.history().len(), MOST + 1, "the panel is due");
    run.read_at += Duration::from_secs(3600);
    run.take(all(0.5), true).unwrap();
    assert_eq!(run.history().len(), MOST + 2, "nothing waits on the CPU");
}

/// libtorch refuses to stack numbers of two shapes, as it refuses to read a device that is lost.
#[test]
fn a_read_that_fails_loses_no_iteration() {
    let mut gan = Gan::new(GanConfig::dcgan()).unwrap();
    let mut counter = Counter::default();
    let mut run = gan.begin(&data(), 9, 4, 9, &mut counter).unwrap();
    run.read_at += Duration::from_secs(3600);
    for value in [0.25, 0.5] {
        run.take(all(value), false).unwrap();
    }
    let other = Metrics::of(&[("other", &Tensor::from(1f32))]).unwrap();
    let error = run.take(other, true).unwrap_err();
    assert!(matches!(error, Error::Torch(_)), "{error}");
    run.unread.pop();
    drop(run); // An error leaves the loop here.
    assert_eq!(gan.history.series("g_loss").unwrap(), [0.25, 0.5]);
    assert_eq!(counter.0, [1, 2]);
}

/// The first observer or disk that fails does not take the numbers of the others with it.
#[test]
fn an_error_in_the_middle_keeps_what_was_read() {
    let mut gan = Gan::new(GanConfig::dcgan()).unwrap();
    let mut counter = Counter::default();
    let mut run = gan.begin(&data(), 9, 4, 9, &mut counter).unwrap();
    run.read_at += Duration::from_secs(3600);
    for value in [0.25, f32::NAN, 0.75] {
        run.take(all(value), false).unwrap();
    }
    assert!(matches!(run.read().unwrap_err(), Error::Diverged { iteration: 1, .. }));
    drop(run);
    assert_eq!(gan.history.len(), 3);
    assert_eq!(counter.0, [1, 2]);
}

#[test]
fn numbers_of_other_names_are_refused() {
    let mut gan = Gan::new(GanConfig::dcgan()).unwrap();
    let mut counter = Counter::default();
    let mut run = gan.begin(&data(), 9, 4, 9, &mut counter).unwrap();
    let error = run.record(Metrics::of(&[("g_loss", &Tensor::from(1f32))]).unwrap()).unwrap_err().to_string();
    assert!(error.starts_with("the metrics of an iteration is [\"g_loss\"], expected [\"d_loss_real\""), "{error}");
    let twice = MetricList::losses(&["d", "g", "d"]).validate().unwrap_err().to_string();
    assert!(twice.starts_with("the metrics is \"d\" again"), "{twice}");
}
