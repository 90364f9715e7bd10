//! The formats of figures as files.

use std::borrow::Cow;
use std::io::Cursor;
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngDecoder;
use image::{DynamicImage, ImageFormat, ImageResult, Rgb, RgbImage};

use super::gif;
use crate::{Error, Result};

/// Without visible marks around sharp edges, of which figures have many.
const JPEG_QUALITY: u8 = 95;
const NAMES: &str = "png, gif, jpg, jpeg, webp or bmp";

/// What a file's name says of it.
#[derive(Clone, Copy)]
pub(super) enum Format {
    Png,
    Gif,
    Jpeg,
    WebP,
    Bmp,
}

impl Format {
    /// By the extension, in small letters or capitals; PNG without one.
    pub(super) fn of(path: &Path) -> Result<Self> {
        let Some(extension) = path.extension() else { return Ok(Self::Png) };
        match extension.to_string_lossy().to_lowercase().as_str() {
            "png" => Ok(Self::Png),
            "gif" => Ok(Self::Gif),
            "jpg" | "jpeg" => Ok(Self::Jpeg),
            "webp" => Ok(Self::WebP),
            "bmp" => Ok(Self::Bmp),
            _ => {
                let found = format!("the extension {}", extension.display());
                Err(Error::file(path, found, NAMES, "Give the file one of these."))
            }
        }
    }

    /// The bytes of such a file, from those of a PNG file.
    pub(super) fn encode<'a>(self, png: &'a [u8], path: &Path) -> Result<Cow<'a, [u8]>> {
        let (name, format) = match self {
            Self::Png => return Ok(png.into()),
            Self::Gif => return Ok(gif::encode(png)?.into()),
            Self::Jpeg => ("JPEG", ImageFormat::Jpeg),
            Self::WebP => ("WebP", ImageFormat::WebP),
            Self::Bmp => ("BMP", ImageFormat::Bmp),
        };
        let refused = |error| Error::Figure {
            figure: name,
            found: format!("the encoder answered '{error}'"),
            hint: "Save it as .png, or draw a smaller figure".into(),
        };
        let decoder = PngDecoder::new(Cursor::new(png)).map_err(refused)?;
        if decoder.is_apng().map_err(refused)? {
            return Err(Error::file(
                path,
                format!("an animation for a {name}"),
                "png or gif",
                "Only these two play it.",
            ));
        }
        let image = DynamicImage::from_decoder(decoder).map_err(refused)?;
        Ok(still(&image, format).map_err(refused)?.into())
    }
}

fn still(image: &DynamicImage, format: ImageFormat) -> ImageResult<Vec<u8>> {
    let mut file = Cursor::new(Vec::new());
    match format {
        ImageFormat::Jpeg => JpegEncoder::new_with_quality(&mut file, JPEG_QUALITY).encode_image(&on_white(image))?,
        other => image.write_to(&mut file, other)?,
    }
    Ok(file.into_inner())
}

/// The image as a white page shows it: JPEG has no transparency, and what is transparent here would be black there.
fn on_white(image: &DynamicImage) -> RgbImage {
    let pixels = image.to_rgba8();
    RgbImage::from_fn(pixels.width(), pixels.height(), |x, y| {
        let [red, green, blue, alpha] = pixels.get_pixel(x, y).0.map(u16::from);
        Rgb([red, green, blue].map(|value| ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8))
    })
}
