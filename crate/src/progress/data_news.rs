//! Loading a dataset from a cell: the download's progress, and why there may be drawn shapes instead. The words are
//! Spanish: they belong to the lesson.

use super::spanish;
use crate::Result;
use crate::data::{Cifar10, Dataset, FashionMnist, Mnist, News, Photos};
use crate::display::{escape, notebook_output};
use std::path::Path;

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

    /// The photos of a folder, its sub-folders being the classes, cut to their central square and scaled to 32 × 32 pixels:
    /// [`Photos::in_folder`] says all of it, and takes another size.
    ///
    /// Prints a line each tenth where they are many, and one that names what could not be read.
    ///
    /// # Errors
    /// As [`Photos::load`].
    ///
    /// ```no_run
    /// use gan_nb::{data::Dataset, train::{Gan, GanConfig}};
    /// # fn main() -> gan_nb::Result<()> {
    /// let photos = Dataset::from_folder("photos")?;
    /// let mut gan = Gan::new(GanConfig::modern().for_data(&photos)?)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_folder(path: impl AsRef<Path>) -> Result<Self> {
        Photos::in_folder(path).load()
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

impl Photos {
    /// Reads the photos, or takes them from the cache folder where they are prepared already. Prints a line each tenth where they
    /// are many, and one that names what could not be read.
    ///
    /// # Errors
    /// - [`Error::Value`](crate::Error::Value) for a size that is not a multiple of 8.
    /// - [`Error::File`](crate::Error::File) if there is no such folder, it holds no photo that can be read, or more than 256
    ///   classes; [`Error::Io`](crate::Error::Io) if it can't be listed.
    /// - [`Error::Memory`](crate::Error::Memory) if the pictures can't be held.
    /// - [`Error::Stopped`](crate::Error::Stopped) at the notebook's stop button.
    pub fn load(&self) -> Result<Dataset> {
        self.load_with(&mut printed())
    }
}

/// What both have, beside what data knows of them.
macro_rules! loads {
    ($set:ident) => {
        impl $set {
            /// The 60,000 training pictures: (60000, 32, 32, 3), gray in three channels with a black frame.
            ///
            /// Looks in `GAN_NB_DATA`, then in the user's cache folder. If there is nothing, downloads the two files and prints a
            /// line each tenth.
            ///
            /// # Errors
            /// [`Error::Download`](crate::Error::Download) if they can't be found or downloaded, otherwise as
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
    };
}

loads!(Mnist);
loads!(FashionMnist);

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

/// Fewer photos, or bytes of a file, are there before anyone would read how far they are.
const MANY_PHOTOS: usize = 1_000;
const MANY_BYTES: u64 = 1_000_000;

/// A line for each tenth of what takes long, and one for whatever else there is to know. `last` is the tenth that has its line.
fn line(news: &News, last: &mut Option<u64>) -> Option<String> {
    match *news {
        News::Downloading { total: Some(total), .. } if total < MANY_BYTES => None,
        News::Downloading { name, bytes, total } => {
            // Without a total, a line every 16 MiB.
            let step = total.map_or(bytes >> 24, |total| 10 * bytes / total.max(1));
            if last.replace(step) == Some(step) {
                return None;
            }
            let mb = bytes / 1_000_000;
            Some(match total {
                Some(total) => format!("{name}: {mb} de {} MB ({} %)", total / 1_000_000, 10 * step),
                None => format!("{name}: {mb} MB"),
            })
        }
        News::Shapes { reason } => Some(spanish::shapes(reason, Cifar10::folder().ok().as_deref())),
        News::Reading { total, .. } if total < MANY_PHOTOS => None,
        News::Reading { done, total } => {
            let step = (10 * done / total) as u64;
            let is_new = last.replace(step) != Some(step);
            is_new.then(|| format!("Fotos: {done} de {total} ({} %)", 10 * step))
        }
        News::Skipped { files, taken } => Some(spanish::skipped(files, taken)),
        News::NotKept { reason } => Some(spanish::not_kept(reason)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Skipped;

    #[test]
    fn a_line_each_tenth() {
        let lines = |total: Option<u64>| {
            let mut last = None;
            let news = (0..=200u64).map(|i| News::Downloading { name: "CIFAR-10", bytes: i * 1_000_000, total });
            news.filter_map(|news| line(&news, &mut last)).collect::<Vec<_>>()
        };
        let known = lines(Some(200_000_000));
        assert_eq!((known.len(), &*known[0]), (11, "CIFAR-10: 0 de 200 MB (0 %)"));
        assert_eq!((&*known[3], &*known[10]), ("CIFAR-10: 60 de 200 MB (30 %)", "CIFAR-10: 200 de 200 MB (100 %)"));
        let unknown = lines(None);
        assert_eq!((unknown.len(), &*unknown[1]), (12, "CIFAR-10: 17 MB"));
    }

    #[test]
    fn few_photos_need_no_lines_and_skipped_ones_are_named() {
        let lines = |total: usize| {
            let mut last = None;
            let news = (0..=total).map(|done| News::Reading { done, total });
            news.filter_map(|news| line(&news, &mut last)).collect::<Vec<_>>()
        };
        assert!(lines(999).is_empty());
        let many = lines(2_000);
        assert_eq!((many.len(), &*many[0], &*many[3]), (11, "Fotos: 0 de 2000 (0 %)", "Fotos: 600 de 2000 (30 %)"));

        let skipped = |count: usize| {
            let files: Vec<_> =
                (0..count).map(|i| Skipped { file: format!("{i}.jpg"), reason: "rota".into() }).collect();
            line(&News::Skipped { files: &files, taken: 7 }, &mut None).unwrap()
        };
        assert_eq!(skipped(1), "Aviso: 1 archivo no se ha podido leer y 7 fotos sí: 0.jpg (rota).");
        let of_five = skipped(5);
        assert!(
            of_five.starts_with("Aviso: 5 archivos no se han podido leer y 7 fotos sí: 0.jpg (rota), "),
            "{of_five}"
        );
        assert!(of_five.ends_with("2.jpg (rota) y 2 más: skipped() los nombra todos."), "{of_five}");
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
