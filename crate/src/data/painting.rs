//! Pictures painted anew: targets for image-to-image translation.

use rand::Rng;
use rand::seq::SliceRandom;
use tch::{Device, Kind, Tensor};

use super::colour::{Colour, mix};
use crate::error::{Error, Result};

/// Dots lie about this far from each other, in pixels.
const STEP: f32 = 2.0;
/// Bare canvas, where no dot fell.
const CANVAS: Colour = [0.93, 0.90, 0.82];

/// Repaints pictures in small round dots of strong colour on a light canvas, as Georges Seurat did.
///
/// float32 (B, H, W, 3) in [-1, 1] to the same shape, on the CPU. Where the dots fall and how far each colour strays
/// is drawn from `rng`: the same picture is never painted twice alike.
///
/// # Errors
/// If `images` have another shape or kind.
///
/// ```
/// use gan_nb::data::{Shapes, pointillism};
/// let photos = Shapes::generate(4, 7)?.batch(&[0, 1, 2, 3])?;
/// let paintings = pointillism(&photos, &mut gan_nb::random::stream(7, "dots"))?;
/// assert_eq!(paintings.size(), photos.size());
/// # Ok::<(), gan_nb::Error>(())
/// ```
pub fn pointillism(images: &Tensor, rng: &mut impl Rng) -> Result<Tensor> {
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
    let mut dots: Vec<Dot> = (0..rows * columns)
        .map(|i| {
            let x = ((i % columns) as f32 + rng.gen_range(0.0..1.0)) * STEP;
            let y = ((i / columns) as f32 + rng.gen_range(0.0..1.0)) * STEP;
            let pixel = (y as usize).min(height - 1) * width + (x as usize).min(width - 1);
            let seen = std::array::from_fn(|c| 0.5 * image[pixel * 3 + c] + 0.5);
            Dot { x, y, radius: rng.gen_range(0.7..1.3), colour: paint_for(seen, rng) }
        })
        .collect();
    // In rows one dot would always lie on its left neighbour.
    dots.shuffle(rng);
    let mut canvas = vec![CANVAS; height * width];
    for dot in &dots {
        dot.draw(&mut canvas, height, width);
    }
    for (pixel, colour) in image.chunks_exact_mut(3).zip(canvas) {
        pixel.copy_from_slice(&colour.map(|part| 2.0 * part.clamp(0.0, 1.0) - 1.0));
    }
}

/// A purer, stronger colour than the one seen, lighter or darker by chance.
fn paint_for(seen: Colour, rng: &mut impl Rng) -> Colour {
    let grey = seen.iter().sum::<f32>() / 3.0;
    let light = rng.gen_range(-0.10..0.10);
    seen.map(|part| (grey + 1.6 * (part - grey) + light + rng.gen_range(-0.06..0.06)).clamp(0.0, 1.0))
}

/// Place and radius in pixels.
struct Dot {
    x: f32,
    y: f32,
    radius: f32,
    colour: Colour,
}

impl Dot {
    fn draw(&self, canvas: &mut [Colour], height: usize, width: usize) {
        let range = |middle: f32, end: usize| {
            let reach = self.radius + 1.0;
            (middle - reach).max(0.0) as usize..((middle + reach) as usize + 1).min(end)
        };
        for row in range(self.y, height) {
            for column in range(self.x, width) {
                let (dx, dy) = (column as f32 + 0.5 - self.x, row as f32 + 0.5 - self.y);
                // A pixel on the edge takes the share of it that the dot covers.
                let cover = (self.radius + 0.5 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 1.0);
                let pixel = &mut canvas[row * width + column];
                *pixel = mix(*pixel, self.colour, cover);
            }
        }
    }
}
