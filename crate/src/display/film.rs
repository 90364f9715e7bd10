//! Several captioned figures in one block: the samples of a training run, one after another.

use super::{Figure, escape, notebook_output};

/// Figures with a line of text above each, shown side by side where there is room and else one under another.
#[derive(Clone, Debug)]
pub struct Film {
    html: String,
    text: String,
}

/// Puts captioned figures together, in their order.
///
/// Under plain evcxr only the last rich block of a cell survives, so a training cell ends with its film:
///
/// ```no_run
/// # fn samples() -> Vec<(String, gan_nb::display::Figure)> { vec![] }
/// let shots = samples(); // e.g. ("1000 [D loss: 0.53 | D accuracy: 78.1] [G loss: 1.2]", grid)
/// gan_nb::display::film(&shots)
/// # ;
/// ```
pub fn film<S: AsRef<str>>(items: &[(S, Figure)]) -> Film {
    // No colours of its own: captions take the theme's, so they read in light and dark.
    let mut html = String::from(r#"<div style="display:flex;flex-wrap:wrap;gap:20px 24px;align-items:flex-start">"#);
    let mut lines = Vec::new();
    for (caption, figure) in items {
        let caption = caption.as_ref();
        html += &format!(
            // `max-width` makes a long caption wrap at its figure's edge, so it can't push the next figure away.
            concat!(
                r#"<figure style="margin:0;max-width:{}px"><figcaption style="margin-bottom:6px;font-size:12px;"#,
                r#"line-height:1.4;font-family:var(--jp-code-font-family,monospace)">{}</figcaption>{}</figure>"#
            ),
            figure.css_width(),
            escape(caption),
            figure.to_html(),
        );
        lines.push(format!("{caption}\n{}", figure.text()));
    }
    html += "</div>";
    Film { html, text: lines.join("\n") }
}

impl Film {
    /// One HTML element with all figures and captions.
    pub fn to_html(&self) -> &str {
        &self.html
    }

    /// The captions, each followed by its figure's plain-text form.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Shows the film in the middle of a cell that goes on, as [`Figure::show_now`] does.
    pub fn show_now(&self) {
        notebook_output::show_now(&self.html, &self.text);
    }

    /// Shows the film in the notebook; evcxr calls this on the value that ends a cell.
    pub fn evcxr_display(&self) {
        notebook_output::show(&self.html, &self.text);
    }
}
