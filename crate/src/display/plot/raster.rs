//! plotters as a drawing board: a white card with rounded corners, text that sits on its baseline, smooth strokes.

use std::sync::OnceLock;

pub(in crate::display) use plotters::style::text_anchor::HPos as Align;
use plotters::{
    prelude::{BitMapBackend, Circle, DrawingArea, IntoDrawingArea, Polygon, RGBColor, Rectangle},
    style::{
        Color, FontStyle, FontTransform, IntoTextStyle, TextStyle, register_font,
        text_anchor::{Pos, VPos},
    },
};

use crate::display::encode_png;
use crate::{Error, Result};

/// Pixels of the file for each CSS pixel: sharp on the screens of today's laptops.
pub(in crate::display) const DENSITY: u32 = 2;
/// plotters smooths edges poorly, so it draws at twice the file's size, and each 2 x 2 pixels are averaged.
const OVERSAMPLE: u32 = 2;
/// Drawing units for each CSS pixel.
pub(in crate::display) const UNIT: f64 = (DENSITY * OVERSAMPLE) as f64;
/// Radius of the card's corners in CSS pixels.
const CORNER: f64 = 8.0;

const FIGURE: &str = "plot";

/// A point in CSS pixels from the top left.
pub(in crate::display) type Point = (f64, f64);

/// How a text looks.
#[derive(Clone, Copy)]
pub(in crate::display) struct Type {
    /// Height of the type (its em) in CSS pixels.
    pub size: f64,
    pub colour: RGBColor,
    /// The only font at hand is light, so weight comes from drawing it again, this many times, each a quarter of a CSS
    /// pixel further on.
    pub weight: i32,
}

/// Where a plot is drawn, in CSS pixels.
pub(in crate::display) struct Canvas<'a> {
    area: DrawingArea<BitMapBackend<'a>, plotters::coord::Shift>,
}

/// Makes a PNG of so many CSS pixels with what `draw` draws, and gives it with its size in pixels of the file.
pub(in crate::display) fn render(
    css: (u32, u32),
    draw: impl FnOnce(&Canvas) -> Result<()>,
) -> Result<(Vec<u8>, u32, u32)> {
    register()?;
    let (width, height) = (css.0 * DENSITY, css.1 * DENSITY);
    let (wide, tall) = (width * OVERSAMPLE, height * OVERSAMPLE);
    let mut rgb = vec![255; wide as usize * tall as usize * 3];
    {
        let backend = BitMapBackend::with_buffer_and_format(&mut rgb, (wide, tall)).map_err(failed)?;
        let canvas = Canvas { area: backend.into_drawing_area() };
        draw(&canvas)?;
        canvas.area.present().map_err(failed)?;
    }
    let rgba = shrink(&rgb, wide as usize, width as usize, height as usize);
    // Flat areas and repeated letters pack better as they are than as differences.
    Ok((encode_png(&rgba, width, height, png::Filter::NoFilter, FIGURE)?, width, height))
}

