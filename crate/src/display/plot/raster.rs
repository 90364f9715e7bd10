//! plotters as a drawing board: a white card with rounded corners, text placed by its baseline, smooth strokes.

use std::sync::OnceLock;

use image::{RgbImage, RgbaImage, codecs::png::FilterType, imageops};
pub(in crate::display) use plotters::style::text_anchor::HPos as Align;
use plotters::{
    prelude::{BindKeyPoints, ChartBuilder, Circle, DrawingArea, IntoDrawingArea, Polygon, RGBColor, Rectangle},
    style::{
        Color, FontStyle, FontTransform, IntoTextStyle, TextStyle, register_font,
        text_anchor::{Pos, VPos},
    },
};

use plotters_bitmap::BitMapBackend;

use super::styles::{PALE, Type};
use crate::display::encode_png;
use crate::{Error, Result};

/// Pixels of the file per CSS pixel: sharp on the screens of current laptops.
pub(in crate::display) const DENSITY: u32 = 2;
/// plotters antialiases poorly, so it draws at twice the file's size, and `image` averages 2 × 2 pixels.
const OVERSAMPLE: u32 = 2;
/// Drawing units per CSS pixel.
pub(in crate::display) const UNIT: f64 = (DENSITY * OVERSAMPLE) as f64;
/// Radius of the card's corners in CSS pixels.
const CORNER: f64 = 8.0;

const FIGURE: &str = "plot";

/// A point in CSS pixels from the top left.
pub(in crate::display) type Point = (f64, f64);

/// The surface of a plot, in CSS pixels.
pub(in crate::display) struct Canvas<'a> {
    area: DrawingArea<BitMapBackend<'a>, plotters::coord::Shift>,
}

/// Makes a PNG of `css` (width, height) CSS pixels with what `draw` draws. Returns it with its size in its own pixels.
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
    let drawn = RgbImage::from_raw(wide, tall, rgb).ok_or_else(|| failed("the buffer is too small"))?;
    let pixels = rounded(&imageops::thumbnail(&drawn, width, height));
    // Flat areas and repeated letters compress better as they are than as differences.
    Ok((encode_png(&pixels, FilterType::NoFilter, FIGURE)?, width, height))
}

