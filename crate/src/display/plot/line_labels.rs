//! The names to the right of a plot, each as near to the end of its line as the others allow.

use plotters::style::{RGBColor, text_anchor::HPos as Align};

use super::{raster::Canvas, styles::BODY};
use crate::Result;

/// The gap between the plot and the samples, where a thin leader goes from a line's end to a sample that had to move.
pub(in crate::display) const LEADER: f64 = 16.0;
/// The length of the sample of a line before its name, and the space after it.
const SAMPLE: f64 = 23.0;
const SPACE: f64 = 8.0;
/// From the baseline of a name to that of the next.
const LEADING: f64 = 18.0;
/// A longer name is shortened.
const MAX_WIDTH: f64 = 190.0;

/// A line's name, and what its sample looks like.
pub(in crate::display) struct Name<'a> {
    pub text: &'a str,
    /// Where the line ends.
    pub y: f64,
    /// Whether it ends at the plot's right edge.
    pub reaches: bool,
    pub width: f64,
    pub dashes: &'a [f64],
    pub colour: RGBColor,
}

/// The width that `name` needs to the right of the plot.
pub(in crate::display) fn room(canvas: &Canvas, name: &str) -> Result<f64> {
    Ok(LEADER + SAMPLE + SPACE + canvas.width(name, BODY)?.min(MAX_WIDTH))
}

/// Draws `names` to the right of a plot, which ends at `right` and reaches from `top` to `bottom`.
pub(in crate::display) fn draw(
    canvas: &Canvas,
    right: f64,
    (top, bottom): (f64, f64),
    mut names: Vec<Name>,
) -> Result<()> {
    names.sort_by(|a, b| a.y.total_cmp(&b.y));
    let mut places: Vec<f64> = names.iter().map(|name| name.y).collect();
    spread(&mut places, top, bottom, LEADING);
    for (name, y) in names.iter().zip(places) {
        let left = right + LEADER;
        if (y - name.y).abs() > 1.0 && name.reaches {
            canvas.stroke(&[(right + 4.0, name.y), (left - 2.0, y)], 0.75, &[], name.colour)?;
        }
        canvas.stroke(&[(left, y), (left + SAMPLE, y)], name.width, name.dashes, name.colour)?;
        canvas.text(&shortened(canvas, name.text)?, (left + SAMPLE + SPACE, y + 4.5), Align::Left, BODY)?;
    }
    Ok(())
}

/// Moves sorted places apart to at least `gap`, within `top..=bottom` as long as they fit. Those that are too close
/// become a block around their common middle.
pub(in crate::display) fn spread(places: &mut [f64], top: f64, bottom: f64, gap: f64) {
    // Each block: the place of its first member, and how many there are.
    let mut blocks: Vec<(f64, usize)> = Vec::new();
    let within = |start: f64, count: usize| start.min(bottom - (count - 1) as f64 * gap).max(top);
    for place in places.iter() {
        let mut block = (within(*place, 1), 1);
        while let Some((start, count)) = blocks.pop_if(|(start, count)| *start + *count as f64 * gap > block.0) {
            // The mean of where each member would have the block start.
            let all = count + block.1;
            let wish = block.0 - count as f64 * gap;
            block = (within((start * count as f64 + wish * block.1 as f64) / all as f64, all), all);
        }
        blocks.push(block);
    }
    let spread = blocks.into_iter().flat_map(|(start, count)| (0..count).map(move |index| start + index as f64 * gap));
    places.iter_mut().zip(spread).for_each(|(place, new)| *place = new);
}

fn shortened(canvas: &Canvas, name: &str) -> Result<String> {
    let mut text = name.to_string();
    while canvas.width(&text, BODY)? > MAX_WIDTH {
        text = text.trim_end_matches('…').chars().rev().skip(1).collect::<Vec<_>>().into_iter().rev().collect();
        text.push('…');
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #[test]
    fn crowded_names_spread_around_their_middle() {
        let mut places = [10.0, 50.0, 50.0, 51.0, 90.0];
        super::spread(&mut places, 0.0, 100.0, 10.0);
        assert_eq!(places, [10.0, 121.0 / 3.0, 151.0 / 3.0, 181.0 / 3.0, 90.0]);
        let mut low = [85.0, 99.0, 99.0];
        super::spread(&mut low, 0.0, 100.0, 10.0);
        assert_eq!(low, [80.0, 90.0, 100.0]);
    }
}
