//! The checkpoints of a run as a table. The words in it are Spanish: they belong to the lesson.

use crate::Result;
use crate::display::{Table, brief, notebook_output};
use crate::progress::spanish::count;
use crate::runs::Run;

impl Run {
    /// A row for each checkpoint; how far the run has come, and what it is of, in the caption.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) or [`Error::File`](crate::Error::File) when the folder can't be read.
    pub fn table(&self) -> Result<Table> {
        let (config, done, checkpoints) = (self.config()?, self.history()?.len(), self.checkpoints()?);
        let data = config.data.map_or(String::new(), |data| format!(" de {}", data.name));
        let caption = format!(
            "{}: {} de {} iteraciones con lotes de {}{data}",
            self.folder().display(),
            count(done),
            count(config.iterations),
            config.batch_size
        );
        let is_measured = checkpoints.iter().any(|saved| saved.quality.is_some());
        let mut columns = vec!["punto de control", "iteraciones", "distancia a las fotos", ""];
        if is_measured {
            columns.insert(3, "distancia de Fréchet");
        }
        let mut table = Table::new(&columns).caption(caption);
        let (best, newest) = (self.best_checkpoint()?, checkpoints.last());
        let shown = |distance: Option<f64>| distance.map_or("—".into(), brief);
        for saved in &checkpoints {
            let name = saved.path.file_name().unwrap_or_default().to_string_lossy();
            let marks = [(best.as_ref(), "el mejor"), (newest, "el último")];
            let marks = marks.iter().filter(|(other, _)| *other == Some(saved)).map(|(_, mark)| *mark);
            let mut cells = vec![name.into_owned(), count(saved.iteration), shown(saved.distance)];
            if is_measured {
                cells.push(shown(saved.quality.as_ref().map(|quality| quality.frechet_distance)));
            }
            cells.push(marks.collect::<Vec<_>>().join(", "));
            table = table.row(&cells);
        }
        Ok(table)
    }

    /// Called by evcxr for a cell's last expression.
    pub fn evcxr_display(&self) {
        match self.table() {
            Ok(table) => table.evcxr_display(),
            Err(error) => notebook_output::show_text(&error.to_string()),
        }
    }
}
