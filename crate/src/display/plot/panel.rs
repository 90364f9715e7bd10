//! What [`curves()`](super::curves()) draws: panels of lines, and the lines' colours.

use plotters::style::RGBColor;

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
