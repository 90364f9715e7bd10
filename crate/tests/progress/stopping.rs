//! What is seen between the press of the stop button and the end of a long iteration. The environment belongs to a
//! process, so each case asks one of its own.

use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs};

use crate::common::{Line, device, lines, printed_by, tiny_gan};
use gan_nb::data::{Dataset, Shapes};
use gan_nb::progress::{NotebookObserver, Progress};
use gan_nb::train::{GanConfig, GanGame, Session};

const WORDS: &str = "se detiene al acabar la iteración; pulsa otra vez para cortar";

fn button() -> PathBuf {
    env::var_os("EVCXR_LIVE_INTERRUPT").unwrap().into()
}

/// Presses the button during an iteration, which then lasts until the press was seen, and a second more.
fn press() {
    println!("\nthe button is pressed");
    fs::write(button(), "").unwrap();
    let since = Instant::now();
    while fs::read_to_string(button()).unwrap() != "seen" {
        assert!(since.elapsed() < Duration::from_secs(30), "nobody answers");
        sleep(Duration::from_millis(20));
    }
    sleep(Duration::from_secs(1));
    println!("the iteration ends");
}

fn data() -> Dataset {
    Shapes::generate(8, 1).unwrap()
}

fn iterate(run: &mut Session<'_, GanGame>, is_slow: bool) {
    let metrics = run.gan.train_iteration(&data(), 4).unwrap();
    if is_slow {
        press();
    }
    run.record(metrics).unwrap();
}

/// With the iteration after so many made long.
fn trains(slow: usize) {
    let (mut gan, mut screen) = (tiny_gan(GanConfig::tutorial()), NotebookObserver::without_samples());
    let mut run = gan.begin(&data(), 9, 4, 9, &mut screen).unwrap();
    for iteration in 0.. {
        if !run.goes_on() {
            break;
        }
        iterate(&mut run, iteration == slow);
    }
    assert_eq!(run.finish().unwrap().len(), slow + 1);
}

#[test]
#[ignore = "started by the other tests"]
fn trains_with_a_long_iteration() {
    trains(2);
}

#[test]
#[ignore = "started by the other tests"]
fn trains_with_a_long_first_iteration() {
    trains(0);
}

#[test]
#[ignore = "started by the other tests"]
fn loops_with_a_long_step() {
    let mut run = Progress::new("El anillo", 9, &["D"]).unwrap();
    while let Some(step) = run.step() {
        run.record_numbers(&[0.5]).unwrap();
        if step == 2 {
            press();
        }
    }
    assert_eq!(run.finish().unwrap().len(), 3);
}

/// The cell that trains ends with an error; its observer is a variable of an earlier cell, and stays.
#[test]
#[ignore = "started by the other tests"]
fn fails_after_the_press() {
    let (mut gan, mut screen) = (tiny_gan(GanConfig::tutorial()), NotebookObserver::without_samples());
    let mut run = gan.begin(&data(), 9, 4, 9, &mut screen).unwrap();
    iterate(&mut run, false);
    press();
    drop(run);
    println!("the cell has ended");
    sleep(Duration::from_millis(500)); // for a look that was under way
    fs::write(button(), "").unwrap();
    sleep(Duration::from_secs(1));
    assert_eq!(fs::read_to_string(button()).unwrap(), "", "the button of another cell is not its own");
    drop(screen);
}

/// What such a child prints before the press, until its iteration ends, and after that.
fn printed_around_the_press(child: &str, live: bool) -> [String; 3] {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("interrupt").display().to_string();
    let mut env = vec![("EVCXR_LIVE_INTERRUPT", &*path)];
    env.extend(live.then_some(("EVCXR_LIVE", "1")));
    let printed = printed_by(&format!("stopping::{child}"), &env);
    let (before, rest) = printed.split_once("the button is pressed\n").unwrap();
    let (meanwhile, after) = rest.split_once("the iteration ends\n").unwrap();
    [before, meanwhile, after].map(String::from)
}

/// The panel's id, and what it says in its first line.
fn panels(printed: &str) -> Vec<(String, String)> {
    if !printed.contains('\u{1e}') {
        return Vec::new();
    }
    let panel = |line| match line {
        Line::Shown { id: Some(id), html, text, .. } => {
            let headline = text.lines().next().unwrap().to_string();
            assert_eq!(html.contains(WORDS), headline.contains(WORDS), "{html}");
            Some((id, headline))
        }
        _ => None,
    };
    lines(printed).into_iter().filter_map(panel).collect()
}

#[test]
fn live_the_panel_says_at_once_that_the_run_stops() {
    for (child, said, end) in [
        ("trains_with_a_long_iteration", "Entrenando · N de 9 iteraciones", "Detenido · 3 de 9 iteraciones (33 %)"),
        ("trains_with_a_long_first_iteration", "Entrenando", "Detenido · 1 de 9 iteraciones (11 %)"),
        (
            "loops_with_a_long_step",
            "El anillo · Entrenando · N de 9 iteraciones",
            "El anillo · Detenido · 3 de 9 iteraciones (33 %)",
        ),
    ] {
        let [before, meanwhile, after] = printed_around_the_press(child, true).map(|printed| panels(&printed));
        let [(id, headline)] = &meanwhile[..] else { panic!("{child}: {meanwhile:?}") };
        // The second iteration most often comes too soon after the first for a picture of its own.
        let headline = headline.replace("1 de 9", "N de 9").replace("2 de 9", "N de 9");
        let headline = headline.replace(" (11 %)", "").replace(" (22 %)", "");
        // A GPU's first iterations may not have been told of by then.
        let unread = if device().is_cuda() { "Entrenando" } else { said };
        let expected = [said, unread].map(|said| format!("{said} · {WORDS}"));
        assert!(expected.contains(&headline), "{child}: {headline}");
        assert!(before.iter().all(|(same, line)| same == id && !line.contains(WORDS)), "{child}: {before:?}");
        let (same, last) = after.last().unwrap();
        assert!(same == id && last.starts_with(end) && !last.contains(WORDS), "{child}: {after:?}");
    }
}

#[test]
fn a_plain_kernel_gets_a_line() {
    for child in ["trains_with_a_long_iteration", "trains_with_a_long_first_iteration", "loops_with_a_long_step"] {
        let [before, meanwhile, after] = printed_around_the_press(child, false);
        assert_eq!(meanwhile, format!("El entrenamiento {WORDS}.\n"), "{child}");
        assert!(!before.contains(WORDS) && !after.contains(WORDS), "{child}: {after}");
    }
}

#[test]
fn a_run_that_fails_meanwhile_has_the_last_word() {
    let [_, meanwhile, after] = printed_around_the_press("fails_after_the_press", true);
    assert!(panels(&meanwhile).iter().any(|(_, line)| line.contains(WORDS)), "{meanwhile}");
    let (failed, later) = after.split_once("the cell has ended").unwrap();
    let failed = panels(failed);
    assert!(failed.len() == 1 && failed[0].1.starts_with("Cortado por un error"), "{failed:?}");
    assert!(panels(later).is_empty(), "{later}");
}
