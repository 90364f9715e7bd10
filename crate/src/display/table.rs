//! Tables of words and numbers, as HTML in the theme's colours and as aligned text.

use std::fmt;

use super::{escape, notebook_output};

const CELL: &str = "padding:4px 12px;border-bottom:1px solid var(--jp-border-color2,rgba(128,128,128,.35))";

/// A table, which shows itself in a notebook. The first column names the rows; columns of numbers are right-aligned.
///
/// ```
/// use gan_nb::display::Table;
/// let psnr = 24.317;
/// let table = Table::new(&["método", "PSNR (dB)"])
///     .row(&["bicúbica", "23.10"])
///     .row(&["adversaria", &format!("{psnr:.2}")])
///     .caption("Cuánto se parece cada una al original");
/// assert_eq!(table.to_string().lines().last(), Some("adversaria      24.32"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Table {
    caption: String,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with these columns.
    pub fn new<S: AsRef<str>>(columns: &[S]) -> Self {
        Self { columns: owned(columns), ..Self::default() }
    }

    /// Adds a row. Missing cells are left empty; cells beyond the last column get a column without a name.
    pub fn row<S: AsRef<str>>(mut self, cells: &[S]) -> Self {
        self.rows.push(owned(cells));
        let width = self.columns.len().max(cells.len());
        self.columns.resize(width, String::new());
        self.rows.iter_mut().for_each(|row| row.resize(width, String::new()));
        self
    }

    /// A caption above the table; a screen reader says it first.
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = caption.into();
        self
    }

    /// One `<table>` element. It has no colours of its own: text and lines take the theme's, so it is readable in light
    /// and dark.
    pub fn to_html(&self) -> String {
        let align: Vec<_> =
            (0..self.columns.len()).map(|i| if self.is_numeric(i) { "right" } else { "left" }).collect();
        let mut html = String::from(r#"<table style="border-collapse:collapse;font-size:13px;margin:4px 0">"#);
        if !self.caption.is_empty() {
            let style = "caption-side:top;text-align:left;padding:0 0 6px;font-weight:bold;color:inherit";
            html += &format!(r#"<caption style="{style}">{}</caption>"#, escape(&self.caption));
        }
        let line = |cells: &[String], tags: &dyn Fn(usize) -> (&'static str, &'static str)| {
            let cell = |(i, text): (usize, &String)| {
                let (tag, rest) = tags(i);
                let name = &tag[..2];
                format!(r#"<{tag} style="{CELL};text-align:{}{rest}">{}</{name}>"#, align[i], escape(text))
            };
            format!("<tr>{}</tr>", cells.iter().enumerate().map(cell).collect::<String>())
        };
        html += &format!("<thead>{}</thead><tbody>", line(&self.columns, &|_| (r#"th scope="col""#, "")));
        let tags = |i| match (i, align[i]) {
            (0, _) => (r#"th scope="row""#, ";font-weight:normal"),
            (_, "right") => ("td", ";white-space:nowrap"), // `12 min 34 s` stays on one line
            _ => ("td", ""),
        };
        html.extend(self.rows.iter().map(|row| line(row, &tags)));
        html + "</tbody></table>"
    }

    /// Shows the table while the cell is still running, as [`Figure::show_now`](super::Figure::show_now) does.
    pub fn show_now(&self) {
        notebook_output::show_now(&self.to_html(), &self.to_string());
    }

    /// Shows the table in the notebook; evcxr calls this on the value that ends a cell.
    pub fn evcxr_display(&self) {
        notebook_output::show(&self.to_html(), &self.to_string());
    }

    fn is_numeric(&self, column: usize) -> bool {
        let mut cells =
            self.rows.iter().map(|row| row[column].as_str()).filter(|cell| !matches!(*cell, "" | "–" | "—"));
        cells.clone().next().is_some() && cells.all(is_number)
    }
}

/// The plain-text form: columns separated by two spaces, with a line of dashes below their names.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = || std::iter::once(&self.columns).chain(&self.rows);
        let width = |i: usize| lines().map(|cells| cells[i].chars().count()).max().unwrap_or(0);
        let columns: Vec<_> = (0..self.columns.len()).map(|i| (width(i), self.is_numeric(i))).collect();
        if !self.caption.is_empty() {
            writeln!(f, "{}", self.caption)?;
        }
        for (index, cells) in lines().enumerate() {
            if index == 1 {
                let dashes: Vec<_> = columns.iter().map(|(width, _)| "-".repeat(*width)).collect();
                writeln!(f, "{}", dashes.join("  "))?;
            }
            let padded = cells.iter().zip(&columns).map(|(cell, &(width, numeric))| {
                if numeric { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
            let line = padded.collect::<Vec<_>>().join("  ");
            let end = if index < self.rows.len() { "\n" } else { "" };
            write!(f, "{}{end}", line.trim_end())?;
        }
        Ok(())
    }
}

fn owned<S: AsRef<str>>(cells: &[S]) -> Vec<String> {
    cells.iter().map(|cell| cell.as_ref().to_string()).collect()
}

/// Whether a cell is a number, with or without units: `−0.12`, `3,1`, `2e-4`, `10 000`, `48 %`, `12 min 34 s`, `0.5 ±
/// 0.1`.
fn is_number(cell: &str) -> bool {
    let plain = cell.replace('−', "-").replace(',', ".");
    let number = |word: &str| word.parse::<f64>().is_ok();
    // What follows a number may be short: a unit, × or ±.
    let mut words = plain.split_whitespace();
    words.next().is_some_and(number) && words.all(|word| number(word) || word.chars().count() <= 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table::new(&["red", "ensayo", "pérdida"])
            .row(&["ñandú", "uno", "0.5"])
            .row(&["b", "3", "−12.25"])
            .row(&["c", "3", "—"])
    }

    #[test]
    fn text_is_aligned() {
        let text = "¿Qué?\nred    ensayo  pérdida\n-----  ------  -------\n\
                    ñandú  uno         0.5\nb      3        −12.25\nc      3             —";
        assert_eq!(table().caption("¿Qué?").to_string(), text);
        assert_eq!(Table::new(&["a"]).to_string(), "a");
        assert_eq!(Table::new::<&str>(&[]).row(&["a", "1"]).row(&["b"]).to_string(), "\n-  -\na  1\nb");
    }

    #[test]
    fn html_says_what_heads_what_and_escapes() {
        let html = table().row(&["<i>", "&", "1"]).caption("\"a\" < b").to_html();
        assert!(html.contains(">&quot;a&quot; &lt; b</caption>"), "{html}");
        assert!(
            html.contains(r#"<th scope="row""#) && html.contains(">&lt;i&gt;</th>") && html.contains(">&amp;</td>")
        );
        assert_eq!(html.matches(r#"<th scope="col""#).count(), 3);
        // The third column, with its name; the second has a word.
        assert_eq!((html.matches("text-align:right").count(), html.matches("<tr>").count()), (5, 5));
        assert_eq!(html.matches("nowrap").count(), 4, "its cells, not its name");
    }

    #[test]
    fn numbers_and_words() {
        for cell in ["−0.12", "-3", "3,1", "2e-4", "10 000", "48 %", "12 min 34 s", "0.5 ± 0.1", "NaN"] {
            assert!(is_number(cell), "{cell}");
        }
        for cell in ["", "a", "8×8", "3 capas", "beta_1 = 0.5", "sin"] {
            assert!(!is_number(cell), "{cell}");
        }
    }
}
