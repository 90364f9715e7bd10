//! The legend below a plane: the marker and name of each cloud of points, and the colour bar.

use std::f64::consts::{FRAC_PI_2, TAU};

use super::heat;
use crate::Result;
use crate::display::plot::{
    Colour,
    raster::{Align, Canvas, Point},
    styles::{BODY, DARK, FAINT},
};

/// Height of a row of names, and of the colour bar with its numbers.
const ROW: f64 = 22.0;
const BAR_ROW: f64 = 40.0;
/// The number of columns of names.
const COLUMNS: usize = 2;
const RADIUS: f64 = 4.5;
/// The colour bar itself.
const BAR: (f64, f64) = (200.0, 12.0);

/// The height of the legend.
pub(super) fn rows(names: &[(&str, Colour)], bar: bool) -> f64 {
    names.len().div_ceil(COLUMNS) as f64 * ROW + if bar { BAR_ROW } else { 0.0 }
}

/// Draws the legend below and to the right of `at`, `width` wide.
pub(super) fn draw(
    canvas: &Canvas,
    (left, top): Point,
    width: f64,
    names: &[(&str, Colour)],
    heat: Option<&str>,
) -> Result<()> {
    for (index, (name, colour)) in names.iter().enumerate() {
        let x = left + (index % COLUMNS) as f64 * width / COLUMNS as f64 + RADIUS;
        let y = top + (index / COLUMNS) as f64 * ROW + ROW / 2.0;
        mark(canvas, (x, y), RADIUS, 1.0, *colour)?;
        canvas.text(name, (x + RADIUS + 7.0, y + 4.5), Align::Left, BODY)?;
    }
    let Some(name) = heat else { return Ok(()) };
    let (right, top) = (left + width, top + rows(names, false) + 5.0);
    let (from, step) = (right - BAR.0, BAR.0 / heat::BANDS as f64);
    canvas.text(name, (from - 10.0, top + 10.5), Align::Right, BODY)?;
    for band in 0..heat::BANDS {
        let x = from + band as f64 * step;
        canvas.rectangle((x, top), (x + step, top + BAR.1), heat::colour(band), 1.0)?;
    }
    let middle = from + BAR.0 / 2.0;
    canvas.rectangle((middle - 0.75, top), (middle + 0.75, top + BAR.1), DARK, 1.0)?;
    for (x, label, align) in [(from, "0", Align::Left), (middle, "0.5", Align::Center), (right, "1", Align::Right)] {
        canvas.text(label, (x, top + BAR.1 + 15.0), align, FAINT)?;
    }
    Ok(())
}

/// A point's marker. Each colour has its own shape, so clouds can be told apart in black and white.
pub(super) fn mark(canvas: &Canvas, at: Point, radius: f64, strength: f64, colour: Colour) -> Result<()> {
    // Number of corners, how far the first is turned from the top, and an enlargement for shapes of few corners, so
    // that all have about the same area.
    let (corners, turn, growth) = match colour {
        Colour::Blue => (16, 0.0, 1.0),
        Colour::Vermillion => (3, 0.0, 1.35),
        Colour::Green => (4, 0.125, 1.25),
        Colour::Purple => (4, 0.0, 1.25),
        Colour::Orange => (3, 0.5, 1.35),
        Colour::Sky => (6, 0.0, 1.1),
    };
    let corner = |index: usize| {
        let angle = TAU * (index as f64 / corners as f64 + turn) - FRAC_PI_2;
        (at.0 + growth * radius * angle.cos(), at.1 + growth * radius * angle.sin())
    };
    canvas.translucent_polygon(&(0..corners).map(corner).collect::<Vec<_>>(), colour.ink(), strength)
}
