//! What makes thousands of noisy points readable: a running mean, and the raw line drawn as one band a column.

/// Up to this many points a line is drawn as it is.
const FEW: usize = 200;

/// Over how many points the bold line of a smoothed [`Series`](super::Series) of `points` points averages: 1, which is
/// none, up to 200 points, and from there a fortieth of them.
pub fn running_mean_window(points: usize) -> usize {
    if points <= FEW { 1 } else { points / 40 }
}

/// The mean over about `window` points around each one. At both ends the window is cut, not padded.
///
/// Values outside `range` count as its nearer end: one explosion would else lift the mean for a whole window.
pub(in crate::display) fn running_mean(points: &[(f64, f64)], window: usize, range: (f64, f64)) -> Vec<(f64, f64)> {
    let mut sums = Vec::with_capacity(points.len() + 1);
    let mut sum = 0.0;
    sums.push(sum);
    for (_, y) in points {
        sum += y.clamp(range.0, range.1);
        sums.push(sum);
    }
    let half = window / 2;
    let mean = |index: usize| {
        let (from, to) = (index.saturating_sub(half), (index + half + 1).min(points.len()));
        (sums[to] - sums[from]) / (to - from) as f64
    };
    points.iter().enumerate().map(|(index, (x, _))| (*x, mean(index))).collect()
}

/// Averages pixel positions, sorted by x, over columns `step` wide; the first and the last one stay where they are.
pub(in crate::display) fn thin(line: &[(f64, f64)], step: f64) -> Vec<(f64, f64)> {
    let [first, .., last] = line else { return line.to_vec() };
    let column = |point: &(f64, f64)| (point.0 / step).floor();
    let mut thinned = vec![*first];
    for bin in line[1..line.len() - 1].chunk_by(|a, b| column(a) == column(b)) {
        let (x, y) = bin.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
        thinned.push((x / bin.len() as f64, y / bin.len() as f64));
    }
    thinned.push(*last);
    thinned
}

/// For a line of pixel positions, sorted by x: `(column, lowest y, highest y)` of each column of `step` it passes.
pub(in crate::display) fn envelope(line: &[(f64, f64)], step: f64) -> Vec<(i32, f64, f64)> {
    let mut columns: Vec<(i32, f64, f64)> = Vec::new();
    for pair in line.windows(2) {
        let [(x0, y0), (x1, y1)] = [pair[0], pair[1]];
        let at = |x: f64| if x1 > x0 { y0 + (y1 - y0) * (x - x0) / (x1 - x0) } else { y1 };
        for column in (x0 / step).floor() as i32..=(x1 / step).floor() as i32 {
            let (left, right) = ((f64::from(column) * step).max(x0), (f64::from(column + 1) * step).min(x1));
            // A vertical step between two points of the same x must keep both its ends.
            let ends = if x1 > x0 { (at(left), at(right)) } else { (y0, y1) };
            let (low, high) = (ends.0.min(ends.1), ends.0.max(ends.1));
            match columns.last_mut() {
                Some(last) if last.0 == column => *last = (column, last.1.min(low), last.2.max(high)),
                _ => columns.push((column, low, high)),
            }
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_of_a_ramp_is_the_ramp_and_an_outlier_is_cut() {
        let ramp: Vec<_> = (0..9).map(|i| (f64::from(i), f64::from(i))).collect();
        let mean = running_mean(&ramp, 3, (0.0, 8.0));
        assert_eq!(mean[4], (4.0, 4.0));
        assert_eq!(mean[0], (0.0, 0.5));
        let spike = [(0.0, 1.0), (1.0, 1e9), (2.0, 1.0)];
        assert_eq!(running_mean(&spike, 3, (0.0, 4.0))[1], (1.0, 2.0));
    }

    #[test]
    fn envelope_holds_every_point() {
        let columns = envelope(&[(0.0, 5.0), (1.0, 9.0), (1.0, -3.0), (4.0, 0.0)], 2.0);
        assert_eq!(columns.iter().map(|c| c.0).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!((columns[0].1, columns[0].2), (-3.0, 9.0));
    }
}
