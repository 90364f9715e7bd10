//! Photos from files: decoding, orientation, scaling.

use std::fs::File;
use std::io::{BufReader, Seek};
use std::path::Path;

use image::imageops::FilterType;
use image::{DynamicImage, GenericImageView, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage};
use tch::{Kind, Tensor};

use super::jpeg;
use crate::error::{Error, Result};

const FORMATS: &str = "a JPEG, PNG, WebP, GIF or BMP image";
const AGAIN: &str = "Get another copy of it.";

/// Reads a photo from a JPEG, PNG, WebP, GIF or BMP file.
///
/// The format is recognised by the file's contents, not by its name. The photo is turned upright if its EXIF data says
/// how the camera was held, transparent pixels are laid over white, grey becomes RGB, and of an animation only the
/// first frame is read. Colour profiles are ignored: every file is taken for sRGB. A JPEG in a printer's colours (CMYK) is
/// refused, since nothing but its profile says what they look like.
///
/// # Shapes
/// Result: uint8 (1, H, W, 3), a batch of one
///
/// # Errors
/// [`Error::Io`] if the file can't be read; [`Error::File`] if it isn't an image of these formats, is damaged or cut off, is in
/// CMYK, or would take more than 512 MiB once decoded.
///
/// ```
/// use gan_nb::{data::Shapes, display::image_grid, imaging};
///
/// let path = std::env::temp_dir().join("gan_nb_open.png");
/// let drawn = Shapes::generate(1, 7)?.images(&[0])?;
/// image_grid(&drawn, 1)?.save(&path)?; // enlarged, so that it can be seen
/// let photo = imaging::open(&path)?;
/// assert_eq!(photo.size(), [1, 256, 256, 3]);
/// # Ok::<(), gan_nb::Error>(())
/// ```
pub fn open(path: impl AsRef<Path>) -> Result<Tensor> {
    to_tensor(&decode(path.as_ref())?)
}

/// The same, cut to its central square and scaled to `side` × `side` pixels: what a network of a fixed size learns
/// from.
///
/// It is scaled by Lanczos's filter, whose wide window keeps a photo sharp when it shrinks to a few pixels. For
/// tensors, with a batch, a device and gradients, there is [`resize`](super::resize()).
///
/// # Shapes
/// Result: uint8 (1, `side`, `side`, 3)
///
/// # Errors
/// As [`open`], and [`Error::Value`] for a `side` that is not 1 to 4096.
pub fn open_square(path: impl AsRef<Path>, side: u32) -> Result<Tensor> {
    if !(1..=4096).contains(&side) {
        return Err(Error::value("side", side, "1 to 4096", "Give the new height and width in pixels."));
    }
    to_tensor(&square(path.as_ref(), side)?)
}

/// The pixels of [`open_square`], for a `side` of 1 or more.
///
/// # Errors
/// As [`open`].
pub(crate) fn square(path: &Path, side: u32) -> Result<RgbImage> {
    let photo = DynamicImage::from(decode(path)?);
    let (width, height) = photo.dimensions();
    let shorter = width.min(height);
    let square = photo.crop_imm((width - shorter) / 2, (height - shorter) / 2, shorter, shorter);
    Ok(square.resize_exact(side, side, FilterType::Lanczos3).into_rgb8())
}

