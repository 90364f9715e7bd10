//! Rich output: the only file that prints MIME blocks.
//!
//! evcxr's protocol, on stdout: a line `EVCXR_BEGIN_CONTENT <type>`, the content, a line `EVCXR_END_CONTENT`. evcxr
//! holds the blocks until the cell ends, and of each type only the last one survives, so a cell shows one figure: the
//! last. Several go into one block with [`film`](super::film()).

use std::io::Write;

/// Shows `html` where the front end can, and `text` where it can't.
///
/// A block that stdout refuses (a closed pipe, say) is dropped: there is no one left to see it.
pub fn show(html: &str, text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(blocks(html, text).as_bytes()).and_then(|()| out.flush());
}

fn blocks(html: &str, text: &str) -> String {
    [("text/html", html), ("text/plain", text)]
        .map(|(kind, content)| format!("EVCXR_BEGIN_CONTENT {kind}\n{content}\nEVCXR_END_CONTENT\n"))
        .concat()
}

#[cfg(test)]
mod tests {
    #[test]
    fn one_block_of_each_type() {
        assert_eq!(
            super::blocks("<b>a</b>", "a\nb"),
            "EVCXR_BEGIN_CONTENT text/html\n<b>a</b>\nEVCXR_END_CONTENT\n\
             EVCXR_BEGIN_CONTENT text/plain\na\nb\nEVCXR_END_CONTENT\n"
        );
    }
}
