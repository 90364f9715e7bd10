//! A small line plot as SVG, quick enough to be drawn several times a second during a run, which the PNG of
//! [`curves`](super::curves()) is not.

use std::fmt::Write;

use plotters::style::RGBColor;

use super::{
    axis, line_labels,
    panel::Colour,
    styles::{DARK, GREY, PALE},
};
use crate::display::escape;

/// The whole card, in CSS pixels.
pub(crate) const SIZE: (u32, u32) = (400, 172);
/// The data area: left, top, right, bottom. Numbers are to its left, names to its right.
const PLOT: [f64; 4] = [44.0, 14.0, 280.0, 146.0];
/// The gap before a line's sample, the sample's length, and the gap before the name.
const SAMPLE: [f64; 3] = [10.0, 18.0, 6.0];
/// From the baseline of a name to that of the next.
const LEADING: f64 = 16.0;

/// A line of a sketch: its name, its colour, and its points sorted by x.
pub(crate) type Line<'a> = (&'a str, Colour, Vec<(f64, f64)>);

/// An `<svg>` element with `lines` over x from 0 to `end`, and a dashed line at `reference` if there is one. `alt`
/// describes it for readers who cannot see it.
///
/// Points with NaN or infinity are left out, and outliers are drawn at the edge. The card is white on any page, as in
/// every plot of this library.
pub(crate) fn sketch(lines: &[Line], end: f64, reference: Option<(f64, &str)>, alt: &str) -> String {
    let ys = lines.iter().flat_map(|(_, _, points)| points).map(|point| point.1).filter(|y| y.is_finite());
    let (low, high) = axis::range(ys.collect(), reference.iter().map(|mark| mark.0));
    let [left, top, right, bottom] = PLOT;
    let x = |value: f64| left + value / end * (right - left);
    let y = |value: f64| bottom - (value.clamp(low, high) - low) / (high - low) * (bottom - top);

    let ((width, height), alt) = (SIZE, escape(alt));
    let mut svg = format!(
        concat!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" role="img" aria-label="{}" "#,
            r#"font-family="sans-serif" font-size="11" fill="none" stroke-linecap="round" stroke-linejoin="round">"#,
            r#"<rect width="100%" height="100%" rx="8" fill="white"/>"#
        ),
        width, height, alt
    );
    for (value, label) in axis::ticks((low, high), 4) {
        level(&mut svg, (left, right), y(value), &Pen { ink: PALE, width: 1, dashes: &[] });
        text(&mut svg, (left - 6.0, y(value) + 4.0), "end", GREY, &label);
    }
    level(&mut svg, (left, right), bottom, &Pen { ink: GREY, width: 1, dashes: &[] });
    text(&mut svg, (left, bottom + 16.0), "start", GREY, "0");
    text(&mut svg, (right, bottom + 16.0), "end", GREY, &axis::number(end, 0));

    let mut marks = Vec::new();
    if let Some((value, name)) = reference {
        let pen = Pen { ink: GREY, width: 1, dashes: &[3.0, 3.5] };
        level(&mut svg, (left, right), y(value), &pen);
        marks.push((y(value), name, pen));
    }
    for (name, colour, points) in lines {
        let finite = points.iter().filter(|point| point.0.is_finite() && point.1.is_finite());
        let path: Vec<_> = finite.map(|point| (x(point.0), y(point.1))).collect();
        let Some(tip) = path.last() else { continue };
        let pen = Pen { ink: colour.ink(), width: 2, dashes: colour.dashes() };
        let list: Vec<_> = path.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        _ = write!(svg, r#"<polyline points="{}" {}/>"#, list.join(" "), pen.attributes());
        _ = write!(svg, r#"<circle cx="{:.1}" cy="{:.1}" r="2.75" fill="{}"/>"#, tip.0, tip.1, css(pen.ink));
        marks.push((tip.1, name, pen));
    }
    marks.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut places: Vec<f64> = marks.iter().map(|mark| mark.0).collect();
    line_labels::spread(&mut places, top, bottom, LEADING);
    for ((_, name, pen), y) in marks.iter().zip(places) {
        let from = right + SAMPLE[0];
        level(&mut svg, (from, from + SAMPLE[1]), y, pen);
        text(&mut svg, (from + SAMPLE[1] + SAMPLE[2], y + 4.0), "start", DARK, name);
    }
    svg + "</svg>"
}

/// How a line is drawn.
struct Pen<'a> {
    ink: RGBColor,
    width: u32,
    dashes: &'a [f64],
}

impl Pen<'_> {
    fn attributes(&self) -> String {
        let dashes: Vec<_> = self.dashes.iter().map(f64::to_string).collect();
        let dashes = if dashes.is_empty() { "none".into() } else { dashes.join(" ") };
        format!(r#"stroke="{}" stroke-width="{}" stroke-dasharray="{dashes}""#, css(self.ink), self.width)
    }
}

fn level(svg: &mut String, (from, to): (f64, f64), y: f64, pen: &Pen) {
    _ = write!(svg, r#"<path d="M{from:.1} {y:.1}H{to:.1}" {}/>"#, pen.attributes());
}

fn text(svg: &mut String, (x, y): (f64, f64), anchor: &str, ink: RGBColor, words: &str) {
    let (ink, words) = (css(ink), escape(words));
    _ = write!(svg, r#"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" fill="{ink}">{words}</text>"#);
}

fn css(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points_of(svg: &str) -> Vec<(f64, f64)> {
        let path = svg.split("<polyline points=\"").nth(1).unwrap().split('"').next().unwrap();
        let number = |text: &str| text.parse().unwrap();
        path.split(' ').map(|pair| pair.split_once(',').unwrap()).map(|(x, y)| (number(x), number(y))).collect()
    }

    #[test]
    fn a_ramp_rises_from_corner_to_edge() {
        let ramp = (0..=10).map(|i| (f64::from(i), f64::from(i))).collect();
        let points = points_of(&sketch(&[("G", Colour::Blue, ramp)], 10.0, Some((1.0, "uno")), ""));
        let [left, top, right, bottom] = PLOT;
        assert_eq!((points[0], points[10].0), ((left, bottom), right));
        assert!(points.windows(2).all(|pair| pair[1].1 < pair[0].1));
        assert!(points[10].1 < top + 10.0);
    }

    #[test]
    fn holes_explosions_and_nothing() {
        let line = vec![(0.0, 1.0), (1.0, f64::NAN), (2.0, f64::INFINITY), (3.0, 2.0)];
        let svg =
            sketch(&[("a<b", Colour::Green, line), ("none", Colour::Sky, vec![])], 3.0, Some((0.7, "ln 2")), "\"x\"");
        assert_eq!(points_of(&svg).len(), 2);
        assert!(
            svg.contains("a&lt;b") && svg.contains("aria-label=\"&quot;x&quot;\"") && !svg.contains("NaN"),
            "{svg}"
        );
        let flat = (0..100).map(|i| (f64::from(i), if i == 50 { 1e9 } else { f64::from(i % 2) })).collect();
        let points = points_of(&sketch(&[("G", Colour::Blue, flat)], 99.0, Some((0.7, "ln 2")), ""));
        assert_eq!(points[50].1, PLOT[1]);
        assert!(points[51].1 < 30.0 && points[52].1 > 140.0, "the rest fills the plot: {points:?}");
    }
}
