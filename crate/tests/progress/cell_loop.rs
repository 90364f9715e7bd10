//! The panel of a loop that a cell writes itself. The environment belongs to a process, so each case asks one of its own.

use std::{fs, time::Duration, time::Instant};

use crate::common::{LIVE, Line, device, floats, lines, printed_by};
use gan_nb::display::{Figure, image_grid};
use gan_nb::progress::{Log, Progress};
use tch::{Kind, Tensor};

const NAMES: [&str; 2] = ["D", "G"];

fn scalar(value: f64) -> Tensor {
    Tensor::from(value as f32).to_device(device())
}

fn picture() -> Figure {
    image_grid(&Tensor::zeros([1, 2, 2, 3], (Kind::Uint8, device())), 1).unwrap()
}

/// D falls from 1, G rises from 0.
fn go(run: &mut Progress, until: usize) {
    while let Some(step) = run.step() {
        run.record(&[&scalar(1.0 / (step + 1) as f64), &scalar(step as f64)]).unwrap();
        if step + 1 == until {
            break;
        }
    }
}

#[test]
#[ignore = "started by the other tests"]
fn runs_six() {
    let mut run = Progress::new("El <anillo>", 6, &NAMES).unwrap().reference(2f64.ln(), "ln 2");
    while let Some(step) = run.step() {
        run.record(&[&scalar(0.5), &scalar(step as f64)]).unwrap();
        if step % 3 == 0 {
            run.show(&format!("paso {step}"), picture()).unwrap();
        }
    }
    let log = run.finish().unwrap();
    println!("G={:?} last={:?}", log.series("G").unwrap(), log.last());
    log.evcxr_display();
}

#[test]
#[ignore = "started by the other tests"]
fn runs_for_two_seconds() {
    let start = Instant::now();
    let mut run = Progress::new("reloj", 1_000_000, &NAMES).unwrap();
    while start.elapsed() < Duration::from_secs(2) {
        run.step().unwrap();
        run.record(&[&scalar(0.5), &scalar(1.0)]).unwrap();
    }
    run.finish().unwrap();
    println!("seconds={}", start.elapsed().as_secs_f64());
}

#[test]
#[ignore = "started by the other tests"]
fn is_cut_off() {
    let mut run = Progress::new("cortado", 6, &NAMES).unwrap();
    run.show("antes", picture()).unwrap();
    go(&mut run, 2);
    run.step();
}

#[test]
#[ignore = "started by the other tests"]
fn is_stopped() {
    let button = std::env::var("EVCXR_LIVE_INTERRUPT").unwrap();
    let mut run = Progress::new("detenido", 6, &NAMES).unwrap();
    go(&mut run, 2);
    fs::write(&button, "").unwrap();
    assert_eq!((run.step(), run.step()), (None, None));
    assert_eq!(run.finish().unwrap().len(), 2);
    assert_eq!(fs::read_to_string(&button).unwrap(), "seen");
    fs::remove_file(&button).unwrap();

    // A step may take longer than the kernel waits.
    let mut run = Progress::new("un paso largo", 6, &NAMES).unwrap();
    run.step().unwrap();
    fs::write(&button, "").unwrap();
    let since = Instant::now();
    while fs::read_to_string(&button).unwrap() != "seen" {
        assert!(since.elapsed() < Duration::from_secs(30), "nobody answers while the step lasts");
    }
    println!("all well");
}

#[test]
fn live_the_panel_comes_first_and_figures_as_they_come() {
    let printed = printed_by("cell_loop::runs_six", &[LIVE]);
    assert!(printed.contains("G=[0.0, 1.0, 2.0, 3.0, 4.0, 5.0] last=[0.5, 5.0]"), "{printed}");
    let (mut panel, mut ends, mut captions) = (None, Vec::new(), Vec::new());
    for line in lines(&printed) {
        match line {
            Line::Shown { id: Some(id), html, .. } => {
                assert_eq!(panel.get_or_insert(id.clone()), &id, "one panel");
                ends.push(html);
            }
            Line::Shown { id: None, text, .. } => captions.push(text.lines().next().unwrap().to_string()),
            Line::Text(_) | Line::IfLost(_) => {}
        }
    }
    assert_eq!(captions, ["paso 0", "paso 3"]);
    let end = ends.last().unwrap();
    assert!(end.contains("<b>El &lt;anillo&gt; · Terminado</b> · 6 de 6 iteraciones (100 %)"), "{end}");
    assert!(end.contains("alt=\"Media de las últimas 6 iteraciones: D 0.500; G 2.50.\""), "{end}");
    assert!(ends[0].contains("<svg") && ends[0].contains(">ln 2</text>") && !end.contains("<svg"), "{}", ends[0]);
    assert_eq!(printed.matches("EVCXR_BEGIN_CONTENT text/html").count(), 1, "the log's curves");
}

#[test]
fn a_plain_kernel_gets_a_film_even_if_an_error_ends_the_run() {
    let printed = printed_by("cell_loop::runs_six", &[]);
    assert!(!printed.contains('\u{1e}'), "{printed}");
    assert_eq!(printed.matches("<figcaption").count(), 2, "one film of two figures: {printed}");
    assert!(printed.find("<figcaption") < printed.find("G=["), "when the run ends");
    assert_eq!(printed_by("cell_loop::is_cut_off", &[]).matches("<figcaption").count(), 1);
}

