//! Animations as APNG, the animated form of PNG. Every current browser plays it in an `<img>`, in true colour (a GIF
//! has 256 colours), and a viewer that doesn't support it shows the first frame.
//!
//! The crate `image` reads animated PNG but does not write it, so these files are written with `png`, which it builds
//! on.

use image::ImageFormat;
use png::{BlendOp, ColorType, Encoder};

use super::Figure;
use crate::{Error, Result};

const FIGURE: &str = "animation";
/// A transparent pixel, which keeps what the previous frame shows.
const KEEP: [u8; 4] = [0; 4];

/// How to animate figures. `Animation::new(12).draw(&frames)` plays twelve a second, in a loop; the other settings are
/// optional.
///
/// The file holds the first frame, and of every other one only the pixels that change: a plot in which 500 points move
/// takes 40 kB a frame, and images take as much as in separate figures. All of it is stored in the notebook, where it
/// takes a third more, so 20 to 40 frames are a good length.
///
/// ```
/// use gan_nb::display::{Animation, image_grid};
///
/// // Twelve pictures, (12, 32, 32, 3) in [−1, 1], each a frame.
/// let images = tch::Tensor::linspace(-1.0, 1.0, 12, tch::kind::FLOAT_CPU).view([12, 1, 1, 1]).repeat([1, 32, 32, 3]);
/// let frames = (0..12).map(|i| image_grid(&images.narrow(0, i, 1), 1)).collect::<gan_nb::Result<Vec<_>>>()?;
/// let figure = Animation::new(8).hold(1.0).alt("Un cuadrado pasa de negro a blanco").draw(&frames)?;
/// figure.save(std::env::temp_dir().join("gan_nb_animation.png"))?;
/// # Ok::<(), gan_nb::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Animation {
    frames_per_second: u16,
    hold: f64,
    alt: Option<String>,
}

impl Animation {
    /// Plays `frames_per_second` figures a second.
    pub fn new(frames_per_second: u16) -> Self {
        Self { frames_per_second, hold: 0.0, alt: None }
    }

    /// Shows the last frame for `seconds` longer before the loop starts again.
    pub fn hold(mut self, seconds: f64) -> Self {
        self.hold = seconds;
        self
    }

    /// Describes it for readers who cannot see it, in place of the last frame's description. Also its plain-text form.
    pub fn alt(mut self, alt: impl Into<String>) -> Self {
        self.alt = Some(alt.into());
        self
    }

    /// Makes one animated figure of `frames`. It is shown and saved like any other.
    ///
    /// # Errors
    /// [`Error::Value`] for no frames, for frames of different sizes, and for a speed or a `hold` out of range.
    pub fn draw(&self, frames: &[Figure]) -> Result<Figure> {
        let hint = "Draw them in a loop and collect them";
        let [first, .., last] = frames else {
            return Err(Error::value("the number of frames", frames.len(), "2 or more", hint));
        };
        if let Some((index, frame)) = frames.iter().enumerate().find(|(_, frame)| frame.size() != first.size()) {
            let [found, expected] = [frame, first].map(|figure| format!("{} x {} pixels", figure.width, figure.height));
            let hint = "Draw all frames with the same settings, the same number of images and the same legend";
            return Err(Error::value(&format!("frame {index}"), found, format!("{expected}, as frame 0"), hint));
        }
        let rate = self.frames_per_second;
        if rate == 0 {
            return Err(Error::value("frames_per_second", 0, "at least 1", "12 is a comfortable speed"));
        }
        let pause = 1.0 / f64::from(rate) + self.hold;
        if !(self.hold >= 0.0 && pause <= 60.0) {
            return Err(Error::value("hold", self.hold, "seconds from 0 to 59", "1.5 gives time to see the end"));
        }

        let png = encode(frames, rate, pause)?;
        let seconds = (frames.len() - 1) as f64 / f64::from(rate) + pause;
        let alt = self.alt.clone().unwrap_or_else(|| last.alt.clone());
        let text = format!("[{} × ▷ {seconds:.1} s: {alt}]", frames.len());
        Ok(Figure { png, alt, text, ..first.clone() })
    }
}

/// Encodes the APNG file; the last frame stays for `pause` seconds.
fn encode(frames: &[Figure], rate: u16, pause: f64) -> Result<Vec<u8>> {
    let (width, height) = frames[0].size();
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_color(ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    // As in a figure of its own: see `image_grid` and `raster::render`.
    encoder.set_filter(if frames[0].pixelated { png::Filter::Adaptive } else { png::Filter::NoFilter });
    encoder.set_animated(frames.len() as u32, 0).map_err(failed)?;
    encoder.set_frame_delay(1, rate).map_err(failed)?;
    let mut writer = encoder.write_header().map_err(failed)?;

    let mut before = Vec::new();
    for (index, frame) in frames.iter().enumerate() {
        let pixels = decode(frame)?;
        if index + 1 == frames.len() {
            writer.set_frame_delay((pause * 1000.0).round() as u16, 1000).map_err(failed)?;
        }
        if index == 0 {
            writer.write_image_data(&pixels).map_err(failed)?;
        } else if let Some(changes) = changes(&before, &pixels) {
            writer.set_blend_op(BlendOp::Over).map_err(failed)?;
            writer.write_image_data(&changes).map_err(failed)?;
        } else {
            writer.set_blend_op(BlendOp::Source).map_err(failed)?;
            writer.write_image_data(&pixels).map_err(failed)?;
        }
        before = pixels;
    }
    writer.finish().map_err(failed)?;
    Ok(file)
}

/// The pixels that differ from the previous frame, on a transparent ground, which compresses well. `None` if one of
/// them is translucent: it would blend with what is below it.
fn changes(before: &[u8], now: &[u8]) -> Option<Vec<u8>> {
    let mut changes = Vec::with_capacity(now.len());
    for (old, new) in before.chunks_exact(4).zip(now.chunks_exact(4)) {
        if old == new {
            changes.extend(KEEP);
        } else if new[3] == u8::MAX {
            changes.extend(new);
        } else {
            return None;
        }
    }
    Some(changes)
}

/// A figure's RGBA pixels.
fn decode(figure: &Figure) -> Result<Vec<u8>> {
    let png = image::load_from_memory_with_format(&figure.png, ImageFormat::Png).map_err(failed)?;
    Ok(png.into_rgba8().into_raw())
}

fn failed(answer: impl ToString) -> Error {
    Error::Figure { figure: FIGURE, found: answer.to_string(), hint: "Draw fewer or smaller frames".into() }
}
