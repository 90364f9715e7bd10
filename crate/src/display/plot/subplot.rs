//! One plot of a stack: prepares its lines and draws them with grid, reference lines and names.

use plotters::style::{RGBColor, text_anchor::HPos as Align};

use super::{
    axis,
    line_labels::{self, Name},
    panel::{Colour, Panel},
    raster::{Canvas, Point},
    smoothing,
    styles::{BODY, FAINT, GREY, HEADING},
};
use crate::{Error, Result};

/// How much of a line's colour is left when it is the pale background of its running mean.
const FAINTNESS: f64 = 0.3;
/// The same when it fills an area.
const BAND: f64 = 0.22;
/// Width of the bold lines, and of the reference lines.
const BOLD: f64 = 2.25;
const THIN: f64 = 1.0;
/// The space between the plot and the numbers at its ticks.
const SPACE: f64 = 8.0;
/// The room for the y axis's name.
const Y_LABEL: f64 = 24.0;
const REFERENCE_DASHES: [f64; 2] = [3.0, 3.5];

/// A panel's data area, in CSS pixels of the figure.
pub(in crate::display) struct Frame {
    /// The baseline of the y axis's name.
    pub label: f64,
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    pub x_range: (f64, f64),
}

impl Frame {
    pub(in crate::display) fn x(&self, value: f64) -> f64 {
        let (low, high) = self.x_range;
        self.left + (value - low) / (high - low) * (self.right - self.left)
    }

    /// Values outside the range are moved to its edge.
    fn y(&self, value: f64, (low, high): (f64, f64)) -> f64 {
        self.bottom - ((value.clamp(low, high) - low) / (high - low)) * (self.bottom - self.top)
    }
}

/// A series ready to be drawn.
pub(in crate::display) struct Line {
    pub name: String,
    /// The finite ones, sorted by x.
    pub points: Vec<Point>,
    /// The line that catches the eye: the running mean, or the points themselves.
    pub bold: Vec<Point>,
    smooth: bool,
    colour: Colour,
}

/// A panel ready to be drawn.
pub(in crate::display) struct Data<'a> {
    pub title: &'a str,
    pub y_label: &'a str,
    pub lines: Vec<Line>,
    references: Vec<(f64, &'a str)>,
    y_range: (f64, f64),
}

impl<'a> Data<'a> {
    pub(in crate::display) fn new(panel: &'a Panel) -> Result<Self> {
        if let Some((low, high)) = panel.y_range.filter(|(low, high)| !(low < high && (high - low).is_finite())) {
            return Err(Error::value(
                &format!("the y_range of panel '{}'", panel.title),
                format!("({low}, {high})"),
                "two finite numbers, the lower one first",
                "Leave it out to have it chosen for you",
            ));
        }
        let finite: Vec<Vec<Point>> = panel
            .series
            .iter()
            .map(|series| {
                let mut points = series.points.clone();
                points.retain(|(x, y)| x.is_finite() && y.is_finite());
                points.sort_by(|a, b| a.0.total_cmp(&b.0));
                points
            })
            .collect();
        let references: Vec<_> = panel.references.iter().map(|(y, name)| (*y, name.as_str())).collect();
        let y_range = panel.y_range.unwrap_or_else(|| {
            axis::range(finite.iter().flatten().map(|point| point.1).collect(), references.iter().map(|mark| mark.0))
        });
        let lines = panel.series.iter().zip(finite).map(|(series, points)| {
            let window = if series.smoothing { smoothing::running_mean_window(points.len()) } else { 1 };
            let bold = if window > 1 { smoothing::running_mean(&points, window, y_range) } else { points.clone() };
            Line { name: series.name.clone(), points, bold, smooth: window > 1, colour: series.colour }
        });
        Ok(Self { title: &panel.title, y_label: &panel.y_label, lines: lines.collect(), references, y_range })
    }

    pub(in crate::display) fn has_points(&self) -> bool {
        self.lines.iter().any(|line| !line.points.is_empty())
    }

    fn ticks(&self) -> Vec<(f64, String)> {
        axis::ticks(self.y_range, 4)
    }

    /// The room needed to the left and to the right of the plot.
    pub(in crate::display) fn margins(&self, canvas: &Canvas) -> Result<(f64, f64)> {
        let mut left = 0.0_f64;
        for (_, label) in self.ticks() {
            left = left.max(canvas.width(&label, FAINT)?);
        }
        let mut right = 0.0_f64;
        for name in self.lines.iter().map(|line| line.name.as_str()).chain(self.references.iter().map(|mark| mark.1)) {
            right = right.max(line_labels::room(canvas, name)?);
        }
        let label = if self.y_label.is_empty() { 0.0 } else { Y_LABEL };
        Ok((label + left + SPACE, right.max(SPACE)))
    }

    pub(in crate::display) fn draw(&self, canvas: &Canvas, frame: &Frame, x_ticks: &[(f64, String)]) -> Result<()> {
        self.draw_axes(canvas, frame, x_ticks)?;
        if !self.has_points() {
            let at = (f64::midpoint(frame.left, frame.right), frame.top + 20.0);
            canvas.text("n = 0", at, Align::Center, FAINT)?;
        }
        for line in self.lines.iter().filter(|line| line.smooth) {
            let path = self.path(frame, &line.points);
            if crowded(&path) {
                band(canvas, frame, &path, line.colour.ink(), BAND)?;
            } else {
                canvas.stroke(&path, THIN, &[], pale(line.colour.ink()))?;
            }
        }
        for (value, _) in self.references.iter().filter(|(value, _)| self.holds(*value)) {
            let y = frame.y(*value, self.y_range);
            canvas.stroke(&[(frame.left, y), (frame.right, y)], THIN, &REFERENCE_DASHES, GREY)?;
        }
        for line in &self.lines {
            let (path, ink) = (self.path(frame, &line.bold), line.colour.ink());
            if line.smooth {
                canvas.stroke(&smoothing::thin(&path, 2.0), BOLD, line.colour.dashes(), ink)?;
            } else if crowded(&path) {
                band(canvas, frame, &path, ink, 1.0)?;
            } else {
                canvas.stroke(&path, if path.len() > 200 { THIN } else { BOLD }, line.colour.dashes(), ink)?;
            }
            if let Some(end) = path.last() {
                canvas.dot(*end, 3.25, ink)?;
            }
        }
        self.draw_beyond(canvas, frame)?;
        line_labels::draw(canvas, frame.right, (frame.top, frame.bottom), self.names(frame))
    }

