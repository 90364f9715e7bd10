//! The colours behind a plane: a diverging map from 0 to 1, drawn in bands, and the line where it crosses 0.5.

use plotters::style::RGBColor;

use crate::display::plot::raster::Point;
use crate::imaging::oklab;

/// The number of colours, even so that 0.5 is an edge between two. Bands let the eye follow contour lines, and flat
/// areas make small files.
pub(super) const BANDS: usize = 20;

/// In Oklab, both arms fall from the same pale grey to the same lightness with the
/// same chroma, 0 in the hue of [`Vermillion`](super::Colour::Vermillion), 1 in that of [`Blue`](super::Colour::Blue);
/// the points, in the full colours, stand out from either.
const MIDDLE: f32 = 0.975;
const END: f32 = 0.80;
const CHROMA: f32 = 0.095;
/// In degrees.
const HUES: [f32; 2] = [47.5, -116.0];

/// Values on a grid of `side` × `side` points, row by row from the lowest y, each row from the lowest x.
#[derive(Clone, Debug)]
pub(super) struct Heat {
    pub name: String,
    pub side: usize,
    pub values: Vec<f64>,
}

impl Heat {
    fn at(&self, column: usize, row: usize) -> f64 {
        self.values[row * self.side + column]
    }

    /// Mean and standard deviation.
    pub(super) fn statistics(&self) -> (f64, f64) {
        let count = self.values.len() as f64;
        let mean = self.values.iter().sum::<f64>() / count;
        (mean, (self.values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt())
    }

    /// The value between the points, interpolated bilinearly; `x` and `y` go from 0 at the lower left to 1.
    pub(super) fn value(&self, x: f64, y: f64) -> f64 {
        let last = self.side - 1;
        let split = |share: f64| {
            let place = share.clamp(0.0, 1.0) * last as f64;
            let cell = (place as usize).min(last - 1);
            (cell, place - cell as f64)
        };
        let ((column, right), (row, up)) = (split(x), split(y));
        let low = self.at(column, row) * (1.0 - right) + self.at(column + 1, row) * right;
        let high = self.at(column, row + 1) * (1.0 - right) + self.at(column + 1, row + 1) * right;
        low * (1.0 - up) + high * up
    }

    /// The line where the value is 0.5, by marching squares: segments in the same coordinates.
    pub(super) fn contour(&self) -> Vec<[Point; 2]> {
        let last = (self.side - 1) as f64;
        let mut pieces = Vec::new();
        for row in 0..self.side - 1 {
            for column in 0..self.side - 1 {
                // Around the cell, from its lower left corner.
                let corners = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)].map(|(dx, dy)| (column + dx, row + dy));
                let crossings: Vec<Point> = corners.windows(2).filter_map(|edge| self.crossing(edge)).collect();
                // Two crossings, or four at a saddle point, where either pairing will do.
                let ends = crossings.chunks_exact(2).map(|ends| [ends[0], ends[1]]);
                pieces.extend(ends.map(|ends| ends.map(|(x, y)| (x / last, y / last))));
            }
        }
        pieces
    }

    /// Where the value passes 0.5 on the edge between two grid points.
    fn crossing(&self, edge: &[(usize, usize)]) -> Option<Point> {
        let [(x0, y0), (x1, y1)] = [edge[0], edge[1]];
        let (from, to) = (self.at(x0, y0) - 0.5, self.at(x1, y1) - 0.5);
        let share = from / (from - to);
        let between = |a: usize, b: usize| a as f64 + share * (b as f64 - a as f64);
        ((from < 0.0) != (to < 0.0)).then(|| (between(x0, x1), between(y0, y1)))
    }
}

/// The band that holds `value`.
pub(super) fn band(value: f64) -> usize {
    ((value * BANDS as f64) as usize).min(BANDS - 1)
}

/// The colour of a band.
pub(super) fn colour(band: usize) -> RGBColor {
    let value = (band as f32 + 0.5) / BANDS as f32;
    let strength = (2.0 * value - 1.0).abs();
    let (lightness, chroma) = (MIDDLE + (END - MIDDLE) * strength, CHROMA * strength);
    let hue = HUES[usize::from(value > 0.5)].to_radians();
    let [red, green, blue] = oklab::bytes(oklab::colour(lightness, chroma, hue));
    RGBColor(red, green, blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_is_a_ramp_and_crosses_in_the_middle() {
        let values = (0..25).map(|i| f64::from(i % 5) / 4.0).collect();
        let heat = Heat { name: String::new(), side: 5, values };
        assert!((heat.value(0.3, 0.9) - 0.3).abs() < 1e-12);
        let pieces = heat.contour();
        assert_eq!(pieces.len(), 4);
        assert!(pieces.iter().flatten().all(|(x, _)| (x - 0.5).abs() < 1e-12), "{pieces:?}");
    }

    #[test]
    fn the_map_is_a_pale_middle_between_two_equal_arms() {
        let [low, middle, high] = [0, BANDS / 2, BANDS - 1].map(colour);
        assert!(middle.0.min(middle.1).min(middle.2) > 235, "{middle:?}");
        assert!(low.0 > low.2 + 60 && high.2 > high.0 + 60, "{low:?} {high:?}");
        // Luminance (Rec. 709 on the bytes, close enough): readers who see no hues see both ends equally dark.
        let luminance = |RGBColor(r, g, b): RGBColor| 0.21 * f64::from(r) + 0.72 * f64::from(g) + 0.07 * f64::from(b);
        assert!((luminance(low) - luminance(high)).abs() < 8.0, "{low:?} {high:?}");
    }

    #[test]
    fn one_half_is_an_edge() {
        assert_eq!((band(0.0), band(0.499), band(0.5), band(1.0)), (0, BANDS / 2 - 1, BANDS / 2, BANDS - 1));
    }
}
