//! Rich output: the only file that prints MIME blocks.
//!
//! Two ways lead from a cell's program to the page, both on stdout:
//!
//! - evcxr's own: a line `EVCXR_BEGIN_CONTENT <type>`, the content, a line `EVCXR_END_CONTENT`. evcxr holds the blocks
//!   until the cell ends, and of each type only the last one survives, so a cell shows one figure: the last. Several go
//!   into one block with [`film`](super::film()).
//! - Marked lines, where the kernel `evcxr_live` says with `EVCXR_LIVE=1` that it reads them: U+001E, `evcxr_live ` and
//!   a Jupyter message as JSON. It is shown at once, in order with the text around it, and can be replaced later.

use serde_json::{Value, json};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

/// Whether the kernel shows marked lines while a cell runs.
pub fn is_live() -> bool {
    std::env::var_os("EVCXR_LIVE").is_some_and(|version| version == "1")
}

/// Shows `html` where the front end can, and `text` where it can't, when the cell ends.
///
/// A block that stdout refuses (a closed pipe, say) is dropped: there is no one left to see it.
pub fn show(html: &str, text: &str) {
    write(&blocks(html, text));
}

/// Prints a line of text: what can't be shown, say.
pub(crate) fn say(line: &dyn std::fmt::Display) {
    write(&format!("{line}\n"));
}

/// The same, but at once where the kernel [is live](is_live).
pub fn show_now(html: &str, text: &str) {
    if is_live() { write(&marked("display_data", html, text, None)) } else { show(html, text) }
}

/// A spot in a cell's output whose content can be replaced while the cell runs. The notebook keeps the last.
///
/// Only for where the kernel [is live](is_live): any other prints its lines as they are.
#[derive(Debug)]
pub struct Spot {
    id: String,
}

impl Spot {
    /// Opens the spot below what is there already.
    pub fn open(html: &str, text: &str) -> Self {
        let spot = Self { id: unique_id() };
        write(&marked("display_data", html, text, Some(&spot.id)));
        spot
    }

    /// Puts this in place of what the spot shows.
    pub fn update(&self, html: &str, text: &str) {
        write(&marked("update_display_data", html, text, Some(&self.id)));
    }
}

/// No other output of the notebook may have it, nor one of a process before this one: all of one name change together.
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

/// JSON escapes line ends and control characters, so whatever the content, this is one line.
fn marked(msg_type: &str, html: &str, text: &str, display_id: Option<&str>) -> String {
    let transient = display_id.map_or(Value::Object(Default::default()), |id| json!({ "display_id": id }));
    let content = json!({ "data": { "text/html": html, "text/plain": text }, "metadata": {}, "transient": transient });
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