    fn draw_axes(&self, canvas: &Canvas, frame: &Frame, x_ticks: &[(f64, String)]) -> Result<()> {
        canvas.text(self.title, (frame.left, frame.top - 11.0), Align::Left, HEADING)?;
        let ticks: Vec<_> =
            self.ticks().into_iter().map(|(value, label)| (frame.y(value, self.y_range), label)).collect();
        let xs = x_ticks.iter().map(|(value, _)| frame.x(*value)).collect();
        let ys = ticks.iter().map(|(y, _)| *y).collect();
        canvas.grid(((frame.left, frame.top), (frame.right, frame.bottom)), xs, ys)?;
        for (y, label) in ticks {
            canvas.text(&label, (frame.left - SPACE, y + 4.0), Align::Right, FAINT)?;
        }
        canvas.rectangle((frame.left, frame.bottom - 0.5), (frame.right, frame.bottom + 0.5), GREY, 1.0)?;
        let middle = f64::midpoint(frame.top, frame.bottom);
        canvas.upward_text(self.y_label, (frame.label, middle), BODY)
    }

    fn holds(&self, value: f64) -> bool {
        (self.y_range.0..=self.y_range.1).contains(&value)
    }

    fn path(&self, frame: &Frame, points: &[Point]) -> Vec<Point> {
        points.iter().map(|(x, y)| (frame.x(*x), frame.y(*y, self.y_range))).collect()
    }

    /// Marks the most extreme value beyond each edge.
    fn draw_beyond(&self, canvas: &Canvas, frame: &Frame) -> Result<()> {
        let (low, high) = self.y_range;
        let all = || self.lines.iter().flat_map(|line| line.points.iter().map(|point| (*point, line.colour.ink())));
        let above = all().filter(|(point, _)| point.1 > high).max_by(|a, b| a.0.1.total_cmp(&b.0.1));
        let below = all().filter(|(point, _)| point.1 < low).min_by(|a, b| a.0.1.total_cmp(&b.0.1));
        // Above, the tip points out of the plot and the value is written over the edge; below, both stay inside.
        for (extreme, base, tip) in [(above, frame.top, -6.0), (below, frame.bottom - 7.0, 6.0)] {
            let Some(((x, y), colour)) = extreme else { continue };
            let label = axis::brief(y);
            let width = canvas.width(&label, FAINT)?;
            let x = frame.x(x).clamp(frame.left + 5.0, frame.right - 5.0);
            canvas.polygon(&[(x - 4.5, base), (x + 4.5, base), (x, base + tip)], colour)?;
            // The heading is on the left, so the value goes left only if there is no room on the right.
            let fits = x + 8.0 + width < frame.right;
            let (at, align) = if fits { (x + 8.0, Align::Left) } else { (x - 8.0, Align::Right) };
            canvas.text(&label, (at, base + tip.max(0.0)), align, FAINT)?;
        }
        Ok(())
    }

    /// What is named on the right: the lines, and the reference lines within the range.
    fn names(&self, frame: &Frame) -> Vec<Name<'_>> {
        let lines = self.lines.iter().map(|line| {
            let (x, value) = line.bold.last().map_or((f64::NEG_INFINITY, f64::NEG_INFINITY), |point| *point);
            let (y, reaches) = (frame.y(value, self.y_range), frame.right - frame.x(x) < line_labels::LEADER);
            Name { text: &line.name, y, reaches, width: BOLD, dashes: line.colour.dashes(), colour: line.colour.ink() }
        });
        let marks = self.references.iter().filter(|(value, _)| self.holds(*value)).map(|(value, text)| {
            let y = frame.y(*value, self.y_range);
            Name { text, y, reaches: true, width: THIN, dashes: &REFERENCE_DASHES, colour: GREY }
        });
        lines.chain(marks).collect()
    }
}

/// Whether a line has more points than there are pixels for them.
fn crowded(path: &[Point]) -> bool {
    matches!(path, [first, .., last] if path.len() as f64 > last.0 - first.0)
}

/// Draws a crowded line as one vertical bar per column, so each pixel is inked only once.
fn band(canvas: &Canvas, frame: &Frame, path: &[Point], ink: RGBColor, strength: f64) -> Result<()> {
    const COLUMN: f64 = 0.5;
    for (column, low, high) in smoothing::envelope(path, COLUMN) {
        let left = f64::from(column) * COLUMN;
        let (low, high) = ((low - THIN / 2.0).max(frame.top), (high + THIN / 2.0).min(frame.bottom));
        canvas.rectangle((left, low), (left + COLUMN, high), ink, strength)?;
    }
    Ok(())
}

/// The colour of a pale line. It is opaque, since a translucent pen darkens each place that it passes twice.
fn pale(RGBColor(red, green, blue): RGBColor) -> RGBColor {
    let mix = |channel: u8| (255.0 - (255.0 - f64::from(channel)) * FAINTNESS).round() as u8;
    RGBColor(mix(red), mix(green), mix(blue))
}
