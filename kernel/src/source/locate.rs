//! Which line of the cell the compiler means, when evcxr itself does not say.

/// The line of `code`, counted from 1, that has the text of line `line` of `generated`, evcxr's lib.rs. evcxr gives each
/// statement lines of its own, so the text may be only a part of the cell's line. None if it stands in several lines of the
/// cell, or in none.
pub fn locate(generated: &str, line: usize, code: &str) -> Option<usize> {
    let wanted = generated.lines().nth(line.checked_sub(1)?)?.trim();
    if wanted.is_empty() {
        return None;
    }
    let only = |is_it: &dyn Fn(&str) -> bool| {
        let mut found = code.lines().enumerate().filter(|(_, text)| is_it(text));
        let (index, _) = found.next()?;
        found.next().is_none().then_some(index + 1)
    };
    only(&|text| text.trim() == wanted).or_else(|| only(&|text| text.contains(wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_found_by_its_text_if_it_is_the_only_one() {
        let code = "let a = 1;\n  panic!();\n\n}\n}";
        assert_eq!(locate("x\npanic!();\n}\n\ny", 2, code), Some(2));
        assert_eq!(locate("x\npanic!();\n}\n\ny", 3, code), None, "two lines have this text");
        assert_eq!(locate("x\npanic!();\n}\n\ny", 4, code), None, "empty lines say nothing");
        assert_eq!(locate("x\npanic!();\n}\n\ny", 5, code), None, "not in the cell");
        assert_eq!(locate("x", 0, code), None);
        assert_eq!(locate("x", 9, code), None);
    }
}
