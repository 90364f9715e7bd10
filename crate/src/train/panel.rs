//! What the live panel shows at one moment, as HTML and as text. Its words are Spanish: they belong to the lesson.
//!
//! The last state is kept in the notebook and must be readable where scripts, `<svg>` and most styles are taken out.

use super::{
    History, Step,
    words::{count, duration},
};
use crate::display::{Colour, SKETCH_SIZE, escape, sketch};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::ops::Range;

/// How the run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Running,
    Done,
    Stopped,
    Failed,
}

/// The numbers are means over so many iterations: those of one jump with its 32 images.
const WINDOW: usize = 50;
/// A line of the curve has so many points at most.
const POINTS: usize = 120;
const BAR: &str = "display:block;width:100%;height:12px;margin:6px 0 10px";
const NAME: &str = "text-align:left;padding:2px 0;font-weight:normal";
const NUMBER: &str = "text-align:right;padding:2px 0 2px 14px;font-weight:normal";

#[derive(Debug)]
pub(super) struct Snapshot {
    done: usize,
    planned: usize,
    /// Of training, without pictures.
    seconds: f64,
    /// Iterations a second, of late.
    rate: Option<f64>,
    window: usize,
    d_loss_real: f64,
    d_loss_fake: f64,
    g_loss: f64,
    d_acc_real: f64,
    d_acc_fake: f64,
    curve: String,
}

impl Snapshot {
    pub(super) fn new(history: &History, rate: Option<f64>) -> Self {
        let window = &history.steps[history.len().saturating_sub(WINDOW)..];
        let mean = |value: fn(&Step) -> f32| mean(window, value);
        Self {
            done: history.len(),
            planned: history.planned,
            seconds: history.seconds(),
            rate,
            window: window.len(),
            d_loss_real: mean(|s| s.d_loss_real),
            d_loss_fake: mean(|s| s.d_loss_fake),
            g_loss: mean(|s| s.g_loss),
            d_acc_real: 100.0 * mean(|s| s.d_acc_real),
            d_acc_fake: 100.0 * mean(|s| s.d_acc_fake),
            curve: curve(&history.steps),
        }
    }

    /// `Entrenando` and `1200 de 10 000 iteraciones (12 %) · 5.9 it/s · quedan 24 min 50 s`
    fn headline(&self, state: State) -> [String; 2] {
        let word = match state {
            State::Running => "Entrenando",
            State::Done => "Terminado",
            State::Stopped => "Detenido",
            State::Failed => "Cortado por un error",
        };
        let share = 100 * self.done / self.planned.max(1);
        let so_far = format!("{} de {} iteraciones ({share} %)", count(self.done), count(self.planned));
        let time = match (state, self.rate) {
            (State::Running, Some(rate)) => {
                let left = (self.planned - self.done) as f64 / rate;
                format!("{rate:.1} it/s · quedan {}", duration(left))
            }
            (State::Running, None) => "midiendo el ritmo…".into(),
            _ => format!("{:.1} it/s · {} de entrenamiento", self.done as f64 / self.seconds, duration(self.seconds)),
        };
        [word.into(), format!("{so_far} · {time}")]
    }

    pub(super) fn to_html(&self, state: State) -> String {
        let [word, rest] = self.headline(state).map(|text| escape(&text));
        let Self { done, planned, window, d_loss_real, d_loss_fake, g_loss, d_acc_real, d_acc_fake, .. } = self;
        // While it moves, as `<svg>`: the page then need not decode a new image each time, which flickers.
        let curve = if state == State::Running {
            self.curve.clone()
        } else {
            let ((width, height), data) = (SKETCH_SIZE, STANDARD.encode(&self.curve));
            let alt = escape(&self.description());
            format!(r#"<img src="data:image/svg+xml;base64,{data}" width="{width}" height="{height}" alt="{alt}">"#)
        };
        let row = |name: &str, cells: [String; 2]| {
            let [real, fake] = cells.map(|cell| format!(r#"<td style="{NUMBER}">{cell}</td>"#));
            format!(r#"<tr><th scope="row" style="{NAME}">{name}</th>{real}{fake}</tr>"#)
        };
        let loss = |value: &f64| format!("{value:.3}");
        let percent = |value: &f64| format!("{value:.0} %");
        // No colours of its own: text takes the theme's, so it reads in light and dark.
        [
            r#"<div style="font-family:sans-serif;font-size:13px;line-height:1.4;width:640px;max-width:100%">"#,
            &format!("<div><b>{word}</b> · {rest}</div>"),
            &format!(r#"<progress max="{planned}" value="{done}" aria-label="iteraciones" style="{BAR}">"#),
            "</progress>",
            r#"<div style="display:inline-block;vertical-align:top;width:220px;margin-right:16px">"#,
            r#"<table style="border-collapse:collapse;font-size:13px;margin:0">"#,
            &format!(r#"<tr><td style="{NAME}"></td><th scope="col" style="{NUMBER}">reales</th>"#),
            &format!(r#"<th scope="col" style="{NUMBER}">generadas</th></tr>"#),
            &row("D, pérdida", [loss(d_loss_real), loss(d_loss_fake)]),
            &row("D, aciertos", [percent(d_acc_real), percent(d_acc_fake)]),
            &row("G, pérdida", [String::new(), loss(g_loss)]),
            r#"</table><div style="font-size:11px;margin-top:6px">"#,
            &format!("medias {}</div></div>", last(*window)),
            &format!(r#"<div style="display:inline-block;vertical-align:top">{curve}</div></div>"#),
        ]
        .concat()
    }

    /// The same in lines of plain text.
    pub(super) fn to_string(&self, state: State) -> String {
        format!("{}\n{}", self.headline(state).join(" · "), self.description())
    }

    fn description(&self) -> String {
        format!(
            "Media {}: pérdida de D con reales {:.3} y con generadas {:.3}, aciertos {:.0} % y {:.0} %; pérdida de G \
             {:.3}.",
            last(self.window),
            self.d_loss_real,
            self.d_loss_fake,
            self.d_acc_real,
            self.d_acc_fake,
            self.g_loss
        )
    }
}

fn last(iterations: usize) -> String {
    if iterations == 1 {
        "de la última iteración".into()
    } else {
        format!("de las últimas {iterations} iteraciones")
    }
}

/// The three losses over the iterations, in means over pieces of equal length.
fn curve(steps: &[Step]) -> String {
    let pieces = steps.len().min(POINTS);
    let piece = |i: usize| i * steps.len() / pieces..(i + 1) * steps.len() / pieces;
    let line = |value: fn(&Step) -> f32| {
        let point = |range: Range<usize>| ((range.start + range.end) as f64 / 2.0, mean(&steps[range], value));
        (0..pieces).map(piece).map(point).collect()
    };
    let lines = [
        ("G", Colour::Blue, line(|s| s.g_loss)),
        ("D, reales", Colour::Vermillion, line(|s| s.d_loss_real)),
        ("D, generadas", Colour::Green, line(|s| s.d_loss_fake)),
    ];
    sketch(&lines, steps.len() as f64, (2f64.ln(), "ln 2"), "Pérdidas de G y de D a lo largo de las iteraciones")
}

/// NaN for no steps.
fn mean(steps: &[Step], value: fn(&Step) -> f32) -> f64 {
    steps.iter().map(|step| f64::from(value(step))).sum::<f64>() / steps.len() as f64
}
