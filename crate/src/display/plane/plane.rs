//! Points in the plane, optionally over the values of a function: samples of a 2-D distribution, and what a
//! discriminator thinks of each place.

use tch::{Device, Kind, Tensor};

use super::{
    heat::{self, Heat},
    legend,
};
use crate::display::Figure;
use crate::display::plot::{
    Colour, axis,
    raster::{self, Canvas, Point},
    styles::{DARK, FAINT, GREY, HEADING},
};
use crate::{Error, Result};

/// The figure's width in CSS pixels: two fit side by side in a notebook.
const WIDTH: u32 = 400;
const PADDING: f64 = 14.0;
/// Room for the title, for the numbers at the left and for those below, with the axes' names.
const HEAD: f64 = 30.0;
const LEFT: f64 = 48.0;
const FOOT: f64 = 46.0;
/// Radius of a point, and its opacity: where many overlap, it is darker.
const RADIUS: f64 = 2.5;
const STRENGTH: f64 = 0.55;
const CONTOUR: f64 = 1.5;

/// A cloud of points.
#[derive(Clone, Debug)]
struct Cloud {
    name: String,
    points: Vec<Point>,
    colour: Colour,
}

/// A square region of the plane, with both axes from −`reach` to `reach`.
///
/// ```
/// use gan_nb::display::{Colour, Plane};
/// # fn main() -> gan_nb::Result<()> {
/// let plane = Plane::new("Un paso", 3.0);
/// let x = plane.grid(50)?; // (2500, 2): where to ask the function
/// let height = x.narrow(1, 0, 1).sigmoid(); // (2500, 1), from 0 to 1
/// let points = tch::Tensor::from_slice(&[0.0f32, 1.0, -2.0, 0.5]).view([2, 2]);
/// let figure = plane.heat("σ(x₁)", &height)?.points("dos puntos", &points, Colour::Blue)?.draw()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Plane {
    title: String,
    reach: f64,
    clouds: Vec<Cloud>,
    heat: Option<Heat>,
    axes: [String; 2],
    alt: Option<String>,
}

impl Plane {
    /// An empty plane.
    pub fn new(title: impl Into<String>, reach: f64) -> Self {
        let axes = ["x₁".into(), "x₂".into()];
        Self { title: title.into(), reach, clouds: vec![], heat: None, axes, alt: None }
    }

    /// Names the axes, x₁ and x₂ if not set.
    pub fn axes(mut self, across: impl Into<String>, up: impl Into<String>) -> Self {
        self.axes = [across.into(), up.into()];
        self
    }

    /// Describes the picture for readers who cannot see it, in place of a list of what is in it.
    pub fn alt(mut self, alt: impl Into<String>) -> Self {
        self.alt = Some(alt.into());
        self
    }

    /// Adds points, in this colour and with its marker. Points outside the plane are not drawn; the figure's plain-text
    /// form then says how many of how many are, as in "n = 197 / 200".
    ///
    /// # Shapes
    /// `points`: (N, 2), any float
    ///
    /// # Errors
    /// [`Error::Value`] for another shape.
    pub fn points(mut self, name: impl Into<String>, points: &Tensor, colour: Colour) -> Result<Self> {
        if points.size().len() != 2 || points.size()[1] != 2 {
            let hint = "Give one row of two coordinates for each point";
            return Err(Error::value("the shape of points", format!("{:?}", points.size()), "[N, 2]", hint));
        }
        let points = numbers(points)?.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        self.clouds.push(Cloud { name: name.into(), points, colour });
        Ok(self)
    }

    /// A grid of points over the plane, `side` to a row: where [`heat`](Self::heat) needs the function's values.
    ///
    /// # Shapes
    /// (`side`², 2), float32, row by row from the lowest x₂, each row from the lowest x₁
    ///
    /// # Errors
    /// [`Error::Value`] for a `side` below 2.
    pub fn grid(&self, side: i64) -> Result<Tensor> {
        if side < 2 {
            return Err(Error::value("side", side, "at least 2", "60 gives a smooth picture"));
        }
        let at = |i: i64| (2.0 * i as f64 / (side - 1) as f64 - 1.0) * self.reach;
        let line = Tensor::f_from_slice(&(0..side).map(|i| at(i) as f32).collect::<Vec<f32>>())?;
        let (across, up) = (line.f_repeat([side])?, line.f_repeat_interleave_self_int(side, 0, None)?);
        Ok(Tensor::f_stack(&[across, up], 1)?)
    }

    /// Colours the plane by a function from 0 to 1, with a line where it is 0.5; `name` labels the colour bar.
    ///
    /// # Shapes
    /// `values`: (`side`²) or (`side`², 1), at the points of [`grid`](Self::grid)
    ///
    /// # Errors
    /// [`Error::Value`] if the number of values is not a square or a value lies outside \[0, 1\].
    pub fn heat(mut self, name: impl Into<String>, values: &Tensor) -> Result<Self> {
        let values = numbers(values)?;
        let side = (values.len() as f64).sqrt().round() as usize;
        if side < 2 || side * side != values.len() {
            let hint = "Evaluate the function at the points of Plane::grid(side)";
            return Err(Error::value(
                "the number of values",
                values.len(),
                "the square of a number of 2 or more",
                hint,
            ));
        }
        if let Some(value) = values.iter().find(|value| !(0.0..=1.0).contains(*value)) {
            let hint = "Give probabilities, not logits: predict() of a model that ends in a sigmoid";
            return Err(Error::value("a value of the heat map", value, "0 to 1", hint));
        }
        self.heat = Some(Heat { name: name.into(), side, values });
        Ok(self)
    }

