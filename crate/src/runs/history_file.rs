//! history.jsonl: a line for each iteration, an object with each metric and the seconds.

use super::config_file::REMAKE;
use crate::train::History;
use crate::{Error, Result};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::fmt;
use std::path::Path;

const SECONDS: &str = "seconds";

/// The line of an iteration.
pub(super) fn line(history: &History, iteration: usize) -> String {
    let names = history.metrics().names().map(serde_json::Value::from);
    // JSON has no NaN: the loss of a run that has diverged is written as null.
    let number = |value: f32| serde_json::to_string(&value).unwrap_or_else(|_| "null".into());
    let metrics = names.zip(history.row(iteration)).map(|(name, value)| format!("{name}:{},", number(value)));
    let seconds = number(history.seconds_each().get(iteration).copied().unwrap_or(f32::NAN));
    format!("{{{}\"{SECONDS}\":{seconds}}}\n", metrics.collect::<String>())
}

/// All lines.
pub(super) fn lines(history: &History) -> String {
    (0..history.len()).map(|iteration| line(history, iteration)).collect()
}

/// Appends the iterations of `text` to an empty record, up to the last whole line: a program that is killed leaves half a
/// line at the end.
///
/// # Errors
/// [`Error::File`] for a line that does not hold the record's metrics.
pub(super) fn read(text: &str, path: &Path, history: &mut History) -> Result<()> {
    let names: Vec<String> = history.metrics().names().map(String::from).collect();
    for (i, line) in text.split_inclusive('\n').filter(|line| line.ends_with('\n')).enumerate() {
        let refused = |found: String| {
            let expected = format!("{{\"{}\": …, \"{SECONDS}\": …}}", names.join("\": …, \""));
            Error::file(path, format!("{found} (line {})", i + 1), expected, REMAKE)
        };
        let Line(mut numbers) = serde_json::from_str(line).map_err(|error| refused(error.to_string()))?;
        let seconds = numbers.pop().filter(|(name, _)| name == SECONDS);
        let seconds = seconds.ok_or_else(|| refused("no seconds at its end".into()))?.1;
        if !numbers.iter().map(|(name, _)| name).eq(&names) {
            let found: Vec<&str> = numbers.iter().map(|(name, _)| name.as_str()).collect();
            return Err(refused(format!("the metrics {}", found.join(", "))));
        }
        let row: Vec<f32> = numbers.into_iter().map(|(_, number)| number).collect();
        history.push(&row, seconds)?;
    }
    Ok(())
}

/// The numbers of a line in their order, which JSON objects as such don't keep.
struct Line(Vec<(String, f32)>);

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Numbers;
        impl<'de> Visitor<'de> for Numbers {
            type Value = Line;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of numbers")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Line, M::Error> {
                let mut numbers = Vec::new();
                while let Some((name, number)) = map.next_entry::<String, Option<f32>>()? {
                    numbers.push((name, number.unwrap_or(f32::NAN)));
                }
                Ok(Line(numbers))
            }
        }
        deserializer.deserialize_map(Numbers)
    }
}