fn decode(path: &Path) -> Result<RgbImage> {
    let unreadable = || Error::io(path, "read the photo", "Check that it is there and that you may read it.");
    let kind = std::fs::metadata(path).map_err(unreadable())?.file_type();
    if !kind.is_file() {
        let found = if kind.is_dir() { "a folder" } else { "a special file" };
        return Err(Error::file(path, found, FORMATS, "Give the path of one photo."));
    }
    let mut file = File::open(path).map_err(unreadable())?;
    let reader = ImageReader::new(BufReader::new(&mut file)).with_guessed_format().map_err(unreadable())?;
    let Some(format) = reader.format() else {
        return Err(Error::file(path, "something else", FORMATS, "Convert it with another program first."));
    };
    file.rewind().map_err(unreadable())?;
    if format == ImageFormat::Jpeg {
        check_jpeg(path, &jpeg::inspect(&mut BufReader::new(&mut file)).map_err(unreadable())?)?;
        file.rewind().map_err(unreadable())?;
    }
    let reader = ImageReader::with_format(BufReader::new(file), format);
    let damaged = |error: ImageError| match error {
        ImageError::Limits(_) => Error::file(
            path,
            "a photo of more than 512 MiB",
            "a smaller one",
            "Scale it down with another program first.",
        ),
        error => Error::file(path, format!("a damaged image ({error})"), FORMATS, AGAIN),
    };
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    // The limit holds for the decoder's own buffers; this is the photo itself.
    Limits::default().reserve(decoder.total_bytes()).map_err(damaged)?;
    let orientation = decoder.orientation().map_err(damaged)?;
    let mut photo = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    photo.apply_orientation(orientation);
    Ok(over_white(photo))
}

/// Refuses what the decoder would make something else of: a gray lower half, or wrong colours.
fn check_jpeg(path: &Path, jpeg: &jpeg::Jpeg) -> Result<()> {
    if jpeg.components == 4 {
        let hint = "Convert it to RGB with another program first.";
        return Err(Error::file(path, "a JPEG in CMYK, a printer's colours", "one in RGB or gray", hint));
    }
    if !jpeg.is_whole {
        return Err(Error::file(path, "a damaged image (the file ends too early)", FORMATS, AGAIN));
    }
    Ok(())
}

/// What a page of white paper behind the photo would show.
fn over_white(photo: DynamicImage) -> RgbImage {
    if !photo.color().has_alpha() {
        return photo.into_rgb8();
    }
    let photo = photo.into_rgba8();
    RgbImage::from_fn(photo.width(), photo.height(), |x, y| {
        let [red, green, blue, alpha] = photo.get_pixel(x, y).0.map(u16::from);
        image::Rgb([red, green, blue].map(|part| ((part * alpha + 255 * (255 - alpha) + 127) / 255) as u8))
    })
}

