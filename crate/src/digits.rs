//! Large numbers for people.

/// Sets the digits of a whole number apart in groups of three: `2313859` and `,` become `2,313,859`.
pub(crate) fn grouped(digits: &str, separator: char) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    #[test]
    fn groups_of_three_from_the_right() {
        let grouped = ["", "7", "999", "1000", "2313859"].map(|digits| super::grouped(digits, ','));
        assert_eq!(grouped, ["", "7", "999", "1,000", "2,313,859"]);
    }
}
