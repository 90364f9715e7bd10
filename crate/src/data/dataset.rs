//! Labelled pictures in memory, and batches of them.

use std::fmt;
use std::sync::{Mutex, OnceLock};

use tch::{Kind, Tensor};

use super::{Cifar10, Shapes};
use crate::error::{Error, Result};
use crate::imaging::normalize;

/// Labelled pictures, kept as bytes in the order H, W, C (`channels_last`, as in Keras).
pub struct Dataset {
    pub(super) name: String,
    /// (N, H, W, C), contiguous.
    pub(super) images: Vec<u8>,
    /// (N), each an index into `class_names`.
    labels: Vec<u8>,
    /// H, W, C.
    shape: (usize, usize, usize),
    class_names: Vec<String>,
    /// Of images and labels, computed when first needed.
    md5: OnceLock<String>,
    /// `images` on a GPU, from the first batch asked for there.
    pub(super) on_gpu: Mutex<Option<Tensor>>,
}

impl Dataset {
    /// [`load`](Self::load) for a program with a screen of its own: it prints nothing and hands its [`News`] to `news`.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    ///
    /// ```no_run
    /// use gan_nb::data::{Dataset, News};
    /// let data = Dataset::load_with(&mut |news| match news {
    ///     News::Downloading { bytes, .. } => eprintln!("{bytes} bytes"),
    ///     News::Shapes { reason } => eprintln!("{reason}"),
    /// })?;
    /// # Ok::<(), gan_nb::Error>(())
    /// ```
    pub fn load_with(news: &mut dyn FnMut(News)) -> Result<Self> {
        let cifar10 = Cifar10::load_with(news);
        or_shapes(cifar10, news, || Shapes::generate(10_000, 0))
    }

    /// [`load_train_and_test`](Self::load_train_and_test), with its [`News`] handed to `news`.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_train_and_test_with(news: &mut dyn FnMut(News)) -> Result<(Self, Self)> {
        let cifar10 = Cifar10::load_with(news).and_then(|train| Ok((train, Cifar10::load_test_with(news)?)));
        or_shapes(cifar10, news, || Ok((Shapes::generate(10_000, 0)?, Shapes::generate(2_000, 1)?)))
    }

    /// A dataset of your own pictures: `images` holds one picture after another, each in the order H, W, C of `shape`.
    ///
    /// # Errors
    /// [`Error::Value`] if `shape` contains a zero, `images` is not N·H·W·C long for N labels, or a label has no name
    /// in `class_names`.
    pub fn new(
        name: &str,
        images: Vec<u8>,
        labels: Vec<u8>,
        shape: (usize, usize, usize),
        class_names: &[&str],
    ) -> Result<Self> {
        let (h, w, c) = shape;
        if [h, w, c].contains(&0) {
            return Err(Error::value("shape", format!("{shape:?}"), "(H, W, C), each 1 or more", "Give all three."));
        }
        let expected = [h, w, c].into_iter().try_fold(labels.len(), usize::checked_mul);
        if expected != Some(images.len()) {
            let wanted = format!("{} labels x {h} x {w} x {c}", labels.len());
            return Err(Error::value("images.len()", images.len(), wanted, "Give one label per picture."));
        }
        if let Some((i, label)) = labels.iter().enumerate().find(|&(_, &label)| usize::from(label) >= class_names.len())
        {
            let wanted = format!("less than {}, the number of class names", class_names.len());
            return Err(Error::value(&format!("labels[{i}]"), label, wanted, "Labels count from 0."));
        }
        let class_names = class_names.iter().map(ToString::to_string).collect();
        Ok(Self {
            name: name.into(),
            images,
            labels,
            shape,
            class_names,
            md5: OnceLock::new(),
            on_gpu: Mutex::new(None),
        })
    }

    /// What the pictures are: "CIFAR-10" or "Shapes".
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The MD5 checksum of all pictures and labels, in hexadecimal: it shows whether a resumed run learns from the same
    /// data.
    pub fn md5(&self) -> &str {
        self.md5.get_or_init(|| {
            let mut sum = md5::Context::new();
            sum.consume(format!("{:?}", self.shape));
            sum.consume(&self.images);
            sum.consume(&self.labels);
            format!("{:x}", sum.finalize())
        })
    }

    /// The number of pictures.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no pictures.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// H, W, C of one picture, in pixels and channels.
    pub fn image_shape(&self) -> [i64; 3] {
        let (h, w, c) = self.shape;
        [h as i64, w as i64, c as i64]
    }

    /// The name of each class; a label is an index into these.
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// The class of picture `i`, an index into [`class_names`](Self::class_names).
    ///
    /// # Errors
    /// [`Error::Value`] if there is no picture `i`.
    pub fn label(&self, i: usize) -> Result<usize> {
        self.labels.get(i).map(|&label| usize::from(label)).ok_or_else(|| self.no_picture(i))
    }

    /// The pictures at `indices`, as bytes: uint8 (B, H, W, C) on the CPU.
    ///
    /// # Errors
    /// [`Error::Value`] if an index is out of range.
    pub fn images(&self, indices: &[usize]) -> Result<Tensor> {
        let (h, w, c) = self.shape;
        let mut bytes = Vec::with_capacity(indices.len() * h * w * c);
        for &i in indices {
            if i >= self.len() {
                return Err(self.no_picture(i));
            }
            bytes.extend_from_slice(&self.images[i * h * w * c..][..h * w * c]);
        }
        let size = [indices.len(), h, w, c].map(|n| n as i64);
        Ok(Tensor::f_from_data_size(&bytes, &size, Kind::Uint8)?)
    }

    /// The pictures at `indices`, ready for a network: float32 (B, H, W, C) in [-1, 1] on the CPU.
    ///
    /// # Errors
    /// [`Error::Value`] if an index is out of range.
    pub fn batch(&self, indices: &[usize]) -> Result<Tensor> {
        normalize(&self.images(indices)?)
    }

    /// The classes of the pictures at `indices`: int64 (B) on the CPU, each an index into
    /// [`class_names`](Self::class_names).
    ///
    /// tch's `labels.onehot(10)` turns them into float32 (B, 10), the input of a conditional GAN.
    ///
    /// # Errors
    /// [`Error::Value`] if an index is out of range.
    pub fn labels(&self, indices: &[usize]) -> Result<Tensor> {
        let labels = indices.iter().map(|&i| self.label(i).map(|label| label as i64));
        Ok(Tensor::f_from_slice(&labels.collect::<Result<Vec<_>>>()?)?)
    }

    fn no_picture(&self, i: usize) -> Error {
        let wanted = format!("less than {}, the pictures of {}", self.len(), self.name);
        Error::value("index", i, wanted, "Pictures count from 0.")
    }
}

