//! Three drawn textures, for networks that learn from a single picture.
//!
//! Each is periodic: its left edge continues its right one and its top its bottom, so copies tile without a seam.

use std::f32::consts::TAU;

use rand::Rng;
use tch::{Kind, Tensor};

use crate::error::{Error, Result};
use crate::imaging::oklab::{Colour, bytes, colour, mix};
use crate::random;

/// Draws textures, each uint8 (1, side, side, 3). The same side and seed give the same bytes.
pub struct Textures;

impl Textures {
    /// Cobblestones of about 12 pixels in dark joints: cells of a jittered grid (Worley 1996), lit from the upper left.
    ///
    /// # Errors
    /// [`Error::Value`] if `side` is not 32 to 1024.
    pub fn stones(side: usize, seed: u64) -> Result<Tensor> {
        let mut rng = random::stream(seed, "stones");
        let cobbles = Cobbles::random((side as f32 / 12.0).round() as usize, &mut rng);
        draw(side, |x, y| cobbles.colour(x, y, 12.0, &mut rng))
    }

    /// Woven cloth: strands 8 pixels wide that go over and under in turn, each of its own shade.
    ///
    /// # Errors
    /// [`Error::Value`] if `side` is not 32 to 1024.
    pub fn cloth(side: usize, seed: u64) -> Result<Tensor> {
        let mut rng = random::stream(seed, "cloth");
        // An even number of strands, so the weave continues across the seam.
        let strands = 2 * (side as f32 / 16.0).round() as usize;
        let mut dye = |hue: f32| -> Vec<Colour> {
            let mut shade = || colour(rng.gen_range(0.50..0.75), 0.11, hue + rng.gen_range(-0.4..0.4));
            (0..strands).map(|_| shade()).collect()
        };
        let (warp, weft) = (dye(0.9), dye(4.1));
        draw(side, |x, y| {
            let (u, v) = (x * strands as f32, y * strands as f32);
            let (column, row) = (u as usize % strands, v as usize % strands);
            // Position within the crossing, −1 to 1, along the top strand and across it.
            let (du, dv) = (2.0 * u.fract() - 1.0, 2.0 * v.fract() - 1.0);
            let vertical = (column + row) % 2 == 0;
            let (along, across, dyed) = if vertical { (dv, du, warp[column]) } else { (du, dv, weft[row]) };
            let light = (1.0 - 0.45 * along * along) * (1.0 - 0.35 * across * across);
            dyed.map(|part| part * light)
        })
    }

    /// Sand ripples: waves about 12 pixels apart that bend, fork and never repeat.
    ///
    /// # Errors
    /// [`Error::Value`] if `side` is not 32 to 1024.
    pub fn ripples(side: usize, seed: u64) -> Result<Tensor> {
        let mut rng = random::stream(seed, "ripples");
        let rows = (side as f32 / 12.0).round();
        // Whole numbers of waves across the picture keep it periodic.
        let count = (side as f32 / 28.0).round() as i32;
        let bends: Vec<[f32; 4]> = (0..10)
            .map(|_| {
                let (kx, ky) = (rng.gen_range(-count..=count) as f32, rng.gen_range(-count..=count) as f32);
                let size = 1.6 / (1.0 + 0.4 * (kx * kx + ky * ky).sqrt());
                [kx, ky, rng.gen_range(0.0..TAU), size]
            })
            .collect();
        let (crest, trough) = (colour(0.86, 0.07, 1.4), colour(0.52, 0.09, 0.9));
        draw(side, |x, y| {
            let bend: f32 = bends.iter().map(|[kx, ky, at, size]| size * (TAU * (kx * x + ky * y) + at).sin()).sum();
            let wave = (TAU * rows * y + bend).sin();
            // A slow rise and a steep fall, as in wind-blown sand.
            let slope = 0.25 * (2.0 * (TAU * rows * y + bend)).sin();
            let grain = rng.gen_range(-0.03..0.03);
            mix(trough, crest, 0.5 + 0.42 * (wave + slope)).map(|part| part + grain)
        })
    }
}

/// Paints each pixel with the colour at its centre, x and y in 0..1.
fn draw(side: usize, mut paint: impl FnMut(f32, f32) -> Colour) -> Result<Tensor> {
    if !(32..=1024).contains(&side) {
        return Err(Error::value("side", side, "32 to 1024", "128 pixels show about a hundred stones."));
    }
    let place = |i: usize| (i as f32 + 0.5) / side as f32;
    let pixels: Vec<u8> = (0..side * side).flat_map(|i| bytes(paint(place(i % side), place(i / side)))).collect();
    Ok(Tensor::f_from_data_size(&pixels, &[1, side as i64, side as i64, 3], Kind::Uint8)?)
}

/// A grid of `count` × `count` cells, each with the centre of a stone somewhere in it.
struct Cobbles {
    count: usize,
    /// Position within the cell, 0..1, and colour.
    stones: Vec<([f32; 2], Colour)>,
}

impl Cobbles {
    fn random(count: usize, rng: &mut random::Stream) -> Self {
        let mut stone = || {
            let at = [rng.gen_range(0.1..0.9), rng.gen_range(0.1..0.9)];
            // Grey-blue slate with a warm one here and there.
            let hue = if rng.gen_bool(0.3) { rng.gen_range(0.7..1.2) } else { rng.gen_range(4.0..4.6) };
            (at, colour(rng.gen_range(0.55..0.82), rng.gen_range(0.02..0.09), hue))
        };
        Self { count, stones: (0..count * count).map(|_| stone()).collect() }
    }

    /// The colour at (x, y), where a cell is `pixels` wide.
    fn colour(&self, x: f32, y: f32, pixels: f32, rng: &mut random::Stream) -> Colour {
        let (u, v) = (x * self.count as f32, y * self.count as f32);
        let (mut nearest, mut second) = ((f32::MAX, [0.0; 2], [0.0; 3]), f32::MAX);
        for i in 0..25 {
            let cell = [u.floor() + (i % 5) as f32 - 2.0, v.floor() + (i / 5) as f32 - 2.0];
            // Cells beyond an edge are those on the other side.
            let [column, row] = cell.map(|c| c.rem_euclid(self.count as f32) as usize);
            let (at, shade) = self.stones[row * self.count + column];
            let offset = [u - cell[0] - at[0], v - cell[1] - at[1]];
            let distance = (offset[0] * offset[0] + offset[1] * offset[1]).sqrt();
            if distance < nearest.0 {
                (second, nearest) = (nearest.0, (distance, offset, shade));
            } else {
                second = second.min(distance);
            }
        }
        let (distance, offset, shade) = nearest;
        let to_joint = 0.5 * (second - distance) * pixels;
        // A dome: its upper left faces the light, its lower right lies in shadow.
        let light = 1.0 - 0.55 * (offset[0] + offset[1]) + rng.gen_range(-0.04..0.04);
        let joint = colour(0.24, 0.02, 4.3);
        mix(joint, shade.map(|part| part * light), ((to_joint - 0.4) / 1.4).clamp(0.0, 1.0))
    }
}
