//! Loading a dataset from a cell: the download's progress, and why there may be drawn shapes instead. The words are
//! Spanish: they belong to the lesson.

use super::spanish;
use crate::Result;
use crate::data::{Cifar10, Dataset, News};
use crate::display::{escape, notebook_output};

impl Dataset {
    /// The 50,000 training pictures of CIFAR-10, or 10,000 drawn [`Shapes`](crate::data::Shapes) and a notice that says
    /// why.
    ///
    /// CIFAR-10 is looked for, and downloaded to, where [`Cifar10::load`] says. Shapes come only if nothing of it is there,
    /// and the server can't be reached or doesn't deliver the file.
    ///
    /// # Errors
    /// Files that are there but damaged, incomplete or of another version are an error; they never lead to shapes.
    pub fn load() -> Result<Self> {
        Self::load_with(&mut printed())
    }

    /// What [`load`](Self::load) gives, and pictures that no network has seen: the 10,000 test pictures of CIFAR-10,
    /// or 2,000 other shapes. Keras's `load_data()`.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_train_and_test() -> Result<(Self, Self)> {
        Self::load_train_and_test_with(&mut printed())
    }
}

impl Cifar10 {
    /// The 50,000 training pictures.
    ///
    /// Looks in `GAN_NB_DATA` (a folder, or the archive itself), then in the user's cache folder, for what
    /// [`load_from`](Self::load_from) can read. If there is nothing, downloads the archive into [`folder`](Self::folder) and
    /// prints a line each tenth.
    ///
    /// # Errors
    /// [`Error::Download`](crate::Error::Download) if it can't be found or downloaded, otherwise as
    /// [`load_from`](Self::load_from).
    pub fn load() -> Result<Dataset> {
        Self::load_with(&mut printed())
    }

    /// The 10,000 test pictures, found like those of [`load`](Self::load).
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_test() -> Result<Dataset> {
        Self::load_test_with(&mut printed())
    }
}

/// Prints news as they come.
pub(super) fn printed() -> impl FnMut(News) {
    let mut last = None;
    move |news| match (line(&news, &mut last), news) {
        // In a box of its own where the kernel can show one: that the lesson has other pictures must not be overlooked.
        (Some(line), News::Shapes { .. }) if notebook_output::is_live() => {
            notebook_output::show_now(&boxed(&line), &line)
        }
        (Some(line), _) => println!("{line}"),
        (None, _) => {}
    }
}

/// In colours of its own, so that it is readable on light pages and dark ones.
fn boxed(words: &str) -> String {
    const STYLE: &str =
        "border-left:6px solid #d55e00;background:#fff3e6;color:#222;padding:10px 14px;margin:4px 0;line-height:1.45";
    format!(r#"<div role="alert" style="{STYLE}">{}</div>"#, escape(words))
}

/// A line for each tenth of a download, and one for the shapes. `last` is the tenth that has its line.
fn line(news: &News, last: &mut Option<u64>) -> Option<String> {
    match *news {
        News::Downloading { bytes, total } => {
            // Without a total, a line every 16 MiB.
            let step = total.map_or(bytes >> 24, |total| 10 * bytes / total.max(1));
            if last.replace(step) == Some(step) {
                return None;
            }
            let mb = bytes / 1_000_000;
            Some(match total {
                Some(total) => format!("CIFAR-10: {mb} de {} MB ({} %)", total / 1_000_000, 10 * step),
                None => format!("CIFAR-10: {mb} MB"),
            })
        }
        News::Shapes { reason } => Some(spanish::shapes(reason, Cifar10::folder().ok().as_deref())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_each_tenth() {
        let lines = |total: Option<u64>| {
            let mut last = None;
            let news = (0..=200u64).map(|i| News::Downloading { bytes: i * 1_000_000, total });
            news.filter_map(|news| line(&news, &mut last)).collect::<Vec<_>>()
        };
        let known = lines(Some(200_000_000));
        assert_eq!((known.len(), &*known[0]), (11, "CIFAR-10: 0 de 200 MB (0 %)"));
        assert_eq!((&*known[3], &*known[10]), ("CIFAR-10: 60 de 200 MB (30 %)", "CIFAR-10: 200 de 200 MB (100 %)"));
        let unknown = lines(None);
        assert_eq!((unknown.len(), &*unknown[1]), (12, "CIFAR-10: 17 MB"));
    }

    #[test]
    fn the_line_for_shapes_says_why() {
        let [url, found, expected, hint] = ["https://x/<y>", "HTTP 404", "the file", "Try again."].map(String::from);
        let reason = crate::Error::Download { url, found, expected, hint };
        let line = line(&News::Shapes { reason: &reason }, &mut None).unwrap();
        let parts = ["Aviso: no hay CIFAR-10", "«https://x/<y>: HTTP 404»", "figuras dibujadas", Cifar10::ARCHIVE];
        assert!(parts.iter().all(|part| line.contains(part)) && !line.contains("Try again"), "{line}");
        assert!(boxed(&line).contains("x/&lt;y&gt;"), "{}", boxed(&line));
    }
}
