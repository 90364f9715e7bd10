//! Images in rows and columns, enlarged without smoothing.

use image::{Rgba, RgbaImage, codecs::png::FilterType, imageops};
use tch::{Device, Kind, Tensor};

use super::{Figure, encode_png};
use crate::imaging::denormalize;
use crate::{Error, Result};

/// About how wide a grid is shown, in CSS pixels: five images of 32 pixels a row come out at three times their size.
const TARGET_WIDTH: f64 = 512.0;
/// Beyond this enlargement a single small image looks like a floor of tiles.
const MAX_SCALE: u32 = 8;

/// How to draw a grid. `ImageGrid::new(5).draw(&images)` is the same as [`image_grid`]; the other settings are
/// optional.
#[derive(Clone, Debug)]
pub struct ImageGrid {
    columns: usize,
    scale: Option<u32>,
    gap: u32,
    alt: Option<String>,
}

/// Draws images in rows of `columns`; the last row may be shorter.
///
/// # Shapes
/// `images`: `(N, H, W, C)`, C = 3 or 1, as float32 in \[-1, 1\] (values outside are clamped) or uint8.
///
/// # Errors
/// [`Error::Value`] for another rank, type or number of channels, for no images, and for `columns` of 0.
pub fn image_grid(images: &Tensor, columns: usize) -> Result<Figure> {
    ImageGrid::new(columns).draw(images)
}

impl ImageGrid {
    /// A grid of `columns` images a row, enlarged to a comfortable width.
    pub fn new(columns: usize) -> Self {
        Self { columns, scale: None, gap: 4, alt: None }
    }

    /// As many columns as rows, or one more: for whatever number of images (N, H, W, C).
    pub fn square(images: &Tensor) -> Self {
        let count = images.size().first().copied().unwrap_or(1).max(1);
        Self::new((count as f64).sqrt().ceil() as usize)
    }

    /// How many images a row has.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Shows each pixel of the images as a square of `scale` CSS pixels.
    pub fn scale(mut self, scale: u32) -> Self {
        self.scale = Some(scale);
        self
    }

    /// Space between images in CSS pixels, 4 if not set. It is transparent: the notebook's background shows through.
    pub fn gap(mut self, gap: u32) -> Self {
        self.gap = gap;
        self
    }

    /// Describes the picture for readers who cannot see it, in place of a count of the images. Also its plain-text
    /// form.
    pub fn alt(mut self, alt: impl Into<String>) -> Self {
        self.alt = Some(alt.into());
        self
    }

    /// Draws `images`. Shapes and errors are those of [`image_grid`]; a `scale` of 0 is an error too.
    pub fn draw(&self, images: &Tensor) -> Result<Figure> {
        if self.columns == 0 {
            return Err(Error::value("columns", 0, "at least 1", "5 suits a 5 x 5 grid"));
        }
        if self.scale == Some(0) {
            return Err(Error::value("scale", 0, "at least 1", "Leave it out to have it chosen for you"));
        }
        let [count, height, width, channels] = shape(images)?;
        let pixels = bytes(images)?;
        let columns = self.columns.min(count);
        let rows = count.div_ceil(columns);
        let scale = self.scale.unwrap_or_else(|| {
            // From the columns asked for, so a grid of fewer images is drawn at the scale of a full one.
            let ideal = TARGET_WIDTH / (self.columns * width) as f64;
            (ideal.round() as u32).clamp(1, MAX_SCALE)
        }) as usize;
        let gap = self.gap as usize;
        let (cell_width, cell_height) = (width * scale + gap, height * scale + gap);

        // Transparent where no image is.
        let mut canvas = RgbaImage::new((columns * cell_width - gap) as u32, (rows * cell_height - gap) as u32);
        for (index, image) in pixels.chunks_exact(height * width * channels).enumerate() {
            let pixel = |x: u32, y: u32| {
                let pixel = &image[(y as usize * width + x as usize) * channels..][..channels];
                let [red, green, blue] = if let [r, g, b] = *pixel { [r, g, b] } else { [pixel[0]; 3] };
                Rgba([red, green, blue, u8::MAX])
            };
            let image = RgbaImage::from_fn(width as u32, height as u32, pixel);
            let (wide, tall) = ((width * scale) as u32, (height * scale) as u32);
            let enlarged = imageops::resize(&image, wide, tall, imageops::FilterType::Nearest);
            let (left, top) = (index % columns * cell_width, index / columns * cell_height);
            imageops::replace(&mut canvas, &enlarged, left as i64, top as i64);
        }

        let (canvas_width, canvas_height) = canvas.dimensions();
        let alt = self.alt.clone().unwrap_or_else(|| {
            format!("{count} images of {width} × {height} pixels in {rows} rows of up to {columns}")
        });
        Ok(Figure {
            png: encode_png(&canvas, FilterType::Adaptive, "image grid")?,
            width: canvas_width,
            height: canvas_height,
            css_width: canvas_width,
            pixelated: true,
            text: format!("[{alt}]"),
            alt,
        })
    }
}

fn shape(images: &Tensor) -> Result<[usize; 4]> {
    let size = images.size();
    let wrong = |expected: &str, hint: &str| Error::value("the shape of images", format!("{size:?}"), expected, hint);
    let [count, height, width, channels] = *size else {
        let hint = if size.len() == 3 { "Give one image a batch axis with unsqueeze(0)" } else { "Reshape it" };
        return Err(wrong("[N, H, W, C]", hint));
    };
    if count == 0 || height == 0 || width == 0 {
        return Err(wrong("at least one image of at least one pixel", "Check how the batch was sliced"));
    }
    if channels != 3 && channels != 1 {
        return Err(wrong(
            "3 (RGB) or 1 (grey) channels in last place",
            "Reorder [N, C, H, W] with permute([0, 2, 3, 1])",
        ));
    }
    Ok([count, height, width, channels].map(|side| side as usize))
}

/// The pixels as bytes, in the tensor's order.
fn bytes(images: &Tensor) -> Result<Vec<u8>> {
    let flat = images.f_detach()?.f_to_device(Device::Cpu)?.f_reshape([-1])?;
    match images.kind() {
        Kind::Uint8 => Ok(Vec::try_from(&flat)?),
        Kind::Float => Ok(Vec::try_from(&denormalize(&flat)?)?),
        other => Err(Error::value(
            "the type of images",
            format!("{other:?}"),
            "Float in [-1, 1] or Uint8",
            "Convert with to_kind(Kind::Float)",
        )),
    }
}
