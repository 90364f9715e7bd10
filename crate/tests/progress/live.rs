//! What a training prints under a live kernel and elsewhere. The environment belongs to a process, so each case asks
//! one of its own.

use std::time::{Duration, Instant};

use crate::common::{LIVE, Line, device, lines, printed_by, tiny_gan};
use gan_nb::data::Shapes;
use gan_nb::display::{film, image_grid};
use gan_nb::progress::NotebookObserver;
use gan_nb::train::{Game, GanConfig, History, Notice, Observer};
use tch::{Kind, Tensor};

#[test]
#[ignore = "started by the other tests"]
fn trains_five() {
    tiny_gan(GanConfig::tutorial()).train_gan(&Shapes::generate(8, 1).unwrap(), 5, 4, 2).unwrap();
    println!("end of the cell");
}

#[test]
#[ignore = "started by the other tests"]
fn trains_five_without_samples() {
    let mut panel = NotebookObserver::without_samples();
    let x_train = Shapes::generate(8, 1).unwrap();
    tiny_gan(GanConfig::tutorial()).train_observed(&x_train, 5, 4, 2, &mut panel).unwrap();
    println!("end of the cell");
}

#[test]
#[ignore = "started by the other tests"]
fn trains_for_two_seconds() {
    /// The notebook's, ended by the clock.
    struct Clock(NotebookObserver, Instant);
    impl Observer for Clock {
        fn iteration(&mut self, history: &History) {
            self.0.iteration(history);
        }
        fn sample(&mut self, _: &str, _: &gan_nb::train::Samples) -> gan_nb::Result<()> {
            Ok(())
        }
        fn begin(&mut self, history: &History) {
            self.0.begin(history);
        }
        fn notice(&mut self, notice: &Notice) {
            self.0.notice(notice);
        }
        fn finished(&mut self, history: &History) -> gan_nb::Result<()> {
            self.0.finished(history)
        }
        fn stop_requested(&self) -> bool {
            self.1.elapsed() > Duration::from_secs(2)
        }
    }
    let x_train = Shapes::generate(8, 1).unwrap();
    // A GPU's very first iteration takes seconds.
    tiny_gan(GanConfig::tutorial()).train_iteration(&x_train, 4).unwrap().read().unwrap();
    let start = Instant::now();
    let mut clock = Clock(NotebookObserver::default(), start);
    tiny_gan(GanConfig::tutorial()).train_observed(&x_train, 1_000_000, 4, 1_000_000, &mut clock).unwrap();
    println!("seconds={}", start.elapsed().as_secs_f64());
}

#[test]
#[ignore = "started by the other tests"]
fn is_cut_off() {
    let mut gan = tiny_gan(GanConfig::tutorial());
    let mut history = History::new(9, 9, gan.metrics()).unwrap();
    let row = gan.train_iteration(&Shapes::generate(8, 1).unwrap(), 4).unwrap().read().unwrap();
    history.push(&row, 0.1).unwrap();
    NotebookObserver::default().iteration(&history);
}

#[test]
#[ignore = "started by the other tests"]
fn shows_figures_now() {
    let figure = image_grid(&Tensor::zeros([1, 2, 2, 3], (Kind::Uint8, device())), 1).unwrap();
    figure.show_now();
    println!("between");
    film(&[("a \"b\" ñ\nc", figure)]).show_now();
}

#[test]
fn without_a_live_kernel_there_are_no_marked_lines() {
    for env in [&[][..], &[("EVCXR_LIVE", "")], &[("EVCXR_LIVE", "0")]] {
        for child in ["live::trains_five", "live::is_cut_off", "live::shows_figures_now"] {
            let printed = printed_by(child, env);
            assert!(!printed.contains('\u{1e}') && !printed.contains("evcxr_live"), "{child}: {printed}");
        }
        let printed = printed_by("live::trains_five", env);
        assert_eq!(printed.matches("EVCXR_BEGIN_CONTENT text/html").count(), 1, "{printed}");
        assert_eq!(printed.matches("<img ").count(), 6, "three samples of two grids in one film");
        assert!(printed.find("4 [D loss") < printed.find("EVCXR_BEGIN_CONTENT"), "{printed}");
    }
}

