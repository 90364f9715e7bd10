//! What the generator makes at one moment.

use crate::Result;
use crate::display::{Figure, ImageGrid, film, notebook_output};
use tch::Tensor;

/// Two times 25 images (25, H, W, C) in [−1, 1]. In a notebook it shows itself as two 5 × 5 grids.
#[derive(Debug)]
pub struct Samples {
    /// Of the run's fixed noise: the same places in every sample of a run, so that one sees them grow.
    pub fixed: Tensor,
    /// Of noise drawn for this sample alone.
    pub fresh: Tensor,
}

impl Samples {
    /// The two grids with their captions, the first beginning with `caption`. The words are Spanish: they belong to
    /// the lesson.
    ///
    /// # Errors
    /// [`Error::Figure`](crate::Error::Figure) when they can't be drawn.
    pub fn figures(&self, caption: &str) -> Result<[(String, Figure); 2]> {
        let grid = |images: &Tensor, noise: &str| {
            let alt = format!("Cuadrícula de 5 por 5 imágenes generadas con ruido {noise}. {caption}");
            ImageGrid::new(5).alt(alt.trim_end()).draw(images)
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
