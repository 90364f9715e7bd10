//! Making thousands of noisy points readable: running means, means of pieces, and bands in place of crowded lines.

/// A line of up to this many points is drawn as it is.
const FEW: usize = 200;

/// The number of points that the bold line of a smoothed [`Series`](super::Series) of `points` points averages: 1 up to
/// 200 points, which is no smoothing, and a fortieth of them beyond.
pub fn running_mean_window(points: usize) -> usize {
    if points <= FEW { 1 } else { points / 40 }
}

/// The mean over about `window` points around each one. At both ends the window is cut off, not padded.
///
/// Values outside `range` count as its nearer end: otherwise one explosion would lift the mean for a whole window.
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

/// At most `most` points in place of `points`: the means over as many pieces, each of about the same number of points.
///
/// Raw losses of several lines hide each other, and a line needs no more points than it has pixels.
pub(crate) fn means_of_pieces(points: &[(f64, f64)], most: usize) -> Vec<(f64, f64)> {
    let pieces = points.len().min(most);
    let piece = |i: usize| &points[i * points.len() / pieces..(i + 1) * points.len() / pieces];
    let mean = |piece: &[(f64, f64)]| {
        let (x, y) = piece.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
        (x / piece.len() as f64, y / piece.len() as f64)
    };
    (0..pieces).map(|i| mean(piece(i))).collect()
}

/// The same for a line of pixel positions, a piece every `step`; its two ends stay where they are.
pub(in crate::display) fn thin(line: &[(f64, f64)], step: f64) -> Vec<(f64, f64)> {
    let [first, inner @ .., last] = line else { return line.to_vec() };
    let pieces = ((last.0 - first.0) / step).ceil().max(1.0);
    [&[*first], &means_of_pieces(inner, pieces as usize)[..], &[*last]].concat()
}

/// For a line of pixel positions, sorted by x: `(column, lowest y, highest y)` of each column of width `step`. It keeps
/// the extremes, which means would hide.
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
    fn pieces_are_means_in_order_and_never_more_than_points() {
        let points: Vec<_> = (0..7).map(|i| (f64::from(i), f64::from(i * i))).collect();
        assert_eq!(means_of_pieces(&points, 3), [(0.5, 0.5), (2.5, 6.5), (5.0, 77.0 / 3.0)]);
        assert_eq!(means_of_pieces(&points, 7), points);
        assert_eq!(means_of_pieces(&points, 100), points);
        assert!(means_of_pieces(&[], 5).is_empty() && means_of_pieces(&points, 0).is_empty());
    }

    #[test]
    fn a_thinned_line_keeps_its_ends() {
        let line: Vec<_> = (0..=100).map(|i| (f64::from(i) / 10.0, f64::from(i % 2))).collect();
        let thinned = thin(&line, 2.0);
        assert_eq!((thinned[0], thinned[6]), (line[0], line[100]));
        assert_eq!(thinned.len(), 7);
        assert!(thinned[1..6].iter().all(|point| (point.1 - 0.5).abs() < 0.05), "{thinned:?}");
        assert_eq!(thin(&line[..1], 2.0), line[..1]);
    }

    #[test]
    fn envelope_holds_every_point() {
        let columns = envelope(&[(0.0, 5.0), (1.0, 9.0), (1.0, -3.0), (4.0, 0.0)], 2.0);
        assert_eq!(columns.iter().map(|c| c.0).collect::<Vec<_>>(), [0, 1, 2]);
        assert_eq!((columns[0].1, columns[0].2), (-3.0, 9.0));
    }
}
