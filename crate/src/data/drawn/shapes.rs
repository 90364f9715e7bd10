//! Ten drawn shapes in the format of CIFAR-10, for use without a network.
//!
//! A shape is a signed distance function: how far a point is from its edge, negative inside. A pixel on the edge is
//! mixed by the share that lies inside, which is antialiasing. The formulas are by Inigo Quilez,
//! <https://iquilezles.org/articles/distfunctions2d/>.

use std::f32::consts::TAU;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::imaging::oklab::{Colour, colour, mix};

const SIDE: usize = 32;

/// Draws pictures of shapes, each with its own colours, size, place and tilt.
pub struct Shapes;

impl Shapes {
    /// What they are called.
    pub const NAME: &str = "Shapes";
    /// The names of their classes.
    pub const CLASSES: [&str; 10] =
        ["circle", "square", "triangle", "star", "heart", "ring", "cross", "moon", "flower", "stripes"];

    /// Draws `count` pictures (32, 32, 3), the ten classes in turn. The same seed gives the same bytes.
    ///
    /// # Errors
    /// [`Error::Value`] if `count` is 0, or above a million, which would take 3 GB.
    pub fn generate(count: usize, seed: u64) -> Result<Dataset> {
        if !(1..=1_000_000).contains(&count) {
            return Err(Error::value("count", count, "1 to 1000000", "Dataset::load draws 10000."));
        }
        let mut rng = StdRng::seed_from_u64(seed);
        let labels: Vec<u8> = (0..count).map(|i| (i % Self::CLASSES.len()) as u8).collect();
        let mut images = vec![0; count * SIDE * SIDE * 3];
        for (image, &label) in images.chunks_exact_mut(SIDE * SIDE * 3).zip(&labels) {
            Scene::random(&mut rng).draw(label, image);
        }
        Dataset::new(Self::NAME, images, labels, (SIDE, SIDE, 3), &Self::CLASSES)
    }
}

/// The geometry and colours of one picture. Lengths are in half picture widths from the middle, y pointing down.
struct Scene {
    centre: (f32, f32),
    radius: f32,
    /// Cosine and sine of the tilt.
    turn: (f32, f32),
    /// Top and bottom of the background.
    sky: [Colour; 2],
    /// The shape's upper left and lower right.
    paint: [Colour; 2],
}

impl Scene {
    fn random(rng: &mut StdRng) -> Self {
        let tilt: f32 = rng.gen_range(-0.35..0.35);
        let hue = rng.gen_range(0.0..TAU);
        // Far enough round the colour wheel that shape and background always differ.
        let other = hue + rng.gen_range(0.3..0.7) * TAU;
        let light = rng.gen_range(0.85..0.95);
        let deep = rng.gen_range(0.50..0.64);
        Self {
            centre: (rng.gen_range(-0.12..0.12), rng.gen_range(-0.12..0.12)),
            radius: rng.gen_range(0.62..0.85),
            turn: (tilt.cos(), tilt.sin()),
            sky: [colour(light, 0.06, hue), colour(light - 0.12, 0.09, hue + 0.5)],
            paint: [colour(deep + 0.08, 0.19, other), colour(deep - 0.10, 0.17, other - 0.4)],
        }
    }

    /// Draws the shape `label` into `image` (32, 32, 3).
    fn draw(&self, label: u8, image: &mut [u8]) {
        let half = SIDE as f32 / 2.0;
        for (i, pixel) in image.chunks_exact_mut(3).enumerate() {
            let x = ((i % SIDE) as f32 + 0.5) / half - 1.0;
            let y = ((i / SIDE) as f32 + 0.5) / half - 1.0;
            let (dx, dy) = ((x - self.centre.0) / self.radius, (y - self.centre.1) / self.radius);
            let (u, v) = (dx * self.turn.0 + dy * self.turn.1, dy * self.turn.0 - dx * self.turn.1);
            // In pixels; the edge fades over half a pixel on either side.
            let distance = signed_distance(label, u, v) * self.radius * half;
            let inside = (0.5 - distance).clamp(0.0, 1.0);
            let sky = mix(self.sky[0], self.sky[1], (y + 1.0) / 2.0);
            let paint = mix(self.paint[0], self.paint[1], (0.5 + 0.35 * (dx + dy)).clamp(0.0, 1.0));
            for (byte, value) in pixel.iter_mut().zip(mix(sky, paint, inside)) {
                *byte = (value * 255.0 + 0.5) as u8;
            }
        }
    }
}

