//! Line plots: panels stacked on one x axis, as for a history of losses and accuracies.

use plotters::style::{RGBColor, text_anchor::HPos as Align};

use super::{
    axis, raster,
    subplot::{self, BODY, FAINT, TITLE},
};
use crate::display::Figure;
use crate::{Error, Result};

/// The whole figure's width in CSS pixels; the file holds two pixels for each.
const WIDTH: u32 = 720;
const PADDING: f64 = 16.0;
/// Height of a plot's data area; a lone panel gets more.
const PLOT: [f64; 2] = [260.0, 176.0];
const HEAD: f64 = 30.0;
const PANEL_HEAD: f64 = 28.0;
const PANEL_GAP: f64 = 20.0;
const FOOT: f64 = 46.0;

/// A line colour of Okabe and Ito's palette, which readers with any colour vision can tell apart. Each has its own dash
/// pattern, so lines can be told apart in black and white. Source: <https://jfly.uni-koeln.de/color/>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Solid.
    Blue,
    /// Long dashes.
    Vermillion,
    /// Dots.
    Green,
    /// Dashes and dots in turn.
    Purple,
    /// Short dashes.
    Orange,
    /// Wide dashes, narrow gaps.
    Sky,
}

impl Colour {
    /// All of them, in the order in which lines take them. A plot has no more lines than that: two would look alike.
    pub const ALL: [Self; 6] = [Self::Blue, Self::Vermillion, Self::Green, Self::Purple, Self::Orange, Self::Sky];

    /// Red, green and blue, each 0 to 255.
    pub fn rgb(self) -> [u8; 3] {
        match self {
            Self::Blue => [0, 114, 178],
            Self::Vermillion => [213, 94, 0],
            Self::Green => [0, 158, 115],
            Self::Purple => [204, 121, 167],
            Self::Orange => [230, 159, 0],
            Self::Sky => [86, 180, 233],
        }
    }

    pub(in crate::display) fn ink(self) -> RGBColor {
        let [red, green, blue] = self.rgb();
        RGBColor(red, green, blue)
    }

    /// Lengths of dashes and gaps in turn, in CSS pixels. The pen is round and lengthens each dash by its width.
    pub(in crate::display) fn dashes(self) -> &'static [f64] {
        match self {
            Self::Blue => &[],
            Self::Vermillion => &[7.0, 5.0],
            Self::Green => &[0.5, 4.5],
            Self::Purple => &[8.0, 4.5, 0.5, 4.5],
            Self::Orange => &[3.0, 5.0],
            Self::Sky => &[14.0, 4.0],
        }
    }
}

/// One line.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its name, written to the right of where the line ends.
    pub name: String,
    /// `(x, y)`. Points that hold NaN or an infinity are left out.
    pub points: Vec<(f64, f64)>,
    /// Its colour, which sets the dash pattern.
    pub colour: Colour,
    /// Whether more than 200 points are drawn pale, below a bold running mean over
    /// [`running_mean_window`](super::running_mean_window) of them.
    pub smoothing: bool,
}

impl Series {
    /// A smoothed line.
    pub fn new(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>, colour: Colour) -> Self {
        Self { name: name.into(), points: points.into_iter().collect(), colour, smoothing: true }
    }
}

/// One plot of the stack.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    /// What it shows.
    pub title: String,
    /// The y axis: quantity and unit.
    pub y_label: String,
    /// The lowest and highest y. If `None`, the values set them, and an extreme far beyond the others is left outside.
    /// A triangle at the edge marks the most extreme value outside, with its number.
    pub y_range: Option<(f64, f64)>,
    /// The lines.
    pub series: Vec<Series>,
    /// Horizontal reference lines: `(y, name)`.
    pub references: Vec<(f64, String)>,
}

impl Panel {
    /// An empty panel.
    pub fn new(title: impl Into<String>, y_label: impl Into<String>) -> Self {
        Self { title: title.into(), y_label: y_label.into(), ..Self::default() }
    }

    /// Adds a smoothed line.
    pub fn line(mut self, name: &str, points: impl IntoIterator<Item = (f64, f64)>, colour: Colour) -> Self {
        self.series.push(Series::new(name, points, colour));
        self
    }

    /// Adds a horizontal reference line.
    pub fn reference(mut self, y: f64, name: &str) -> Self {
        self.references.push((y, name.into()));
        self
    }

