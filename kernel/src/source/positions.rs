//! Text put into the reader's lines, and the way back: evcxr's positions in the changed cell as positions in the cell
//! that the reader sees.

/// A piece of text put into a line. The count of lines never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The line, counted from 1.
    pub line: usize,
    /// The column of the reader's line before which the text stands, counted in characters from 1.
    pub column: usize,
    /// How many characters were put in.
    pub length: usize,
}

/// The pieces to be put into a text.
#[derive(Default)]
pub struct Insertions(Vec<(usize, String)>);

impl Insertions {
    /// Puts `text`, which must be of one line, before the byte `offset`. Of two texts at one place the first stays first.
    pub fn add(&mut self, offset: usize, text: impl Into<String>) {
        let text = text.into();
        debug_assert!(!text.contains('\n'), "an insertion of more than one line");
        self.0.push((offset, text));
    }

    /// The text with all pieces in it, and where they are.
    pub fn apply(mut self, code: &str) -> (String, Vec<Edit>) {
        self.0.sort_by_key(|(offset, _)| *offset);
        let mut changed = String::with_capacity(code.len() + self.0.iter().map(|(_, text)| text.len()).sum::<usize>());
        let mut edits = Vec::new();
        let mut done = 0;
        for (offset, text) in self.0 {
            changed.push_str(&code[done..offset]);
            changed.push_str(&text);
            done = offset;
            let before = &code[..offset];
            let line_start = before.rfind('\n').map_or(0, |at| at + 1);
            edits.push(Edit {
                line: before.matches('\n').count() + 1,
                column: before[line_start..].chars().count() + 1,
                length: text.chars().count(),
            });
        }
        changed.push_str(&code[done..]);
        (changed, edits)
    }
}

/// The reader's column for `column` of the changed line `line`. A place inside an edit becomes the place of the edit.
pub fn original_column(edits: &[Edit], line: usize, column: usize) -> usize {
    let mut shift = 0;
    for edit in edits.iter().filter(|edit| edit.line == line) {
        let begins = edit.column + shift;
        if column < begins {
            break;
        }
        if column < begins + edit.length {
            return edit.column;
        }
        shift += edit.length;
    }
    column - shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_lead_back_to_what_the_reader_wrote() {
        let mut insertions = Insertions::default();
        let code = "é a\nbc d";
        insertions.add(code.find('a').unwrap(), "12");
        insertions.add(code.find('d').unwrap(), "456");
        insertions.add(code.find('d').unwrap(), "7");
        let (changed, edits) = insertions.apply(code);
        assert_eq!(changed, "é 12a\nbc 4567d");
        for (number, line) in changed.lines().enumerate() {
            for (at, character) in line.chars().enumerate().filter(|(_, character)| !character.is_ascii_digit()) {
                let column = original_column(&edits, number + 1, at + 1);
                assert_eq!(code.lines().nth(number).unwrap().chars().nth(column - 1), Some(character));
            }
        }
        assert_eq!(original_column(&edits, 1, 4), 3, "inside an edit");
        assert_eq!(original_column(&edits, 2, 9), 5, "behind the line's end");
        assert_eq!(original_column(&edits, 3, 9), 9, "a line without edits");
    }
}
