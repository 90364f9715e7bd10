//! A history as curves. The words in them are Spanish: they belong to the lesson.

use crate::Result;
use crate::display::{Colour, Figure, Panel, curves, notebook_output};
use crate::train::{History, Step, mean};

impl History {
    /// Losses above, accuracies on real and on generated images below, over the iterations.
    ///
    /// The reference line is ln 2 = 0.693: what either half costs a discriminator that can't tell the two apart, and
    /// its accuracy is then 50 %.
    ///
    /// # Errors
    /// [`Error::Figure`](crate::Error::Figure) when it can't be drawn.
    pub fn plot(&self) -> Result<Figure> {
        let points = |value: fn(&Step) -> f32| {
            self.steps.iter().enumerate().map(move |(i, step)| (i as f64, f64::from(value(step)))).collect::<Vec<_>>()
        };
        let losses = Panel::new("Pérdidas", "entropía cruzada (nats)")
            .line("generador", points(|s| s.g_loss), Colour::Blue)
            .line("discriminador, reales", points(|s| s.d_loss_real), Colour::Vermillion)
            .line("discriminador, generadas", points(|s| s.d_loss_fake), Colour::Green)
            .reference(2f64.ln(), "ln 2");
        let accuracies = Panel::new("Aciertos del discriminador", "aciertos (%)")
            .line("reales", points(|s| 100.0 * s.d_acc_real), Colour::Vermillion)
            .line("generadas", points(|s| 100.0 * s.d_acc_fake), Colour::Green)
            .reference(50.0, "azar")
            .y_range(0.0, 100.0);
        let title = format!("{} iteraciones en {}", self.len(), time(self.seconds()));
        curves(&title, "iteración", &[losses, accuracies], &self.describe())
    }

    /// What the curves show, for readers who can't see them.
    fn describe(&self) -> String {
        let mean = |value: fn(&Step) -> f32| mean(self.last_tenth(), value);
        format!(
            "Curvas de {} iteraciones. En la última décima parte, de media: pérdida del generador {:.2}, del \
             discriminador con reales {:.2} y con generadas {:.2}; aciertos con reales {:.0} % y con generadas {:.0} %.",
            self.len(),
            mean(|s| s.g_loss),
            mean(|s| s.d_loss_real),
            mean(|s| s.d_loss_fake),
            100.0 * mean(|s| s.d_acc_real),
            100.0 * mean(|s| s.d_acc_fake)
        )
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
