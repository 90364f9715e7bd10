//! The numbers on an axis: its range, its ticks and how they are written.

use crate::digits::grouped;

/// An axis extends beyond the middle 98 % of the values by up to this many times their spread.
const PATIENCE: f64 = 2.0;
/// With fewer values than this none is left outside: outliers can't be told from the data.
const ENOUGH: usize = 10;

/// The range for `values`, none of which is NaN. It always includes `marks` (reference lines).
///
/// A single explosion among thousands of values must not flatten all others, so extremes far beyond the rest are left
/// outside. A constant gets some room on both sides; without values the range is \[0, 1\].
pub(in crate::display) fn range(mut values: Vec<f64>, marks: impl Iterator<Item = f64>) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    let (mut low, mut high) = match values[..] {
        [] => (f64::INFINITY, f64::NEG_INFINITY),
        [_, ..] if values.len() >= ENOUGH => {
            let trim = (values.len() / 100).max(1);
            let (inner_low, inner_high) = (values[trim], values[values.len() - 1 - trim]);
            let spread = inner_high - inner_low;
            // The outermost values that are still near the rest: a steep fall from a high start stays in view.
            let near = |value: &&f64| (inner_low - PATIENCE * spread..=inner_high + PATIENCE * spread).contains(*value);
            let (first, last) = (values.iter().find(near), values.iter().rev().find(near));
            (*first.unwrap_or(&inner_low), *last.unwrap_or(&inner_high))
        }
        _ => (values[0], values[values.len() - 1]),
    };
    for mark in marks.filter(|mark| mark.is_finite()) {
        (low, high) = (low.min(mark), high.max(mark));
    }
    if low > high {
        return (0.0, 1.0);
    }
    let margin = if high > low { 0.05 * (high - low) } else { (0.1 * low.abs()).max(0.05) };
    // Losses and shares start at zero: no room below it, where no value can be.
    let floor = if (0.0..=2.0 * margin).contains(&low) { 0.0 } else { low - margin };
    (floor, high + margin)
}

/// Round numbers from `low` to `high`, about `wanted` of them, each with its label.
pub(in crate::display) fn ticks((low, high): (f64, f64), wanted: usize) -> Vec<(f64, String)> {
    let rough = (high - low) / wanted.max(1) as f64;
    let power = 10f64.powf(rough.log10().floor());
    // The round step nearest to the one asked for, by ratio; 2.5 needs one decimal more than the others.
    let distance = |factor: f64| (factor * power / rough).ln().abs();
    let round = [(1.0, 0), (2.0, 0), (2.5, 1), (5.0, 0), (10.0, -1)];
    let nearest = round.into_iter().min_by(|a, b| distance(a.0).total_cmp(&distance(b.0)));
    let Some((factor, extra)) = nearest.filter(|_| power.is_normal()) else { return vec![] };
    let step = factor * power;
    let decimals = (extra - power.log10().round() as i32).max(0) as usize;
    // The tolerance keeps the last tick when a quotient is a hair below a whole number.
    let (first, last) = ((low / step - 1e-6).ceil() as i64, (high / step + 1e-6).floor() as i64);
    (first..=last).map(|count| count as f64 * step).map(|value| (value, number(value, decimals))).collect()
}

/// `value` with `decimals` decimals, its thousands separated by a space from 10 000 on.
pub(crate) fn number(value: f64, decimals: usize) -> String {
    if value.abs() >= 1e9 || decimals > 6 {
        return format!("{value:.1e}");
    }
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let whole = if whole.len() > 4 { grouped(whole, ' ') } else { whole.into() };
    let sign = if value < 0.0 { "−" } else { "" };
    format!("{sign}{whole}{fraction}")
}

/// `value` to three significant digits, for notes in a plot and a figure's plain-text form.
pub(crate) fn brief(value: f64) -> String {
    let digits = if value == 0.0 { 0.0 } else { value.abs().log10().floor() };
    if (-4.0..9.0).contains(&digits) { number(value, (2.0 - digits).max(0.0) as usize) } else { format!("{value:.1e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(range: (f64, f64), wanted: usize) -> Vec<String> {
        ticks(range, wanted).into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(labels((0.0, 1.02), 2), ["0.0", "0.5", "1.0"]);
        assert_eq!(labels((0.0, 0.3), 3), ["0.0", "0.1", "0.2", "0.3"]);
        assert_eq!(labels((0.0, 100.0), 4), ["0", "25", "50", "75", "100"]);
        assert_eq!(labels((0.0, 1.0), 4), ["0.00", "0.25", "0.50", "0.75", "1.00"]);
        assert_eq!(labels((0.0, 10_000.0), 2), ["0", "5000", "10 000"]);
        assert_eq!(labels((-1.0, 1.0), 2), ["−1", "0", "1"]);
        assert!(ticks((1.0, 1.0), 4).is_empty());
    }

    #[test]
    fn one_outlier_is_left_outside() {
        let mut values: Vec<f64> = (0..1000).map(|i| f64::from(i) / 1000.0).collect();
        values.push(1e6);
        let (low, high) = range(values, std::iter::once(0.693));
        assert_eq!(low, 0.0);
        assert!((1.0..1.5).contains(&high), "{high}");
    }

    #[test]
    fn constants_and_nothing_have_room() {
        let (low, high) = range(vec![3.0; 50], std::iter::empty());
        assert!(low < 3.0 && high > 3.0);
        assert_eq!(range(vec![], std::iter::empty()), (0.0, 1.0));
        assert_eq!(range(vec![0.0], std::iter::empty()), (0.0, 0.05));
    }
}