impl Canvas<'_> {
    /// Writes `text` on a baseline through `at`, with its left end, middle or right end there.
    pub(in crate::display) fn text(&self, text: &str, at: Point, align: Align, kind: Type) -> Result<()> {
        self.write(text, at, align, kind, FontTransform::None)
    }

    /// Writes `text` upwards, centred on `at`, with its baseline to the right.
    pub(in crate::display) fn upward_text(&self, text: &str, at: Point, kind: Type) -> Result<()> {
        self.write(text, at, Align::Center, kind, FontTransform::Rotate270)
    }

    fn write(&self, text: &str, at: Point, align: Align, kind: Type, turn: FontTransform) -> Result<()> {
        let style = style(kind).transform(turn.clone()).pos(Pos::new(align, VPos::Top));
        // plotters places the baseline half the font's size below the top, whatever the font.
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

    /// The width of `text` in CSS pixels.
    pub(in crate::display) fn width(&self, text: &str, kind: Type) -> Result<f64> {
        Ok(f64::from(self.area.estimate_text_size(text, &style(kind)).map_err(failed)?.0) / UNIT)
    }

    /// Fills the rectangle between two corners; a `strength` of 1 is opaque.
    pub(in crate::display) fn rectangle(&self, from: Point, to: Point, colour: RGBColor, strength: f64) -> Result<()> {
        let ((left, top), (right, bottom)) = (units(from), units(to));
        let corners = [(left, top), (right.max(left + 1), bottom.max(top + 1))];
        self.area.draw(&Rectangle::new(corners, colour.mix(strength).filled())).map_err(failed)
    }

    /// Draws the grid of a plot, whose data area lies between two corners, with vertical lines at `xs` and horizontal
    /// ones at `ys`.
    ///
    /// plotters' own charts draw this just as well. For the rest of a plot they miss some points, seen side by side:
    /// - An axis of f64 takes no ticks of ours (`WithKeyPoints` has no formatter for it), and plotters' own know no
    ///   steps of 25, which put a tick beside the reference line at 50 %.
    /// - The numbers at the ticks stand higher than their lines and touch the axis. They have the font's one light
    ///   weight, and are formatted one by one, without the step: 500.0 beside 0.5.
    /// - `LineSeries` fills a wide line as one polygon. Noise then grows spikes far out of the plot, and leaves holes
    ///   where it crosses itself. Values out of range are drawn over the title in place of being marked at the edge.
    /// - `DashedLineSeries` knows one length of dash and one of gap, with flat ends: no dash-dot line, and faint dots.
    /// - The legend is a box over the data; here, names stand where their lines end and move apart.
    pub(in crate::display) fn grid(&self, (from, to): (Point, Point), xs: Vec<f64>, ys: Vec<f64>) -> Result<()> {
        let ((left, top), (right, bottom)) = (units(from), units(to));
        let area = self.area.clone().shrink((left, top), (right - left, bottom - top));
        let [xs, ys] = [xs, ys].map(|list| list.into_iter().map(|place| units((place, 0.0)).0).collect::<Vec<_>>());
        let (x, y) = ((left..right).with_key_points(xs), (bottom..top).with_key_points(ys));
        let mut chart = ChartBuilder::on(&area).build_cartesian_2d(x, y).map_err(failed)?;
        chart.configure_mesh().disable_axes().bold_line_style(PALE.stroke_width(UNIT as u32)).draw().map_err(failed)
    }

    /// Fills a circle.
    pub(in crate::display) fn dot(&self, at: Point, radius: f64, colour: RGBColor) -> Result<()> {
        self.area.draw(&Circle::new(units(at), (radius * UNIT).round() as i32, colour.filled())).map_err(failed)
    }

    /// Fills a polygon.
    pub(in crate::display) fn polygon(&self, corners: &[Point], colour: RGBColor) -> Result<()> {
        self.translucent_polygon(corners, colour, 1.0)
    }

    /// Fills a polygon; a `strength` of 1 is opaque.
    pub(in crate::display) fn translucent_polygon(
        &self,
        corners: &[Point],
        colour: RGBColor,
        strength: f64,
    ) -> Result<()> {
        let corners: Vec<_> = corners.iter().map(|at| units(*at)).collect();
        self.area.draw(&Polygon::new(corners, colour.mix(strength))).map_err(failed)
    }

    /// Draws a line through `points` with a round pen. `dashes` are lengths of dashes and gaps in turn, in CSS pixels;
    /// an empty list draws a solid line.
    pub(in crate::display) fn stroke(
        &self,
        points: &[Point],
        width: f64,
        dashes: &[f64],
        colour: RGBColor,
    ) -> Result<()> {
        /// The distance between two dots of the pen, in CSS pixels.
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

/// plotters measures a font from the top of its highest letter to the bottom of its lowest: 1.15 em for this one.
fn font_size(em: f64) -> f64 {
    em * 1.15 * UNIT
}

fn style(kind: Type) -> TextStyle<'static> {
    (FONT, font_size(kind.size)).with_color(kind.colour).into_text_style(&(1, 1))
}

const FONT: &str = "gan_nb";

/// Registers the font with plotters, once per process.
fn register() -> Result<()> {
    static KNOWN: OnceLock<bool> = OnceLock::new();
    let known =
        KNOWN.get_or_init(|| register_font(FONT, FontStyle::Normal, epaint_default_fonts::UBUNTU_LIGHT).is_ok());
    if *known { Ok(()) } else { Err(failed("the font of epaint_default_fonts can't be parsed")) }
}

fn failed(answer: impl ToString) -> Error {
    Error::Figure {
        figure: FIGURE,
        found: answer.to_string(),
        hint: "Check that Cargo.lock has the versions of plotters and epaint_default_fonts that this crate names"
            .into(),
    }
}

/// The card with its corners rounded off.
fn rounded(card: &RgbImage) -> RgbaImage {
    let (width, height) = card.dimensions();
    RgbaImage::from_fn(width, height, |x, y| {
        let [red, green, blue] = card.get_pixel(x, y).0;
        image::Rgba([red, green, blue, corner(x, y, width, height)])
    })
}

/// How much of a pixel lies on the card, as alpha.
fn corner(x: u32, y: u32, width: u32, height: u32) -> u8 {
    let radius = CORNER * f64::from(DENSITY);
    let inset = |at: u32, side: u32| (radius - (f64::from(at.min(side - 1 - at)) + 0.5)).max(0.0);
    let beyond = inset(x, width).hypot(inset(y, height)) - radius;
    ((0.5 - beyond).clamp(0.0, 1.0) * 255.0).round() as u8
}
