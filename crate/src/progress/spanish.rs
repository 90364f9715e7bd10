//! Counts and times as the lesson writes them.

use crate::display::number;

/// 10000 → `10 000`
pub(crate) fn count(iterations: usize) -> String {
    number(iterations as f64, 0)
}

/// 754 s → `12 min 34 s`
pub(crate) fn duration(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {:02} s", seconds % 60),
        _ => format!("{hours} h {minutes:02} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_people_say_them() {
        assert_eq!([0.4, 59.0, 754.0, 7260.0].map(duration), ["0 s", "59 s", "12 min 34 s", "2 h 01 min"]);
        assert_eq!([999, 9999, 10_000].map(count), ["999", "9999", "10 000"]);
    }
}