fn to_tensor(photo: &RgbImage) -> Result<Tensor> {
    let size = [1, i64::from(photo.height()), i64::from(photo.width()), 3];
    Ok(Tensor::f_from_data_size(photo.as_raw(), &size, Kind::Uint8)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::codecs::jpeg::JpegEncoder;
    use image::{ImageEncoder, ImageFormat, Rgb, Rgba, RgbaImage};
    use std::path::PathBuf;

    /// A 6 × 4 picture of few colours, red in the upper left corner.
    fn picture() -> RgbImage {
        RgbImage::from_fn(6, 4, |x, y| Rgb([if x + y == 0 { 255 } else { 0 }, 40 * x as u8, 60 * y as u8]))
    }

    fn bytes(photo: &Tensor) -> Vec<u8> {
        Vec::try_from(photo.reshape([-1])).unwrap()
    }

    fn written(folder: &tempfile::TempDir, name: &str, contents: &[u8]) -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, contents).unwrap();
        path
    }

    #[test]
    fn every_format_under_any_name() {
        let folder = tempfile::tempdir().unwrap();
        for format in [ImageFormat::Png, ImageFormat::Bmp, ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Jpeg] {
            let path = folder.path().join("photo.txt");
            picture().save_with_format(&path, format).unwrap();
            let photo = open(&path).unwrap();
            assert_eq!((photo.size(), photo.kind()), (vec![1, 4, 6, 3], Kind::Uint8), "{format:?}");
            if format == ImageFormat::Jpeg {
                let green = photo.select(3, 1).to_kind(Kind::Float).mean(Kind::Float).double_value(&[]);
                assert!((green - 100.0).abs() < 20.0, "{green}");
            } else {
                assert_eq!(bytes(&photo), picture().into_raw(), "{format:?}");
            }
        }
    }

    #[test]
    fn a_camera_that_was_held_sideways() {
        // EXIF: little-endian TIFF with one entry, orientation (0x112) 6, "rotate by 90° clockwise".
        let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        let left_half_white = RgbImage::from_fn(32, 16, |x, _| Rgb([if x < 16 { 255 } else { 0 }; 3]));
        let mut file = Vec::new();
        let mut encoder = JpegEncoder::new(&mut file);
        encoder.set_exif_metadata(exif.to_vec()).unwrap();
        left_half_white.write_with_encoder(encoder).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let photo = open(written(&folder, "photo.jpg", &file)).unwrap();
        assert_eq!(photo.size(), [1, 32, 16, 3]);
        let brightness =
            |half: i64| photo.narrow(1, 16 * half, 16).to_kind(Kind::Float).mean(Kind::Float).double_value(&[]);
        assert!(brightness(0) > 250.0 && brightness(1) < 5.0, "{} {}", brightness(0), brightness(1));
    }

    #[test]
    fn glass_is_laid_over_white() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("glass.png");
        let alphas = [0, 51, 255];
        RgbaImage::from_fn(3, 1, |x, _| Rgba([0, 100, 255, alphas[x as usize]])).save(&path).unwrap();
        assert_eq!(bytes(&open(&path).unwrap()), [255, 255, 255, 204, 224, 255, 0, 100, 255]);
    }

    #[test]
    fn a_square_from_the_middle() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("wide.png");
        // Green from 10 to 30 of 40 columns, red beyond.
        RgbImage::from_fn(40, 20, |x, _| if (10..30).contains(&x) { Rgb([0, 200, 0]) } else { Rgb([200, 0, 0]) })
            .save(&path)
            .unwrap();
        for side in [1, 5, 64] {
            let photo = open_square(&path, side).unwrap();
            assert_eq!(photo.size(), [1, i64::from(side), i64::from(side), 3]);
            assert_eq!(bytes(&photo), [0, 200, 0].repeat((side * side) as usize));
        }
        // A fine checkerboard becomes the grey that it looks like from afar.
        RgbImage::from_fn(64, 64, |x, y| Rgb([255 * ((x + y) % 2) as u8; 3])).save(&path).unwrap();
        assert!(bytes(&open_square(&path, 8).unwrap()).iter().all(|byte| (126..=129).contains(byte)));
        let error = open_square(&path, 0).unwrap_err().to_string();
        assert!(error.contains("side is 0, expected 1 to 4096"), "{error}");
    }

    #[test]
    fn what_is_no_photo_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut png = Vec::new();
        picture().write_to(&mut std::io::Cursor::new(&mut png), ImageFormat::Png).unwrap();
        let truncated = written(&folder, "truncated.png", &png[..png.len() - 20]);
        let mut jpeg = Vec::new();
        picture().write_to(&mut std::io::Cursor::new(&mut jpeg), ImageFormat::Jpeg).unwrap();
        // Its header, with four components in place of three.
        let cmyk = [&b"\xff\xd8\xff\xc0\0\x14\x08\0\x08\0\x08\x04"[..], &[1, 0x11, 0].repeat(4), b"\xff\xd9"].concat();
        // A header that claims 65,535 × 65,535 pixels. Its checksum is wrong too, but the size counts first in a BMP.
        let mut bmp = Vec::new();
        picture().write_to(&mut std::io::Cursor::new(&mut bmp), ImageFormat::Bmp).unwrap();
        bmp[18..26].copy_from_slice(&[0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0]);
        let cases = [
            (folder.path().join("none.jpg"), "can't read the photo"),
            (folder.path().to_path_buf(), "found a folder"),
            (written(&folder, "notes.jpg", b"no pixels here"), "something else"),
            (written(&folder, "empty.jpg", b""), "something else"),
            (truncated, "a damaged image"),
            (written(&folder, "cut off.jpg", &jpeg[..jpeg.len() * 2 / 3]), "the file ends too early"),
            (written(&folder, "cmyk.jpg", &cmyk), "a JPEG in CMYK"),
            (written(&folder, "huge.bmp", &bmp), "more than 512 MiB"),
        ];
        for (path, words) in cases {
            let error = open(&path).unwrap_err().to_string();
            assert!(error.contains(words) && error.contains(&path.display().to_string()), "{words}: {error}");
        }
    }
}
