//! Rich output: the only file that prints MIME blocks.
//!
//! There are two ways from a cell's program to the page, both on stdout:
//!
//! - evcxr's own: a line `EVCXR_BEGIN_CONTENT <type>`, the content, a line `EVCXR_END_CONTENT`. evcxr holds the blocks
//!   until the cell ends and keeps only the last one of each type, so a cell shows only its last figure. To show
//!   several, put them into one block with [`film`](super::film()).
//! - Marked lines, if the kernel `evcxr_live` says with `EVCXR_LIVE=1` that it reads them: U+001E, `evcxr_live ` and a
//!   Jupyter message as JSON. Its content is shown at once, in order with the text around it, and can be replaced
//!   later.

use serde_json::{Value, json};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

/// Whether the kernel shows marked lines while a cell is running.
pub fn is_live() -> bool {
    std::env::var_os("EVCXR_LIVE").is_some_and(|version| version == "1")
}

/// Shows `html`, or `text` in a front end without HTML, when the cell ends.
///
/// A block that can't be written to stdout (a closed pipe, say) is dropped: there is no one left to see it.
pub fn show(html: &str, text: &str) {
    write(&blocks(html, text));
}

/// Prints plain text: why the value that ends a cell can't be drawn.
pub fn show_text(text: &str) {
    write(&format!("{text}\n"));
}

/// Like [`show`], but at once if the kernel [is live](is_live).
pub fn show_now(html: &str, text: &str) {
    if is_live() { write(&marked("display_data", html, text, None)) } else { show(html, text) }
}

/// Tells a kernel that [is live](is_live) what to show if the process ends and its variables are lost, such as where the work
/// is saved. It keeps what it was told last; any other kernel is told nothing.
pub fn show_if_lost(text: &str) {
    if is_live() {
        write(&message("if_lost", &json!({ "text": text })));
    }
}

/// A spot in a cell's output whose content can be replaced while the cell is running. The notebook keeps the last one.
///
/// It needs a kernel that [is live](is_live): any other would print the marked lines as they are.
#[derive(Debug)]
pub struct Spot {
    id: String,
}

impl Spot {
    /// Opens a spot below the output so far.
    pub fn open(html: &str, text: &str) -> Self {
        let spot = Self { id: unique_id() };
        write(&marked("display_data", html, text, Some(&spot.id)));
        spot
    }

    /// Replaces what the spot shows.
    pub fn update(&self, html: &str, text: &str) {
        write(&marked("update_display_data", html, text, Some(&self.id)));
    }
}

/// An id that no other output of the notebook has, not even one of an earlier process: outputs of one id change
/// together.
fn unique_id() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    format!("gan_nb-{}-{started:x}-{}", std::process::id(), COUNT.fetch_add(1, Relaxed))
}

fn write(lines: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(lines.as_bytes()).and_then(|()| out.flush());
}

fn blocks(html: &str, text: &str) -> String {
    [("text/html", html), ("text/plain", text)]
        .map(|(kind, content)| format!("EVCXR_BEGIN_CONTENT {kind}\n{content}\nEVCXR_END_CONTENT\n"))
        .concat()
}

fn marked(msg_type: &str, html: &str, text: &str, display_id: Option<&str>) -> String {
    let transient = display_id.map_or(Value::Object(Default::default()), |id| json!({ "display_id": id }));
    let content = json!({ "data": { "text/html": html, "text/plain": text }, "metadata": {}, "transient": transient });
    message(msg_type, &content)
}

/// One line, whatever the content: JSON escapes line ends and control characters.
fn message(msg_type: &str, content: &Value) -> String {
    format!("\u{1e}evcxr_live {}\n", json!({ "msg_type": msg_type, "content": content }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_block_of_each_type() {
        assert_eq!(
            blocks("<b>a</b>", "a\nb"),
            "EVCXR_BEGIN_CONTENT text/html\n<b>a</b>\nEVCXR_END_CONTENT\n\
             EVCXR_BEGIN_CONTENT text/plain\na\nb\nEVCXR_END_CONTENT\n"
        );
    }

    #[test]
    fn a_marked_line_is_one_line_of_exact_json() {
        let (html, text) = ("<b title=\"ñ\">\r\n\u{1e}evcxr_live {}</b>\u{2028}", "a\\\n\tb");
        let line = marked("update_display_data", html, text, Some("x"));
        let json = line.strip_prefix("\u{1e}evcxr_live ").and_then(|rest| rest.strip_suffix('\n')).unwrap();
        assert!(!json.contains(|c: char| c.is_ascii_control()), "{json}");
        let message: Value = serde_json::from_str(json).unwrap();
        let data = json!({ "text/html": html, "text/plain": text });
        let content = json!({ "data": data, "metadata": {}, "transient": { "display_id": "x" } });
        assert_eq!(message, json!({ "msg_type": "update_display_data", "content": content }));
    }

    #[test]
    fn ids_are_unique() {
        assert_ne!(unique_id(), unique_id());
    }
}