/// The signed distance of (x, y) from the edge of the shape `label`, whose outline is about 1 away from the middle.
fn signed_distance(label: u8, x: f32, y: f32) -> f32 {
    match label {
        0 => length(x, y) - 0.92,
        1 => rectangle(x, y, 0.70, 0.70) - 0.08,
        2 => triangle(x, y + 0.05, 0.84) - 0.08,
        3 => star(x, y),
        4 => heart(x / 1.7, 0.62 - y / 1.7) * 1.7,
        5 => (length(x, y) - 0.68).abs() - 0.24,
        6 => rectangle(x, y, 0.88, 0.24).min(rectangle(x, y, 0.24, 0.88)) - 0.06,
        7 => (length(x, y) - 0.95).max(0.78 - length(x - 0.42, y + 0.12)),
        8 => flower(x, y),
        // The nearest of three bars.
        _ => rectangle(x, y - 0.62 * (y / 0.62).round().clamp(-1.0, 1.0), 0.84, 0.10) - 0.08,
    }
}

/// A plain root, which every processor rounds alike; `hypot` depends on the system's library.
fn length(x: f32, y: f32) -> f32 {
    (x * x + y * y).sqrt()
}

fn rectangle(x: f32, y: f32, half_width: f32, half_height: f32) -> f32 {
    let (dx, dy) = (x.abs() - half_width, y.abs() - half_height);
    length(dx.max(0.0), dy.max(0.0)) + dx.max(dy).min(0.0)
}

/// Equilateral, point upwards, half a side `r` long.
fn triangle(x: f32, y: f32, r: f32) -> f32 {
    let k = 3.0_f32.sqrt();
    let (mut x, mut y) = (x.abs() - r, r / k - y);
    if x + k * y > 0.0 {
        (x, y) = ((x - k * y) / 2.0, (-k * x - y) / 2.0);
    }
    x -= x.clamp(-2.0 * r, 0.0);
    -length(x, y) * y.signum()
}

/// Five points, one upwards.
fn star(x: f32, y: f32) -> f32 {
    const OUTER: f32 = 1.0;
    const INNER: f32 = 0.48;
    // Folds the plane onto a tenth of the star, where one edge is left.
    let (k1, k2) = ((0.809_017, -0.587_785_25), (-0.809_017, -0.587_785_25));
    let (mut x, mut y) = (x.abs(), -y);
    for (kx, ky) in [k1, k2] {
        let over = 2.0 * (kx * x + ky * y).max(0.0);
        (x, y) = (x - over * kx, y - over * ky);
    }
    let (x, y) = (x.abs(), y - OUTER);
    let (edge_x, edge_y) = (INNER * 0.587_785_25, INNER * 0.809_017 - OUTER);
    let along = ((x * edge_x + y * edge_y) / (edge_x * edge_x + edge_y * edge_y)).clamp(0.0, 1.0);
    length(x - edge_x * along, y - edge_y * along) * (y * edge_x - x * edge_y).signum()
}

/// The point at (0, 0), the top about (0, 1.1), y upwards.
fn heart(x: f32, y: f32) -> f32 {
    let x = x.abs();
    if x + y > 1.0 {
        return length(x - 0.25, y - 0.75) - 0.125_f32.sqrt();
    }
    let fold = 0.5 * (x + y).max(0.0);
    length(x, y - 1.0).min(length(x - fold, y - fold)) * (x - y).signum()
}

/// Five petals round an open middle.
fn flower(x: f32, y: f32) -> f32 {
    let petals = (0..5).map(|i| {
        let (sin, cos) = (i as f32 * TAU / 5.0).sin_cos();
        length(x - 0.58 * sin, y + 0.58 * cos) - 0.40
    });
    petals.fold(f32::MAX, f32::min).max(0.20 - length(x, y))
}