#[test]
fn the_panel_moves_at_most_four_times_a_second() {
    let printed = printed_by("cell_loop::runs_for_two_seconds", &[LIVE]);
    let seconds: f64 = printed.split("seconds=").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
    let shown = lines(&printed).into_iter().filter(|line| matches!(line, Line::Shown { .. })).count();
    let most = (seconds * 4.0) as usize + 2; // the first, those between, and the last, which does not wait
    assert!((3..=most).contains(&shown), "{shown} in {seconds} s");
}

#[test]
fn a_panel_whose_run_is_cut_off_says_so() {
    let last = lines(&printed_by("cell_loop::is_cut_off", &[LIVE]))
        .into_iter()
        .rfind(|line| matches!(line, Line::Shown { .. }));
    let Some(Line::Shown { html, .. }) = last else { panic!("{last:?}") };
    assert!(html.contains("<b>cortado · Cortado por un error</b>"), "{html}");
}

#[test]
fn the_stop_button_ends_the_loop_and_keeps_what_was_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("interrupt").display().to_string();
    let printed = printed_by("cell_loop::is_stopped", &[LIVE, ("EVCXR_LIVE_INTERRUPT", &*path)]);
    assert!(printed.contains("all well"), "{printed}");
    assert!(printed.contains("<b>detenido · Detenido</b> · 2 de 6 iteraciones (33 %)"), "{printed}");
    assert!(printed.contains("Detenido tras 2 de 6 iteraciones."), "{printed}");
}

#[test]
fn the_cap_ends_the_run_and_says_so() {
    let printed = printed_by("cell_loop::runs_six", &[("GAN_NB_MAX_STEPS", "2")]);
    assert!(printed.contains("GAN_NB_MAX_STEPS está puesta: 2 iteraciones en lugar de 6."), "{printed}");
    assert!(printed.contains("G=[0.0, 1.0] last="), "{printed}");
}

fn logged(steps: usize, until: usize) -> Log {
    let mut run = Progress::new("prueba", steps, &NAMES).unwrap();
    go(&mut run, until);
    run.finish().unwrap()
}

#[test]
fn a_log_names_its_series_and_draws_them() {
    let log = logged(40, 40);
    assert_eq!((log.len(), log.names(), log.title()), (40, &NAMES.map(String::from)[..], "prueba"));
    assert_eq!(log.series("D").unwrap()[3], 0.25);
    assert!(
        log.seconds() > 0.0 && log.to_string().starts_with("prueba: 40 of 40 iterations in 0 s; the last: D 0.0250")
    );
    let figure = log.plot("Un título").unwrap();
    assert!(figure.text().starts_with("Un título\nPérdidas (pérdida): D 0.0250 · G 39.0"), "{}", figure.text());
    // The mean of the last tenth: 1/37 to 1/40, and 36 to 39.
    let alt = "Curvas de 40 iteraciones. En la última décima parte, de media: D 0.0260; G 37.5.";
    assert_eq!(figure.alt(), alt);
    assert_eq!(log.last_means(2), [f64::from(0.025f32).midpoint(f64::from(1.0f32 / 39.0)), 38.5]);
    let error = log.series("K").unwrap_err().to_string();
    assert!(error.contains("\"K\"") && error.contains("[\"D\", \"G\"]"), "{error}");
}

#[test]
fn a_step_that_was_recorded_before_a_break_counts() {
    assert!(logged(5, 3).to_string().starts_with("prueba: 3 of 5 iterations"), "{}", logged(5, 3));
}

#[test]
fn a_log_of_nothing_is_drawn_too() {
    let log = Progress::new("nada", 5, &NAMES).unwrap().finish().unwrap();
    assert!(log.is_empty() && log.last().is_empty());
    assert_eq!(log.to_string(), "nada: 0 of 5 iterations in 0 s");
    log.plot("nada").unwrap();
}

#[test]
fn what_can_not_be_recorded_is_refused_by_name() {
    let refused = |steps, names: &[&str]| Progress::new("x", steps, names).unwrap_err().to_string();
    assert!(refused(0, &NAMES).contains("steps is 0, expected 1 or more"));
    assert!(refused(1, &[]).contains("is 0, expected 1 to 6"));
    assert!(refused(1, &["1", "2", "3", "4", "5", "6", "7"]).contains("is 7, expected 1 to 6"));
    assert!(refused(1, &["G", "G"]).contains("\"G\" twice"));

    let mut run = Progress::new("x", 1, &NAMES).unwrap();
    run.step();
    let error = run.record(&[&scalar(1.0)]).unwrap_err().to_string();
    assert!(error.contains("1 losses, expected 2"), "{error}");
    let error = run.record(&[&scalar(1.0), &Tensor::zeros([4, 1], floats())]).unwrap_err().to_string();
    assert!(error.contains("the loss \"G\" is a tensor of shape [4, 1], expected one number"), "{error}");
    assert!(run.record_numbers(&[1.0]).unwrap_err().to_string().contains("1 losses, expected 2"));
    run.record(&[&scalar(1.0), &Tensor::zeros([1, 1], (Kind::Double, device()))]).unwrap();
    run.record_numbers(&[2.0, 3.0]).unwrap();
    let log = run.finish().unwrap();
    assert_eq!((log.series("D").unwrap(), log.last()), (&[1.0, 2.0][..], vec![2.0, 3.0]));
}
