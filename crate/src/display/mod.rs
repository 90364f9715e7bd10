//! Figures for the notebooks: grids of images ([`image_grid`]), line plots ([`curves()`]), points in the plane
//! ([`Plane`]), captioned series of figures ([`film()`]) and animations ([`Animation`]). Each is a PNG made in memory.
//! A cell that ends with a figure shows it, and [`Figure::save`] writes it to a file. Numbers to compare go into a
//! [`Table`].

pub mod animation;
pub mod film;
mod format;
mod gif;
pub mod grid;
pub mod notebook_output;
pub mod plane;
pub mod table;

pub mod plot;

use std::{fmt, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use image::RgbaImage;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};

pub(crate) use self::plot::{
    axis::{brief, number},
    means_of_pieces,
    svg::{SIZE as SKETCH_SIZE, sketch},
};
pub use self::{
    animation::Animation,
    film::{Film, film},
    grid::{ImageGrid, image_grid},
    plane::Plane,
    plot::{Colour, Panel, Series, curves, running_mean_window},
    table::Table,
};
use crate::{Error, Result};
use format::Format;

/// A picture ready to be shown in a notebook or written to a file, with a description for readers who cannot see it.
#[derive(Clone)]
pub struct Figure {
    png: Vec<u8>,
    width: u32,
    height: u32,
    css_width: u32,
    pixelated: bool,
    alt: String,
    text: String,
}

impl Figure {
    /// The PNG file, byte for byte.
    pub fn png(&self) -> &[u8] {
        &self.png
    }

    /// Width and height of the PNG in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// How wide JupyterLab shows it, in CSS pixels. Plots have two pixels of their own for each.
    pub fn css_width(&self) -> u32 {
        self.css_width
    }

    /// What a screen reader says instead of showing the picture.
    pub fn alt(&self) -> &str {
        &self.alt
    }

    /// The plain-text form, for terminals and for front ends without HTML.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Writes the figure to `path`, as its extension says: png, gif, jpg, jpeg, webp or bmp. A name without an extension
    /// gets a PNG.
    ///
    /// PNG keeps every pixel, and an [`Animation`] moves in it too. GIF, of at most 256 colours a frame, is for programs that
    /// play no animated PNG. JPEG changes pixels a little, and has white where the others are transparent.
    ///
    /// # Errors
    /// [`Error::File`] for another extension, and for an animation in a file that can't move, [`Error::Io`] if the file can't
    /// be written, [`Error::Figure`] if it can't be encoded.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let file = Format::of(path)?.encode(&self.png, path)?;
        std::fs::write(path, file).map_err(Error::io(
            path,
            "write the figure",
            "Check that the folder exists and that you may write to it",
        ))
    }

    /// Whether [`save`](Self::save) can write a file of this name, for programs that want to know before they draw.
    ///
    /// # Errors
    /// [`Error::File`] for an extension that it can't write.
    pub fn check_name(path: impl AsRef<Path>) -> Result<()> {
        Format::of(path.as_ref()).map(|_| ())
    }

    /// An `<img>` element with the PNG embedded, so the notebook needs no other file.
    pub fn to_html(&self) -> String {
        let Self { css_width, pixelated, .. } = self;
        // Without `pixelated` a browser would smooth 32 × 32 images on screens of more than one pixel per CSS pixel.
        let rendering = if *pixelated { ";image-rendering:pixelated" } else { "" };
        let (data, alt) = (STANDARD.encode(&self.png), escape(&self.alt));
        let style = format!("max-width:100%;height:auto{rendering}");
        format!(r#"<img src="data:image/png;base64,{data}" width="{css_width}" alt="{alt}" style="{style}">"#)
    }

    /// Shows the figure at once, while the cell is still running. Under plain evcxr_jupyter figures appear when the
    /// cell ends, and only the last one of a cell does.
    pub fn show_now(&self) {
        notebook_output::show_now(&self.to_html(), &self.text);
    }

    /// Shows the figure in the notebook; evcxr calls this on the value that ends a cell.
    pub fn evcxr_display(&self) {
        notebook_output::show(&self.to_html(), &self.text);
    }
}

impl fmt::Debug for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Figure({} x {} pixels, {} bytes: {})", self.width, self.height, self.png.len(), self.alt)
    }
}

/// Encodes pixels as a PNG file.
fn encode_png(pixels: &RgbaImage, filter: FilterType, figure: &'static str) -> Result<Vec<u8>> {
    let mut file = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut file, CompressionType::Default, filter);
    pixels.write_with_encoder(encoder).map_err(|error| Error::Figure {
        figure,
        found: format!("the PNG encoder answered '{error}' at {} x {} pixels", pixels.width(), pixels.height()),
        hint: "Draw a smaller figure".into(),
    })?;
    Ok(file)
}

/// Makes text safe between HTML tags and within a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