#[test]
fn live_the_panel_comes_first_and_each_log_line_before_its_grids() {
    let printed = printed_by("live::trains_five", &[LIVE]);
    assert!(!printed.contains("EVCXR_BEGIN_CONTENT"), "{printed}");
    let lines = lines(&printed);
    let Line::Shown { msg_type, id: Some(panel), html, .. } = &lines[0] else { panic!("{:?}", lines[0]) };
    assert!(msg_type == "display_data" && html.contains("1 de 5 iteraciones"), "{html}");

    let mut last_text = String::new();
    let (mut samples, mut end) = (Vec::new(), String::new());
    for line in &lines[1..] {
        match line {
            Line::Text(line) => last_text.clone_from(line),
            Line::IfLost(text) => panic!("nothing is saved here: {text}"),
            Line::Shown { msg_type, id: Some(id), html, .. } => {
                assert!(msg_type == "update_display_data" && id == panel);
                end.clone_from(html);
            }
            Line::Shown { msg_type, id: None, html, .. } => {
                assert!(msg_type == "display_data" && html.matches("<img ").count() == 2, "{html}");
                samples.push(last_text.split(' ').next().unwrap().to_string());
            }
        }
    }
    assert_eq!(samples, ["0", "2", "4"], "each below its own log line");
    assert!(end.contains("<b>Terminado</b> · 5 de 5 iteraciones (100 %)"), "{end}");
    // What is kept must outlive a page that takes `<svg>` out.
    assert!(!end.contains("<svg") && end.contains("<img src=\"data:image/svg+xml;base64,"), "{end}");
    assert!(end.contains("alt=\"Media de las últimas 5 iteraciones: pérdida de D"), "{end}");
}

#[test]
fn without_samples_there_is_the_panel_alone() {
    let live = lines(&printed_by("live::trains_five_without_samples", &[LIVE]));
    let ids: Vec<_> =
        live.iter().filter_map(|line| if let Line::Shown { id, .. } = line { Some(id) } else { None }).collect();
    assert!(!ids.is_empty() && ids.iter().all(|id| id.is_some()), "{live:?}");
    let plain = printed_by("live::trains_five_without_samples", &[]);
    for printed in [format!("{live:?}"), plain] {
        assert!(!printed.contains("[D loss") && !printed.contains("data:image/png"), "{printed}");
        assert!(printed.contains("end of the cell"), "{printed}");
    }
}

#[test]
fn the_panel_moves_at_most_four_times_a_second() {
    let printed = printed_by("live::trains_for_two_seconds", &[LIVE]);
    let seconds: f64 = printed.split("seconds=").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
    let shown: Vec<_> = lines(&printed)
        .into_iter()
        .filter_map(|line| if let Line::Shown { html, .. } = line { Some(html) } else { None })
        .collect();
    // The first, those between, and the last, which does not wait.
    let most = (seconds * 4.0) as usize + 2;
    assert!((3..=most).contains(&shown.len()), "{} in {seconds} s", shown.len());
    assert!(shown[1].contains("Entrenando") && shown[1].contains(" it/s · quedan "), "{}", shown[1]);
    assert!(shown.last().unwrap().contains("<b>Detenido</b>"), "{:?}", shown.last());
    let sizes: Vec<_> = shown.iter().map(String::len).collect();
    assert!(sizes.iter().all(|size| *size < 20_000), "{sizes:?} bytes");
}

#[test]
fn a_panel_whose_run_is_cut_off_says_so() {
    let lines = lines(&printed_by("live::is_cut_off", &[LIVE]));
    let [Line::Shown { id, .. }, Line::Shown { msg_type, id: same, html, .. }, ..] = &lines[..] else {
        panic!("{lines:?}")
    };
    assert!(id == same && msg_type == "update_display_data" && html.contains("Cortado por un error"), "{html}");
}

#[test]
fn figures_are_shown_in_the_middle_of_a_cell() {
    let lines = lines(&printed_by("live::shows_figures_now", &[LIVE]));
    let [Line::Shown { html: grid, .. }, Line::Text(between), Line::Shown { id: None, text, html, .. }, ..] =
        &lines[..]
    else {
        panic!("{lines:?}")
    };
    assert!(grid.starts_with("<img ") && between == "between");
    assert!(text.starts_with("a \"b\" ñ\nc\n") && html.contains("a &quot;b&quot; ñ\nc"), "{text} {html}");
    let printed = printed_by("live::shows_figures_now", &[]);
    assert!(printed.find("EVCXR_BEGIN_CONTENT") < printed.find("between"), "evcxr itself holds it back: {printed}");
}
