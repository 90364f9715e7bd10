//! Figures for the notebooks: grids of images ([`image_grid`]), line plots ([`curves()`]), points in the plane
//! ([`Plane`]), captioned series of figures ([`film()`]) and moving ones ([`Animation`]). Each is a PNG made in memory;
//! a cell shows one by ending with it, and [`Figure::save`] writes the file. Numbers to compare go into a [`Table`].

pub mod animation;
pub mod film;
pub mod grid;
pub mod notebook_output;
pub mod plane;
pub mod table;

pub mod plot;

use std::{fmt, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};

pub(crate) use self::plot::{
    axis::{brief, number},
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

/// A picture ready to be shown in a notebook or written to a file, with words for readers who cannot see it.
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

    /// Width and height of the PNG in its own pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// How wide JupyterLab shows it, in CSS pixels: plots hold two of their own pixels in each.
    pub fn css_width(&self) -> u32 {
        self.css_width
    }

    /// What a screen reader says in place of the picture.
    pub fn alt(&self) -> &str {
        &self.alt
    }

    /// The plain-text form, for terminals and for front ends without HTML.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Writes the PNG to `path`.
    ///
    /// # Errors
    /// [`Error::Io`] if the file can't be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        std::fs::write(path, &self.png).map_err(Error::io(
            path,
            "write the figure",
            "Check that the folder exists and that you may write in it",
        ))
    }

    /// An `<img>` element that carries the PNG within it, so that the notebook needs no other file.
    pub fn to_html(&self) -> String {
        let Self { css_width, pixelated, .. } = self;
        // Without `pixelated` a browser would smooth 32 × 32 images on screens of more than one pixel per CSS pixel.
        let rendering = if *pixelated { ";image-rendering:pixelated" } else { "" };
        let (data, alt) = (STANDARD.encode(&self.png), escape(&self.alt));
        let style = format!("max-width:100%;height:auto{rendering}");
        format!(r#"<img src="data:image/png;base64,{data}" width="{css_width}" alt="{alt}" style="{style}">"#)
    }

    /// Shows the figure at once, in the middle of a cell that goes on. Under plain evcxr_jupyter it comes when the cell
    /// ends, and only the cell's last one does.
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

/// Packs RGBA pixels, row by row from the top, into a PNG file.
fn encode_png(rgba: &[u8], width: u32, height: u32, filter: png::Filter, figure: &'static str) -> Result<Vec<u8>> {
    let failed = |error: png::EncodingError| Error::Figure {
        figure,
        found: format!("the PNG encoder answered '{error}' at {width} x {height} pixels"),
        hint: "Draw a smaller figure".into(),
    };
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(filter);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(rgba).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(file)
}

/// Makes text safe between HTML tags and within a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
