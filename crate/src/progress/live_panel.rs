//! What the live panel shows at one moment, as HTML and as text. Its words are Spanish: they belong to the lesson.
//!
//! The last state is kept in the notebook and must be readable where scripts, `<svg>` and most styles are taken out.

use super::spanish::{STOPPING, count, duration};
use crate::display::{Colour, SKETCH_SIZE, escape, means_of_pieces, sketch};
use base64::{Engine, engine::general_purpose::STANDARD};

/// How the run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Running,
    /// The stop button was pressed, and the iteration under way is not over.
    Stopping,
    Done,
    Stopped,
    Failed,
}

/// The numbers are means over so many iterations: those of one jump with its 32 images.
pub(super) const WINDOW: usize = 50;
/// A line of the curve has so many points at most.
const POINTS: usize = 120;
/// No colours of its own: text takes the theme's, so it reads in light and dark.
const BOX: &str = r#"<div style="font-family:sans-serif;font-size:13px;line-height:1.4;width:640px;max-width:100%">"#;
const BAR: &str = "display:block;width:100%;height:12px;margin:6px 0 10px";
const NAME: &str = "text-align:left;padding:2px 0;font-weight:normal";
const NUMBER: &str = "text-align:right;padding:2px 0 2px 14px;font-weight:normal";

/// How far a run is and what it gave so far.
#[derive(Debug)]
pub(super) struct Report {
    /// What is trained; nothing where the page says it.
    pub title: String,
    pub done: usize,
    pub planned: usize,
    /// Since the run began.
    pub seconds: f64,
    pub table: Table,
    /// The table in words.
    pub description: String,
    /// An `<svg>`, from [`curve`].
    pub curve: String,
}

/// Means over the last iterations.
#[derive(Debug)]
pub(super) struct Table {
    /// The columns' names; none for a single column.
    pub columns: Vec<&'static str>,
    /// Each with its name.
    pub rows: Vec<(String, Vec<String>)>,
    /// Over how many iterations the means are.
    pub window: usize,
}

impl Report {
    /// `Entrenando` and `1200 de 10 000 iteraciones (12 %) · 5.9 it/s · quedan 24 min 50 s`
    fn headline(&self, state: State, rate: Option<f64>) -> [String; 2] {
        let word = state.word();
        let word = if self.title.is_empty() { word.into() } else { format!("{} · {word}", self.title) };
        let share = 100 * self.done / self.planned.max(1);
        let so_far = format!("{} de {} iteraciones ({share} %)", count(self.done), count(self.planned));
        let time = match (state, rate) {
            (State::Running, Some(rate)) => {
                let left = (self.planned - self.done) as f64 / rate;
                format!("{rate:.1} it/s · quedan {}", duration(left))
            }
            (State::Running, None) => "midiendo el ritmo…".into(),
            (State::Stopping, _) => STOPPING.into(),
            _ => {
                let rate = self.done as f64 / self.seconds.max(f64::MIN_POSITIVE);
                format!("{rate:.1} it/s · {} de entrenamiento", duration(self.seconds))
            }
        };
        [word, format!("{so_far} · {time}")]
    }

    /// `rate` is iterations a second, of late.
    pub(super) fn to_html(&self, state: State, rate: Option<f64>) -> String {
        let [word, rest] = self.headline(state, rate).map(|text| escape(&text));
        let Self { done, planned, .. } = self;
        // While it moves, as `<svg>`: the page then need not decode a new image each time, which flickers.
        let curve = if matches!(state, State::Running | State::Stopping) {
            self.curve.clone()
        } else {
            let ((width, height), data) = (SKETCH_SIZE, STANDARD.encode(&self.curve));
            let alt = escape(&self.description);
            format!(r#"<img src="data:image/svg+xml;base64,{data}" width="{width}" height="{height}" alt="{alt}">"#)
        };
        [
            BOX,
            &format!("<div><b>{word}</b> · {rest}</div>"),
            &format!(r#"<progress max="{planned}" value="{done}" aria-label="iteraciones" style="{BAR}">"#),
            "</progress>",
            r#"<div style="display:inline-block;vertical-align:top;width:220px;margin-right:16px">"#,
            &self.table.to_html(),
            &format!(r#"<div style="display:inline-block;vertical-align:top">{curve}</div></div>"#),
        ]
        .concat()
    }

    /// The same in lines of plain text.
    pub(super) fn to_string(&self, state: State, rate: Option<f64>) -> String {
        format!("{}\n{}", self.headline(state, rate).join(" · "), self.description)
    }
}

impl State {
    fn word(self) -> &'static str {
        match self {
            Self::Running | Self::Stopping => "Entrenando",
            Self::Done => "Terminado",
            Self::Stopped => "Detenido",
            Self::Failed => "Cortado por un error",
        }
    }

    /// What there is to show of a run before its first iteration is done, as HTML and as text.
    pub(super) fn alone(self) -> [String; 2] {
        let word = self.word();
        let rest = if self == Self::Stopping { format!(" · {STOPPING}") } else { String::new() };
        [format!("{BOX}<div><b>{word}</b>{rest}</div></div>"), format!("{word}{rest}")]
    }
}

impl Table {
    /// With the end of the element it stands in.
    fn to_html(&self) -> String {
        let mut html = String::from(r#"<table style="border-collapse:collapse;font-size:13px;margin:0">"#);
        if !self.columns.is_empty() {
            let cell = |name: &&str| format!(r#"<th scope="col" style="{NUMBER}">{name}</th>"#);
            let cells: String = self.columns.iter().map(cell).collect();
            html += &format!(r#"<tr><td style="{NAME}"></td>{cells}</tr>"#);
        }
        for (name, numbers) in &self.rows {
            let cell = |number: &String| format!(r#"<td style="{NUMBER}">{number}</td>"#);
            let cells: String = numbers.iter().map(cell).collect();
            html += &format!(r#"<tr><th scope="row" style="{NAME}">{}</th>{cells}</tr>"#, escape(name));
        }
        html + &format!(
            r#"</table><div style="font-size:11px;margin-top:6px">medias {}</div></div>"#,
            last(self.window)
        )
    }
}

/// `de las últimas 50 iteraciones`
pub(super) fn last(iterations: usize) -> String {
    if iterations == 1 {
        "de la última iteración".into()
    } else {
        format!("de las últimas {iterations} iteraciones")
    }
}

/// A series as the panel and the plots take it: its name, its colour and one point an iteration.
pub(super) type Series<'a> = (&'a str, Colour, Vec<(f64, f64)>);

/// The losses over the iterations, in means over pieces of equal length.
pub(super) fn curve<'a>(series: Vec<Series<'a>>, done: usize, reference: Option<(f64, &str)>, alt: &str) -> String {
    let line = |(name, colour, points): Series<'a>| (name, colour, means_of_pieces(&points, POINTS));
    let lines: Vec<_> = series.into_iter().map(line).collect();
    sketch(&lines, done.max(1) as f64, reference, alt)
}