impl Canvas<'_> {
    /// Writes `text` with its baseline at `at`, its left end, middle or right end there.
    pub(in crate::display) fn text(&self, text: &str, at: Point, align: Align, kind: Type) -> Result<()> {
        self.write(text, at, align, kind, FontTransform::None)
    }

    /// Writes `text` from bottom to top, centred on `at`, with its baseline to the right.
    pub(in crate::display) fn upward_text(&self, text: &str, at: Point, kind: Type) -> Result<()> {
        self.write(text, at, Align::Center, kind, FontTransform::Rotate270)
    }

    fn write(&self, text: &str, at: Point, align: Align, kind: Type, turn: FontTransform) -> Result<()> {
        let style = style(kind).transform(turn.clone()).pos(Pos::new(align, VPos::Top));
        // plotters puts the baseline half the font's size below the top, whatever the font.
        let rise = (font_size(kind.size) / 2.0).trunc() as i32;
        let (x, y) = units(at);
        for shift in 0..=kind.weight {
            let place = match turn {
                FontTransform::Rotate270 => (x - rise, y - shift),
                _ => (x + shift, y - rise),
            };
            self.area.draw_text(text, &style, place).map_err(failed)?;
        }
        Ok(())
    }

    /// How wide `text` comes out, in CSS pixels.
    pub(in crate::display) fn width(&self, text: &str, kind: Type) -> Result<f64> {
        Ok(f64::from(self.area.estimate_text_size(text, &style(kind)).map_err(failed)?.0) / UNIT)
    }

    /// Fills a rectangle between two corners; `strength` of 1 hides what is below.
    pub(in crate::display) fn rectangle(&self, from: Point, to: Point, colour: RGBColor, strength: f64) -> Result<()> {
        let ((left, top), (right, bottom)) = (units(from), units(to));
        let corners = [(left, top), (right.max(left + 1), bottom.max(top + 1))];
        self.area.draw(&Rectangle::new(corners, colour.mix(strength).filled())).map_err(failed)
    }

    /// Fills a circle.
    pub(in crate::display) fn dot(&self, at: Point, radius: f64, colour: RGBColor) -> Result<()> {
        self.area.draw(&Circle::new(units(at), (radius * UNIT).round() as i32, colour.filled())).map_err(failed)
    }

    /// Fills a polygon.
    pub(in crate::display) fn polygon(&self, corners: &[Point], colour: RGBColor) -> Result<()> {
        self.translucent_polygon(corners, colour, 1.0)
    }

    /// The same with less than full `strength`.
    pub(in crate::display) fn translucent_polygon(
        &self,
        corners: &[Point],
        colour: RGBColor,
        strength: f64,
    ) -> Result<()> {
        let corners: Vec<_> = corners.iter().map(|at| units(*at)).collect();
        self.area.draw(&Polygon::new(corners, colour.mix(strength))).map_err(failed)
    }

    /// Draws a line through `points` with a round pen. `dashes` are lengths of ink and gap in turn, in CSS pixels; none
    /// make a solid line.
    ///
    /// plotters' own wide lines are one polygon, which leaves holes where a noisy line crosses itself.
    pub(in crate::display) fn stroke(
        &self,
        points: &[Point],
        width: f64,
        dashes: &[f64],
        colour: RGBColor,
    ) -> Result<()> {
        /// The pen moves by this much between two prints, in CSS pixels.
        const STEP: f64 = 0.5;
        let period: f64 = dashes.iter().sum();
        let inked = |travelled: f64| {
            let mut rest = if period > 0.0 { travelled % period } else { return true };
            for (index, length) in dashes.iter().enumerate() {
                if rest < *length {
                    return index % 2 == 0;
                }
                rest -= length;
            }
            true
        };
        let mut travelled = 0.0;
        for pair in points.windows(2) {
            let [(x0, y0), (x1, y1)] = [pair[0], pair[1]];
            let length = (x1 - x0).hypot(y1 - y0);
            let steps = (length / STEP).ceil().max(1.0);
            for step in 0..=steps as u32 {
                let share = f64::from(step) / steps;
                if inked(travelled + share * length) {
                    self.dot((x0 + share * (x1 - x0), y0 + share * (y1 - y0)), width / 2.0, colour)?;
                }
            }
            travelled += length;
        }
        Ok(())
    }
}

fn units((x, y): Point) -> (i32, i32) {
    ((x * UNIT).round() as i32, (y * UNIT).round() as i32)
}

/// plotters measures fonts from the top of the highest letter to the bottom of the lowest: 1.15 em in this one.
fn font_size(em: f64) -> f64 {
    em * 1.15 * UNIT
}

fn style(kind: Type) -> TextStyle<'static> {
    (FONT, font_size(kind.size)).with_color(kind.colour).into_text_style(&(1, 1))
}

const FONT: &str = "gan_nb";

/// Tells plotters about the font, once in a process.
fn register() -> Result<()> {
    static KNOWN: OnceLock<bool> = OnceLock::new();
    let known =
        KNOWN.get_or_init(|| register_font(FONT, FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT).is_ok());
    if *known { Ok(()) } else { Err(failed("the font of epaint_default_fonts can't be read")) }
}

fn failed(answer: impl ToString) -> Error {
    Error::Figure {
        figure: FIGURE,
        found: answer.to_string(),
        hint: "Check that Cargo.lock has the versions of plotters and epaint_default_fonts that this crate names"
            .into(),
    }
}

/// Averages squares of `OVERSAMPLE` pixels, and rounds the corners off.
fn shrink(rgb: &[u8], wide: usize, width: usize, height: usize) -> Vec<u8> {
    let side = OVERSAMPLE as usize;
    let area = side * side;
    let mut rgba = Vec::with_capacity(width * height * 4);
    for y in 0..height {
        for x in 0..width {
            let mut sum = [0; 3];
            for row in 0..side {
                let start = ((y * side + row) * wide + x * side) * 3;
                for pixel in rgb[start..start + side * 3].chunks_exact(3) {
                    (0..3).for_each(|channel| sum[channel] += usize::from(pixel[channel]));
                }
            }
            rgba.extend(sum.map(|channel| ((channel + area / 2) / area) as u8));
            rgba.push(corner(x, y, width, height));
        }
    }
    rgba
}

/// How much of a pixel lies on the card, as alpha.
fn corner(x: usize, y: usize, width: usize, height: usize) -> u8 {
    let radius = CORNER * f64::from(DENSITY);
    let inset = |at: usize, side: usize| (radius - (at.min(side - 1 - at) as f64 + 0.5)).max(0.0);
    let beyond = inset(x, width).hypot(inset(y, height)) - radius;
    ((0.5 - beyond).clamp(0.0, 1.0) * 255.0).round() as u8
}
