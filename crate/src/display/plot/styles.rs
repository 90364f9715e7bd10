//! The colours and sizes of everything in a plot but its lines.

use plotters::style::RGBColor;

pub(in crate::display) const DARK: RGBColor = RGBColor(32, 33, 36);
pub(in crate::display) const GREY: RGBColor = RGBColor(95, 99, 104);
pub(in crate::display) const PALE: RGBColor = RGBColor(232, 234, 237);

pub(in crate::display) const TITLE: Type = Type { size: 18.0, colour: DARK, weight: 3 };
pub(in crate::display) const HEADING: Type = Type { size: 14.0, colour: DARK, weight: 2 };
pub(in crate::display) const BODY: Type = Type { size: 13.0, colour: DARK, weight: 1 };
pub(in crate::display) const FAINT: Type = Type { size: 12.0, colour: GREY, weight: 1 };

/// How a text looks.
#[derive(Clone, Copy)]
pub(in crate::display) struct Type {
    /// Height of the type (its em) in CSS pixels.
    pub size: f64,
    pub colour: RGBColor,
    /// How often the text is drawn again, each time a quarter of a CSS pixel further on: the only font at hand is
    /// light, and this makes it heavier.
    pub weight: i32,
}