/// One line: `CIFAR-10: 50000 images of 32x32x3, 10 classes`.
impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (h, w, c) = self.shape;
        write!(f, "{}: {} images of {h}x{w}x{c}, {} classes", self.name, self.len(), self.class_names.len())
    }
}

/// The same line: a cell that ends in a dataset must not print its millions of bytes.
impl fmt::Debug for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// What happens while data is looked for and fetched: whoever calls decides whether and how to show it.
#[derive(Debug)]
pub enum News<'a> {
    /// CIFAR-10 is being downloaded.
    Downloading {
        /// How many bytes are there, those of an earlier try included.
        bytes: u64,
        /// Of how many, if the server says.
        total: Option<u64>,
    },
    /// CIFAR-10 can't be had, so drawn [`Shapes`] take its place.
    Shapes {
        /// Why not.
        reason: &'a Error,
    },
}

/// Drawn shapes if CIFAR-10 could not be downloaded.
fn or_shapes<T>(cifar10: Result<T>, news: &mut dyn FnMut(News), shapes: impl FnOnce() -> Result<T>) -> Result<T> {
    match cifar10 {
        Err(reason @ Error::Download { .. }) => {
            news(News::Shapes { reason: &reason });
            shapes()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_come_only_for_a_failed_download_and_with_news() {
        let told = |error: Error| {
            let mut heard = Vec::new();
            let got = or_shapes(Err(error), &mut |news| heard.push(format!("{news:?}")), || Ok("shapes"));
            (got.ok(), heard)
        };
        let [url, found, expected, hint] = ["u", "no answer", "the file", "Try again."].map(String::from);
        let (got, heard) = told(Error::Download { url, found, expected, hint });
        assert_eq!((got, heard.len()), (Some("shapes"), 1));
        assert!(heard[0].starts_with("Shapes") && heard[0].contains("no answer"), "{heard:?}");
        assert_eq!(told(Error::value("x", 1, "2", "Hm.")), (None, vec![]));
    }
}