    /// Draws the figure.
    ///
    /// # Errors
    /// [`Error::Value`] if `reach` is not above 0.
    pub fn draw(&self) -> Result<Figure> {
        if !(self.reach > 0.0 && self.reach.is_finite()) {
            return Err(Error::value("reach", self.reach, "a number above 0", "The axes go from -reach to reach"));
        }
        let side = f64::from(WIDTH) - LEFT - PADDING;
        let frame = Frame { left: LEFT, top: PADDING + HEAD, side, reach: self.reach };
        let names: Vec<_> = self.clouds.iter().map(|cloud| (cloud.name.as_str(), cloud.colour)).collect();
        let rows = legend::rows(&names, self.heat.is_some());
        let height = (frame.bottom() + FOOT + rows + PADDING).ceil() as u32;
        let (png, width, height) = raster::render((WIDTH, height), |canvas| {
            canvas.text(&self.title, (PADDING, PADDING + 14.0), raster::Align::Left, HEADING)?;
            self.draw_heat(canvas, &frame)?;
            self.draw_axes(canvas, &frame)?;
            for cloud in &self.clouds {
                for point in cloud.points.iter().filter(|point| self.holds(point)) {
                    legend::mark(canvas, frame.place(*point), RADIUS, STRENGTH, cloud.colour)?;
                }
            }
            let heat = self.heat.as_ref().map(|heat| heat.name.as_str());
            legend::draw(canvas, (frame.left, frame.bottom() + FOOT), frame.side, &names, heat)
        })?;
        let text = self.summary();
        let alt = self.alt.clone().unwrap_or_else(|| text.replace('\n', ". "));
        Ok(Figure { png, width, height, css_width: WIDTH, pixelated: false, alt, text })
    }

    fn holds(&self, point: &Point) -> bool {
        point.0.abs() <= self.reach && point.1.abs() <= self.reach
    }

    /// In each row of CSS pixels a rectangle for each run of one band, then the line at 0.5.
    fn draw_heat(&self, canvas: &Canvas, frame: &Frame) -> Result<()> {
        let Some(heat) = &self.heat else { return Ok(()) };
        let count = frame.side as usize;
        for row in 0..count {
            let (top, y) = (frame.top + row as f64, 1.0 - (row as f64 + 0.5) / frame.side);
            let bands: Vec<_> =
                (0..count).map(|column| heat::band(heat.value((column as f64 + 0.5) / frame.side, y))).collect();
            let mut left = frame.left;
            for run in bands.chunk_by(|a, b| a == b) {
                let right = left + run.len() as f64;
                canvas.rectangle((left, top), (right, top + 1.0), heat::colour(run[0]), 1.0)?;
                left = right;
            }
        }
        let place = |(x, y): Point| (frame.left + x * frame.side, frame.bottom() - y * frame.side);
        heat.contour().iter().try_for_each(|ends| canvas.stroke(&ends.map(place), CONTOUR, &[], DARK))
    }

    fn draw_axes(&self, canvas: &Canvas, frame: &Frame) -> Result<()> {
        let (left, right, bottom) = (frame.left, frame.left + frame.side, frame.bottom());
        let ticks = axis::ticks((-self.reach, self.reach), 6);
        if self.heat.is_none() {
            let (xs, ys) = ticks.iter().map(|(value, _)| frame.place((*value, *value))).unzip();
            canvas.grid(((left, frame.top), (right, bottom)), xs, ys)?;
        }
        for (value, label) in ticks {
            let (x, y) = frame.place((value, value));
            canvas.text(&label, (x, bottom + 17.0), raster::Align::Center, FAINT)?;
            canvas.text(&label, (left - 7.0, y + 4.0), raster::Align::Right, FAINT)?;
        }
        canvas.rectangle((left, bottom - 0.5), (right, bottom + 0.5), GREY, 1.0)?;
        canvas.rectangle((left - 0.5, frame.top), (left + 0.5, bottom), GREY, 1.0)?;
        let middle = (f64::midpoint(left, right), f64::midpoint(frame.top, bottom));
        canvas.text(&self.axes[0], (middle.0, bottom + 34.0), raster::Align::Center, FAINT)?;
        canvas.upward_text(&self.axes[1], (PADDING + 6.0, middle.1), FAINT)
    }

    /// The plain-text form, in signs that need no language: mean ± standard deviation of the heat map, and the number
    /// of points of each cloud.
    fn summary(&self) -> String {
        let mut lines = vec![self.title.clone()];
        lines.extend(self.heat.as_ref().map(|heat| {
            let (mean, deviation) = heat.statistics();
            format!("{}: {mean:.2} ± {deviation:.2}", heat.name)
        }));
        lines.extend(self.clouds.iter().map(|cloud| {
            let (drawn, all) = (cloud.points.iter().filter(|point| self.holds(point)).count(), cloud.points.len());
            let count = if drawn < all { format!("{drawn} / {all}") } else { all.to_string() };
            format!("{}: n = {count}", cloud.name)
        }));
        lines.join("\n")
    }
}

/// The square with the data, in CSS pixels.
struct Frame {
    left: f64,
    top: f64,
    side: f64,
    reach: f64,
}

impl Frame {
    fn bottom(&self) -> f64 {
        self.top + self.side
    }

    fn place(&self, (x, y): Point) -> Point {
        let share = |value: f64| (value / self.reach + 1.0) / 2.0;
        (self.left + share(x) * self.side, self.bottom() - share(y) * self.side)
    }
}

/// The elements of a tensor, row by row.
fn numbers(tensor: &Tensor) -> Result<Vec<f64>> {
    let flat = tensor.f_detach()?.f_to_device(Device::Cpu)?.f_to_kind(Kind::Double)?.f_reshape([-1])?;
    Ok(Vec::try_from(&flat)?)
}
