//! Repainted pictures: targets for image-to-image translation.

use std::f32::consts::FRAC_PI_4;

use rand::Rng;
use rand::seq::SliceRandom;
use tch::{Device, Kind, Tensor};

use crate::error::{Error, Result};
use crate::imaging::oklab::{Colour, mix};

/// The distance between strokes in pixels.
const STEP: f32 = 1.8;
/// The ochre ground, visible where there is no paint.
const GROUND: Colour = [0.66, 0.54, 0.38];

/// Repaints pictures in short slanting strokes of strong colour on an ochre ground, as the Impressionists did.
///
/// The places of the strokes and the variation of their colours are drawn from `rng`, so no two paintings of a picture
/// are the same.
///
/// # Shapes
/// `images`: float32 (B, H, W, 3) in [-1, 1]; result: the same, on the CPU
///
/// # Errors
/// [`Error::Value`] for another shape or kind.
///
/// ```
/// use gan_nb::data::{Shapes, brushstrokes};
/// let photos = Shapes::generate(4, 7)?.batch(&[0, 1, 2, 3])?;
/// let paintings = brushstrokes(&photos, &mut gan_nb::random::stream(7, "strokes"))?;
/// assert_eq!(paintings.size(), photos.size());
/// # Ok::<(), gan_nb::Error>(())
/// ```
pub fn brushstrokes(images: &Tensor, rng: &mut impl Rng) -> Result<Tensor> {
    let size = images.size();
    let [_, height, width, 3] = *size else {
        let hint = "Colour pictures have 3 channels, in last place.";
        return Err(Error::value("the shape of images", format!("{size:?}"), "[B, H, W, 3]", hint));
    };
    if images.f_kind()? != Kind::Float {
        let hint = "normalize turns bytes into floats.";
        return Err(Error::value("the kind of images", format!("{:?}", images.kind()), "Float in [-1, 1]", hint));
    }
    let (height, width) = (height as usize, width as usize);
    let flat = images.f_detach()?.f_to_device(Device::Cpu)?.f_reshape([-1])?;
    let mut pixels = Vec::<f32>::try_from(&flat)?;
    for image in pixels.chunks_exact_mut(height * width * 3) {
        paint(image, height, width, rng);
    }
    Ok(Tensor::f_from_slice(&pixels)?.f_view(&size[..])?)
}

/// Repaints one picture, (H, W, 3) in [-1, 1].
fn paint(image: &mut [f32], height: usize, width: usize, rng: &mut impl Rng) {
    let (rows, columns) = ((height as f32 / STEP).ceil() as usize, (width as f32 / STEP).ceil() as usize);
    let mut strokes: Vec<Stroke> = (0..rows * columns)
        .map(|i| {
            let x = ((i % columns) as f32 + rng.gen_range(0.0..1.0)) * STEP;
            let y = ((i / columns) as f32 + rng.gen_range(0.0..1.0)) * STEP;
            let pixel = (y as usize).min(height - 1) * width + (x as usize).min(width - 1);
            let seen = std::array::from_fn(|c| 0.5 * image[pixel * 3 + c] + 0.5);
            Stroke::random(x, y, seen, rng)
        })
        .collect();
    // In order, each stroke would lie on top of its left neighbour.
    strokes.shuffle(rng);
    let mut canvas = vec![GROUND; height * width];
    for stroke in &strokes {
        stroke.draw(&mut canvas, height, width);
    }
    for (pixel, colour) in image.chunks_exact_mut(3).zip(canvas) {
        pixel.copy_from_slice(&colour.map(|part| 2.0 * part.clamp(0.0, 1.0) - 1.0));
    }
}

/// A purer, stronger colour than the one seen, lighter or darker by chance.
fn paint_for(seen: Colour, rng: &mut impl Rng) -> Colour {
    let grey = seen.iter().sum::<f32>() / 3.0;
    let light = rng.gen_range(-0.18..0.18);
    seen.map(|part| (grey + 1.5 * (part - grey) + light + rng.gen_range(-0.06..0.06)).clamp(0.0, 1.0))
}

/// A straight line with round ends. Lengths are in pixels.
struct Stroke {
    middle: (f32, f32),
    /// From the middle to the end.
    half: (f32, f32),
    radius: f32,
    colour: Colour,
}

impl Stroke {
    fn random(x: f32, y: f32, seen: Colour, rng: &mut impl Rng) -> Self {
        // As a right-handed painter would: more or less upwards to the right.
        let (sin, cos) = (FRAC_PI_4 + rng.gen_range(-0.2..0.2)).sin_cos();
        let half = rng.gen_range(1.1..2.2);
        let radius = rng.gen_range(0.6..0.9);
        Self { middle: (x, y), half: (half * cos, -half * sin), radius, colour: paint_for(seen, rng) }
    }

    fn draw(&self, canvas: &mut [Colour], height: usize, width: usize) {
        let range = |middle: f32, half: f32, end: usize| {
            let reach = half.abs() + self.radius + 1.0;
            (middle - reach).max(0.0) as usize..((middle + reach) as usize + 1).min(end)
        };
        for row in range(self.middle.1, self.half.1, height) {
            for column in range(self.middle.0, self.half.0, width) {
                // A pixel on the edge is mixed by the share that the stroke covers.
                let distance = self.distance(column as f32 + 0.5, row as f32 + 0.5);
                let cover = (self.radius + 0.5 - distance).clamp(0.0, 1.0);
                let pixel = &mut canvas[row * width + column];
                *pixel = mix(*pixel, self.colour, cover);
            }
        }
    }

    /// The distance from (x, y) to the nearest point of the line.
    fn distance(&self, x: f32, y: f32) -> f32 {
        let ((dx, dy), (hx, hy)) = ((x - self.middle.0, y - self.middle.1), self.half);
        let along = ((dx * hx + dy * hy) / (hx * hx + hy * hy)).clamp(-1.0, 1.0);
        let (dx, dy) = (dx - along * hx, dy - along * hy);
        (dx * dx + dy * dy).sqrt()
    }
}
