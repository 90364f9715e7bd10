//! The notebook's stop button. The environment belongs to a process, so each case asks one of its own.

use std::cell::Cell;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs};

use crate::common::{assert_same_bits, printed_by, tiny_gan, weights};
use gan_nb::data::{Dataset, Shapes};
use gan_nb::platform::stop_button;
use gan_nb::progress::NotebookObserver;
use gan_nb::train::{Gan, GanConfig, History, MetricList, Notice, Observer, Samples};

const PRESSED_AT: usize = 3;

/// The notebook's observer, and someone who presses the button during the third iteration: counted by the questions, as a GPU's
/// iterations are told of some time after they were done.
#[derive(Default)]
struct Presser {
    screen: NotebookObserver,
    samples: Vec<String>,
    asked: Cell<usize>,
}

impl Observer for Presser {
    fn iteration(&mut self, history: &History) {
        self.screen.iteration(history);
    }
    fn sample(&mut self, log_line: &str, samples: &Samples) -> gan_nb::Result<()> {
        self.samples.push(log_line.split(' ').next().unwrap().into());
        self.screen.sample(log_line, samples)
    }
    fn begin(&mut self, history: &History) {
        self.screen.begin(history);
    }
    fn notice(&mut self, notice: &Notice) {
        self.screen.notice(notice);
    }
    fn finished(&mut self, history: &History) -> gan_nb::Result<()> {
        self.screen.finished(history)
    }
    fn stop_requested(&self) -> bool {
        self.asked.set(self.asked.get() + 1);
        if self.asked.get() == PRESSED_AT {
            fs::write(button(), "").unwrap();
        }
        self.screen.stop_requested()
    }
}

/// The file that stands for it.
fn button() -> PathBuf {
    env::var_os("BUTTON").unwrap().into()
}

fn data() -> Dataset {
    Shapes::generate(16, 1).unwrap()
}

fn losses(history: &History) -> Vec<Vec<f32>> {
    (0..history.len()).map(|i| history.row(i)).collect()
}

fn both_weights(gan: &Gan) -> Vec<Vec<f32>> {
    [weights(&gan.generator), weights(&gan.discriminator)].concat()
}

#[test]
#[ignore = "started by the other tests"]
fn is_stopped_and_goes_on() {
    let mut whole = tiny_gan(GanConfig::tutorial());
    let expected = whole.train_gan(&data(), 7, 4, 5).unwrap();
    println!("now with the button");

    let mut gan = tiny_gan(GanConfig::tutorial());
    let mut presser = Presser::default();
    let history = gan.train_observed(&data(), 7, 4, 5, &mut presser).unwrap();
    assert_eq!((history.len(), history.planned), (PRESSED_AT, 7));
    assert_same_bits(&losses(&history), &losses(&expected)[..PRESSED_AT].to_vec(), "losses until the press");
    assert_eq!(presser.samples, ["0", "2"], "a last sample");
    assert_eq!(fs::read_to_string(button()).unwrap(), "seen");
    assert!(stop_button::requested(), "as long as the cell runs");

    fs::remove_file(button()).unwrap(); // as the kernel does when the cell has ended
    assert!(!stop_button::requested() && !button().exists(), "looking must not make the file");
    let history = gan.train_gan(&data(), 7, 4, 5).unwrap();
    assert_eq!(history.len(), 7);
    assert_same_bits(&losses(&history), &losses(&expected), "losses");
    assert_same_bits(&both_weights(&gan), &both_weights(&whole), "weights, as if it had never been stopped");

    // Whole now: the same call starts a record of its own, and the networks learn on.
    assert_eq!(gan.train_gan(&data(), 7, 4, 5).unwrap().len(), 7);
    assert_ne!(both_weights(&gan), both_weights(&whole));
    println!("all well");
}

#[test]
#[ignore = "started by the other tests"]
fn other_numbers_start_anew() {
    let mut gan = tiny_gan(GanConfig::tutorial());
    gan.train_observed(&data(), 7, 4, 5, &mut Presser::default()).unwrap();
    fs::remove_file(button()).unwrap();
    assert_eq!(gan.train_gan(&data(), 2, 4, 5).unwrap().len(), 2);
    println!("all well");
}

#[test]
#[ignore = "started by the other tests"]
fn never_looks() {
    let history = tiny_gan(GanConfig::tutorial()).train_observed(&data(), 5, 4, 5, &mut Presser::default()).unwrap();
    assert_eq!(history.len(), 5);
    assert_eq!(fs::read_to_string(button()).unwrap(), "");
    println!("all well");
}

#[test]
#[ignore = "started by the other tests"]
fn is_in_a_slow_step() {
    let unanswered = |when: &str| {
        sleep(Duration::from_millis(500)); // for a look that was under way
        fs::write(button(), "").unwrap();
        sleep(Duration::from_secs(1));
        assert_eq!(fs::read_to_string(button()).unwrap(), "", "{when}");
    };
    let mut observer = NotebookObserver::default();
    let history = History::new(9, 9, MetricList::losses(&["G"])).unwrap();
    unanswered("a cell that has yet to begin its training is not answered for");
    observer.begin(&history);
    let since = Instant::now();
    while fs::read_to_string(button()).unwrap() != "seen" {
        assert!(since.elapsed() < Duration::from_secs(30), "nobody answers while the step lasts");
        sleep(Duration::from_millis(20));
    }
    observer.finished(&history).unwrap();
    unanswered("nor are later cells, though the observer lives on");
    println!("all well");
}

/// What the child prints, with the button known to the library or not.
fn run(child: &str, known: bool, live: bool) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("interrupt").display().to_string();
    let mut env = vec![("BUTTON", &*path)];
    env.extend(known.then_some(("EVCXR_LIVE_INTERRUPT", &*path)));
    env.extend(live.then_some(("EVCXR_LIVE", "1")));
    let printed = printed_by(child, &env);
    assert!(printed.contains("all well"), "{printed}");
    printed
}

#[test]
fn training_stops_within_an_iteration_and_goes_on_where_it_was() {
    for live in [false, true] {
        let printed = run("stop::is_stopped_and_goes_on", true, live);
        let (before, after) = printed.split_once("now with the button").unwrap();
        assert!(!before.contains("Detenido tras") && !before.contains("Sigue donde"), "{before}");
        assert_eq!(after.matches("Detenido tras 3 de 7 iteraciones.").count(), 1, "{after}");
        assert_eq!(after.matches("Sigue donde se detuvo: ya hay 3 de 7 iteraciones.").count(), 1, "{after}");
        assert_eq!(after.contains("<b>Detenido</b> · 3 de 7 iteraciones (42 %)"), live, "{after}");
    }
}

#[test]
fn a_stopped_run_is_gone_on_with_only_by_the_same_numbers() {
    assert!(!run("stop::other_numbers_start_anew", true, false).contains("Sigue donde"));
}

#[test]
fn the_button_is_answered_while_an_iteration_lasts() {
    run("stop::is_in_a_slow_step", true, false);
}

#[test]
fn without_the_kernels_variable_no_file_stops_anything() {
    run("stop::never_looks", false, false);
}
