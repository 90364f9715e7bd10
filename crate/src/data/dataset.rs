//! Labelled pictures in memory, and batches of them.

use std::fmt;
use std::sync::{Mutex, OnceLock};

use tch::{Kind, Tensor};

use super::Skipped;
use crate::error::{Error, Result};
use crate::imaging::normalize;
use crate::platform::device::make_ready;

/// Labelled pictures, kept as bytes in the order H, W, C (`channels_last`, as in Keras).
pub struct Dataset {
    pub(super) name: String,
    /// (N, H, W, C), contiguous.
    pub(super) images: Vec<u8>,
    /// (N), each an index into `class_names`.
    pub(super) labels: Vec<u8>,
    /// H, W, C.
    shape: (usize, usize, usize),
    class_names: Vec<String>,
    /// Files that are no part of it.
    pub(super) skipped: Vec<Skipped>,
    /// Of images and labels, computed when first needed.
    md5: OnceLock<String>,
    /// `images` and `labels` on a GPU, from the first batch asked for there.
    pub(super) on_gpu: Mutex<Option<(Tensor, Tensor)>>,
}

impl Dataset {
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
        make_ready();
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
            skipped: Vec::new(),
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

    /// The files of a [folder of photos](super::Photos) that could not be taken, each with the reason. Other datasets have none.
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
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

    /// How many classes a network that learns from these pictures is told: 0 where there are fewer than two, since one alone
    /// tells nothing.
    pub fn classes(&self) -> i64 {
        if self.class_names.len() < 2 { 0 } else { self.class_names.len() as i64 }
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
        let (images, classes) = (self.len(), self.class_names.len());
        let ending = |count: usize, ending: &'static str| if count == 1 { "" } else { ending };
        let (s, es) = (ending(images, "s"), ending(classes, "es"));
        write!(f, "{}: {images} image{s} of {h}x{w}x{c}, {classes} class{es}", self.name)
    }
}

/// The same line: a cell that ends in a dataset must not print its millions of bytes.
impl fmt::Debug for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