    /// Fixes the y axis.
    pub fn y_range(mut self, low: f64, high: f64) -> Self {
        self.y_range = Some((low, high));
        self
    }
}

/// Draws `panels`, one below another. `alt` describes the figure for readers who cannot see it.
///
/// Too few points are not an error: a single one is a dot, and an empty panel says "n = 0".
///
/// # Errors
/// [`Error::Value`] if there are no panels or a `y_range` is empty or not finite.
///
/// ```
/// use gan_nb::display::{Colour, Panel, curves};
///
/// let losses = (0..100).map(|step| (f64::from(step), 0.7 - 0.001 * f64::from(step)));
/// let panel = Panel::new("Discriminador", "pérdida").line("D", losses, Colour::Blue).reference(0.693, "azar: ln 2");
/// let figure = curves("Entrenamiento", "iteración", &[panel], "La pérdida de D baja de 0.7 a 0.6")?;
/// # Ok::<(), gan_nb::Error>(())
/// ```
pub fn curves(title: &str, x_label: &str, panels: &[Panel], alt: &str) -> Result<Figure> {
    if panels.is_empty() {
        return Err(Error::value("panels", "empty", "at least one panel", "Add Panel::new(title, y_label)"));
    }
    let panels = panels.iter().map(subplot::Data::new).collect::<Result<Vec<_>>>()?;
    let data = x_extremes(&panels);
    // A single x goes to the middle; without any the axis has no numbers.
    let x_range = data.map_or((0.0, 1.0), |(low, high)| if low < high { (low, high) } else { (low - 0.5, low + 0.5) });
    let text = summary(title, &panels);

    let plot_height = PLOT[usize::from(panels.len() > 1)];
    let stack = panels.len() as f64 * (PANEL_HEAD + plot_height) + (panels.len() - 1) as f64 * PANEL_GAP;
    let top = PADDING + if title.is_empty() { 0.0 } else { HEAD };
    let height = (top + stack + FOOT + PADDING / 2.0).ceil() as u32;

    let (png, width, height) = raster::render((WIDTH, height), |canvas| {
        let mut room = (0.0_f64, 0.0_f64);
        for panel in &panels {
            let (left, right) = panel.margins(canvas)?;
            room = (room.0.max(left), room.1.max(right));
        }
        let (left, right) = (PADDING + room.0, f64::from(WIDTH) - PADDING - room.1);
        let mut frame =
            subplot::Frame { label: PADDING + 12.0, left, right, top: 0.0, bottom: top - PANEL_GAP, x_range };
        canvas.text(title, (PADDING, PADDING + 17.0), Align::Left, TITLE)?;
        let mut ticks = axis::ticks(x_range, ((right - left) / 85.0) as usize);
        ticks.retain(|(value, _)| data.is_some_and(|(low, high)| (low..=high).contains(value)));
        for panel in &panels {
            frame.top = frame.bottom + PANEL_GAP + PANEL_HEAD;
            frame.bottom = frame.top + plot_height;
            panel.draw(canvas, &frame, &ticks)?;
        }
        let bottom = frame.bottom;
        for (value, label) in &ticks {
            canvas.text(label, (frame.x(*value), bottom + 17.0), Align::Center, FAINT)?;
        }
        canvas.text(x_label, (f64::midpoint(left, right), bottom + 38.0), Align::Center, BODY)
    })?;
    Ok(Figure { png, width, height, css_width: WIDTH, pixelated: false, alt: alt.into(), text })
}

/// The first and the last x of all panels.
fn x_extremes(panels: &[subplot::Data]) -> Option<(f64, f64)> {
    let xs = panels.iter().flat_map(|panel| &panel.lines).flat_map(|line| &line.points).map(|point| point.0);
    xs.fold(None, |ends, x| Some(ends.map_or((x, x), |(low, high): (f64, f64)| (low.min(x), high.max(x)))))
}

/// The plain-text form: the last value of each line of each panel, of the bold one if there are two.
fn summary(title: &str, panels: &[subplot::Data]) -> String {
    let mut text = title.to_string();
    for panel in panels {
        let lines = panel.lines.iter().map(|line| {
            let last = line.bold.last().map_or("n = 0".into(), |point| axis::brief(point.1));
            format!("{} {last}", line.name)
        });
        let unit = if panel.y_label.is_empty() { String::new() } else { format!(" ({})", panel.y_label) };
        text += &format!("\n{}{unit}: {}", panel.title, lines.collect::<Vec<_>>().join(" · "));
    }
    text
}
