//! Line plots: panels stacked on one x axis, as for a history of losses and accuracies.

use super::{
    axis,
    panel::Panel,
    raster::{self, Align},
    styles::{BODY, FAINT, TITLE},
    subplot,
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
