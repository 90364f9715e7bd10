//! Images as files for other programs: NumPy's `.npy`, or one PNG file each.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use image::{ExtendedColorType, ImageFormat};
use tch::{Device, Kind, Tensor};

use crate::error::{Error, Result};
use crate::platform::atomic_file::{DISK_HINT, NewFile};

/// Writes images one batch after another into one file of NumPy's format 1.0, which `numpy.load` reads: uint8 (N, H, W, C).
///
/// The file gets its name only when it is [finished](Self::finish).
///
/// ```
/// use gan_nb::{data::Shapes, imaging::NpyWriter};
///
/// let path = std::env::temp_dir().join("gan_nb_doc.npy");
/// let shapes = Shapes::generate(4, 7)?;
/// let mut file = NpyWriter::create(&path, [4, 32, 32, 3])?;
/// file.write(&shapes.images(&[0, 1])?)?;
/// file.write(&shapes.images(&[2, 3])?)?;
/// file.finish()?;
/// assert_eq!(std::fs::metadata(&path).map(|file| file.len()).ok(), Some(128 + 4 * 32 * 32 * 3));
/// # Ok::<(), gan_nb::Error>(())
/// ```
#[derive(Debug)]
pub struct NpyWriter {
    path: PathBuf,
    file: NewFile,
    /// H, W, C.
    shape: [i64; 3],
    /// Images still to come.
    left: i64,
}

impl NpyWriter {
    /// Begins a file for images of this shape (N, H, W, C), all N of them.
    ///
    /// # Errors
    /// [`Error::Io`] when the disk refuses.
    pub fn create(path: impl AsRef<Path>, shape: [i64; 4]) -> Result<Self> {
        let (path, [n, h, w, c]) = (path.as_ref(), shape);
        let mut header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({n}, {h}, {w}, {c}), }}");
        // Magic, version and length are 10 bytes; the data begins at a multiple of 64, and a line's end is before it.
        let length = (10 + header.len() + 1).next_multiple_of(64) - 10;
        header = format!("{header:<width$}\n", width = length - 1);
        let start = [b"\x93NUMPY\x01\0", &(length as u16).to_le_bytes()[..], header.as_bytes()].concat();
        let begin = || {
            let mut file = NewFile::create(path)?;
            file.write_all(&start)?;
            Ok(file)
        };
        let file = begin().map_err(Error::io(path, "write the file", DISK_HINT))?;
        Ok(Self { path: path.into(), file, shape: [h, w, c], left: n })
    }

    /// Adds a batch.
    ///
    /// # Shapes
    /// `images`: uint8 (B, H, W, C)
    ///
    /// # Errors
    /// [`Error::Value`] for images of another shape or kind or more than there were to be, [`Error::Io`] when the disk refuses.
    pub fn write(&mut self, images: &Tensor) -> Result<()> {
        let [h, w, c] = self.shape;
        let count = check(images, Some(self.shape))?;
        if count > self.left {
            let wanted = format!("at most {}, those still to come", self.left);
            return Err(Error::value("the batch's images", count, wanted, "Create the file for more."));
        }
        self.left -= count;
        let bytes = bytes(images, (count * h * w * c) as usize)?;
        self.file.write_all(&bytes).map_err(Error::io(&self.path, "write the file", DISK_HINT))
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// [`Error::Value`] when images are missing, [`Error::Io`] when the disk refuses; nothing is left of the file then.
    pub fn finish(self) -> Result<()> {
        if self.left > 0 {
            let found = format!("{} short", self.left);
            return Err(Error::value("the file's images", found, "all of them", "Write every batch first."));
        }
        self.file.finish().map_err(Error::io(&self.path, "write the file", DISK_HINT))
    }
}

/// Saves each image as a PNG file of its own in `folder`, which has to be there: `00000.png`, `00001.png` and so on, counted
/// from `first`.
///
/// # Shapes
/// `images`: uint8 (B, H, W, C), C = 3 or 1
///
/// # Errors
/// [`Error::Value`] for images of another shape or kind, [`Error::Io`] when the disk refuses.
pub fn save_each(images: &Tensor, folder: impl AsRef<Path>, first: usize) -> Result<()> {
    let count = check(images, None)?;
    let [_, h, w, c] = images.size()[..] else { return Ok(()) };
    let colours = if c == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
    let size = (h * w * c) as usize;
    let bytes = bytes(images, count as usize * size)?;
    for (i, image) in bytes.chunks_exact(size).enumerate() {
        let path = folder.as_ref().join(format!("{:05}.png", first + i));
        let mut file = std::io::Cursor::new(Vec::new());
        image::write_buffer_with_format(&mut file, image, w as u32, h as u32, colours, ImageFormat::Png)
            .map_err(std::io::Error::other)
            .and_then(|()| fs::write(&path, file.into_inner()))
            .map_err(Error::io(&path, "write the file", DISK_HINT))?;
    }
    Ok(())
}

/// How many images these are. `wanted` is their H, W, C; without it there are 3 channels or 1.
fn check(images: &Tensor, wanted: Option<[i64; 3]>) -> Result<i64> {
    let (size, kind) = (images.size(), images.f_kind()?);
    let fits = |shape: [i64; 3]| wanted.map_or([1, 3].contains(&shape[2]), |wanted| wanted == shape);
    match size[..] {
        [count, h, w, c] if kind == Kind::Uint8 && fits([h, w, c]) => Ok(count),
        _ => {
            let wanted = wanted.map_or("(B, H, W, 3)".into(), |[h, w, c]| format!("(B, {h}, {w}, {c})"));
            let hint = "denormalize() makes bytes of what a generator draws.";
            Err(Error::value("the images", format!("{kind:?} {size:?}"), format!("Uint8 {wanted}"), hint))
        }
    }
}

fn bytes(images: &Tensor, length: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    images.f_to_device(Device::Cpu)?.f_contiguous()?.f_copy_data(&mut bytes, length)?;
    Ok(bytes)
}
