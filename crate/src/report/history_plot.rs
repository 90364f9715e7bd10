//! A history as curves. The words in them are Spanish: they belong to the lesson.

use crate::Result;
use crate::display::{Figure, Panel, curves, notebook_output};
use crate::progress::spanish;
use crate::train::{History, Quantity};

impl History {
    /// The losses above, the accuracies below, over the iterations, with the lines that the game gives to compare them with.
    ///
    /// For the tutorial's game these are ln 2 = 0.693, what either half costs a discriminator that can't tell the two
    /// apart, and 50 %, its accuracy then.
    ///
    /// # Errors
    /// [`Error::Figure`](crate::Error::Figure) when it can't be drawn.
    pub fn plot(&self) -> Result<Figure> {
        let losses = Panel::new("Pérdidas", spanish::word(self.metrics().loss_unit()));
        let mut panels = vec![self.draw(losses, Quantity::Loss, 1.0)];
        if self.metrics().of(Quantity::Accuracy).next().is_some() {
            let accuracies = Panel::new("Aciertos del discriminador", "aciertos (%)").y_range(0.0, 100.0);
            panels.push(self.draw(accuracies, Quantity::Accuracy, 100.0));
        }
        let title = format!("{} iteraciones en {}", self.len(), time(self.seconds()));
        curves(&title, "iteración", &panels, &self.describe())
    }

    fn draw(&self, panel: Panel, quantity: Quantity, scale: f64) -> Panel {
        let points = |place: usize| {
            let series = self.series_at(place).iter().enumerate();
            series.map(|(i, value)| (i as f64, scale * f64::from(*value))).collect::<Vec<_>>()
        };
        let names = spanish::names(self.metrics(), quantity).into_iter();
        let panel = names.fold(panel, |panel, name| panel.line(name.in_plot, points(name.place), name.colour));
        let references = self.metrics().references(quantity);
        references.fold(panel, |panel, line| panel.reference(scale * line.value, spanish::word(&line.name)))
    }

    /// What the curves show, for readers who can't see them.
    fn describe(&self) -> String {
        let mean = |place: usize| self.mean_of_last(place, (self.len() / 10).max(1));
        let losses = spanish::names(self.metrics(), Quantity::Loss).into_iter();
        let losses = losses.map(|name| format!("{} {:.2}", name.in_plot, mean(name.place)));
        let accuracies = spanish::names(self.metrics(), Quantity::Accuracy).into_iter();
        let accuracies = accuracies.map(|name| format!("{} {:.0} %", name.in_table, 100.0 * mean(name.place)));
        let means = losses.chain(accuracies).collect::<Vec<_>>().join("; ");
        format!("Curvas de {} iteraciones. En la última décima parte, de media: {means}.", self.len())
    }

    /// Called by evcxr for a cell's last expression.
    pub fn evcxr_display(&self) {
        match self.plot() {
            Ok(figure) => figure.evcxr_display(),
            Err(error) => notebook_output::show_text(&format!("{self}\n{error}")),
        }
    }
}

fn time(seconds: f64) -> String {
    if seconds < 90.0 { format!("{seconds:.0} s") } else { format!("{:.0} min", seconds / 60.0) }
}
