//! Samples as two grids. The words are Spanish: they belong to the lesson.

use crate::Result;
use crate::display::{Figure, ImageGrid, film, notebook_output};
use crate::train::Samples;
use tch::Tensor;

impl Samples {
    /// The two grids with their captions, the first beginning with `caption`.
    ///
    /// # Errors
    /// [`Error::Figure`](crate::Error::Figure) when they can't be drawn.
    pub fn figures(&self, caption: &str) -> Result<[(String, Figure); 2]> {
        let grid = |images: &Tensor, noise: &str| {
            let grid = ImageGrid::square(images);
            let side = grid.columns();
            let alt = format!("Cuadrícula de {side} por {side} imágenes generadas con ruido {noise}. {caption}");
            grid.alt(alt.trim_end()).draw(images)
        };
        let first = if caption.is_empty() { "ruido fijo".to_string() } else { format!("{caption} · ruido fijo") };
        Ok([(first, grid(&self.fixed, "fijo")?), ("ruido nuevo".into(), grid(&self.fresh, "nuevo")?)])
    }

    /// Called by evcxr for a cell's last expression.
    pub fn evcxr_display(&self) {
        match self.figures("") {
            Ok(figures) => film(&figures).evcxr_display(),
            Err(error) => notebook_output::show_text(&error.to_string()),
        }
    }
}
