//! Several captioned figures in one block, such as the samples of a training run.

use super::{Figure, escape, notebook_output};

/// Figures with a caption above each, side by side as far as the page is wide enough.
#[derive(Clone, Debug)]
pub struct Film {
    html: String,
    text: String,
}

/// Puts captioned figures together, in order.
///
/// Plain evcxr keeps only the last rich block of a cell, so a training cell ends with its film:
///
/// ```no_run
/// # fn samples() -> Vec<(String, gan_nb::display::Figure)> { vec![] }
/// let shots = samples(); // e.g. ("1000 [D loss: 0.53 | D accuracy: 78.1] [G loss: 1.2]", grid)
/// gan_nb::display::film(&shots)
/// # ;
/// ```
pub fn film<S: AsRef<str>>(items: &[(S, Figure)]) -> Film {
    // No colours of its own: captions take the theme's, so they are readable in light and dark.
    let mut html = String::from(r#"<div style="display:flex;flex-wrap:wrap;gap:20px 24px;align-items:flex-start">"#);
    let mut lines = Vec::new();
    for (caption, figure) in items {
        let caption = caption.as_ref();
        html += &format!(
            // `max-width` wraps a long caption at its figure's edge, so it can't push the next figure away.
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

    /// Shows the film while the cell is still running, as [`Figure::show_now`] does.
    pub fn show_now(&self) {
        notebook_output::show_now(&self.html, &self.text);
    }

    /// Shows the film in the notebook; evcxr calls this on the value that ends a cell.
    pub fn evcxr_display(&self) {
        notebook_output::show(&self.html, &self.text);
    }
}
