//! Several runs in one table, one plot and one row of pictures. The words in them are Spanish: they belong to the
//! lesson.

use crate::display::{Colour, Figure, Film, ImageGrid, Panel, Table, brief, curves, film, means_of_pieces};
use crate::progress::spanish::{count, duration};
use crate::runs::Runs;
use crate::train::{Step, fixed_noise, mean};
use crate::{Error, Result};

/// A line has so many points at most, each the mean of a piece of the run: raw losses of six runs hide each other.
const POINTS: usize = 40;
/// A grid's images a side, and the enlargement that lets three grids stand side by side.
const SIDE: i64 = 4;
const SCALE: u32 = 2;

impl Runs {
    /// A row for each run: the settings that set it apart, iterations and time, and the means over its last tenth of
    /// the losses and the discriminator's accuracies; then the [measures](Self::measure). The caption
    /// has the usual settings, and what was left out.
    pub fn table(&self) -> Table {
        let columns = ["ensayo", "qué cambia", "iteraciones", "tiempo", "pérdida de G", "D, reales", "D, generadas"];
        let mut columns = columns.map(String::from).to_vec();
        columns.extend(["aciertos, reales", "aciertos, generadas"].map(String::from));
        columns.extend(self.measures.iter().cloned());
        let usual = self.usual_settings().iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>();
        let mut caption = String::from("Medias de la última décima parte de cada ensayo");
        if !usual.is_empty() {
            caption += &format!(". Lo habitual: {}", usual.join(", "));
        }
        for skipped in self.skipped() {
            caption += &format!(". No se ha podido leer {skipped}");
        }
        let mut table = Table::new(&columns).caption(caption);
        for entry in &self.entries {
            let history = &entry.history;
            let loss = |value: fn(&Step) -> f32| format!("{:.2}", mean(history.last_tenth(), value));
            let percent = |value: fn(&Step) -> f32| format!("{:.0} %", 100.0 * mean(history.last_tenth(), value));
            let own = self.own_settings(entry);
            let mut cells = vec![entry.name.clone(), if own.is_empty() { "—".into() } else { own }];
            cells.extend([count(history.len()), duration(history.seconds())]);
            cells.extend([loss(|s| s.g_loss), loss(|s| s.d_loss_real), loss(|s| s.d_loss_fake)]);
            cells.extend([percent(|s| s.d_acc_real), percent(|s| s.d_acc_fake)]);
            cells.extend(entry.measured.iter().map(|value| brief(*value)));
            table = table.row(&cells);
        }
        table
    }

    /// The generator's loss and the discriminator's two accuracies over the iterations, a line for each run.
    ///
    /// # Errors
    /// [`Error::Value`] for more than six runs, [`Error::Figure`] when they can't be drawn.
    pub fn plot(&self) -> Result<Figure> {
        if self.len() > Colour::ALL.len() {
            let hint = "Choose some with only(&[…]).";
            return Err(Error::value("the number of runs in one plot", self.len(), "at most 6", hint));
        }
        let panel = |title: &str, unit: &str, value: fn(&Step) -> f32| {
            let lines = self.entries.iter().zip(Colour::ALL);
            lines.fold(Panel::new(title, unit), |panel, (entry, colour)| {
                panel.line(&entry.name, pieces(&entry.history.steps, value), colour)
            })
        };
        let panels = [
            panel("Pérdida del generador", "nats", |s| s.g_loss),
            panel("Aciertos del discriminador con reales", "aciertos (%)", |s| 100.0 * s.d_acc_real)
                .reference(50.0, "azar")
                .y_range(0.0, 100.0),
            panel("Aciertos del discriminador con generadas", "aciertos (%)", |s| 100.0 * s.d_acc_fake)
                .reference(50.0, "azar")
                .y_range(0.0, 100.0),
        ];
        let each = self.entries.iter().map(|entry| {
            let [loss, real, fake] =
                [|s: &Step| s.g_loss, |s: &Step| 100.0 * s.d_acc_real, |s: &Step| 100.0 * s.d_acc_fake]
                    .map(|value| mean(entry.history.last_tenth(), value));
            format!("{}: {loss:.2}, {real:.0} % y {fake:.0} %", entry.name)
        });
        let alt = format!(
            "Pérdida del generador y aciertos del discriminador con reales y con generadas de {} ensayos. Al final, {}.",
            self.len(),
            each.collect::<Vec<_>>().join("; ")
        );
        curves("", "iteración", &panels, &alt)
    }

    /// What each run's own generator makes of the first 16 of the run's fixed noise, side by side.
    ///
    /// # Errors
    /// As [`Run::models`](super::Run::models).
    pub fn grids(&self) -> Result<Film> {
        let mut figures = Vec::new();
        for entry in &self.entries {
            let (generator, _) = entry.run.models()?;
            let z = fixed_noise(entry.config.gan.seed, &generator)?.f_narrow(0, 0, SIDE * SIDE)?;
            let own = self.own_settings(entry);
            let caption = if own.is_empty() { entry.name.clone() } else { format!("{} ({own})", entry.name) };
            let alt = format!("Cuadrícula de 4 por 4 imágenes generadas en el ensayo {caption}");
            let grid = ImageGrid::new(SIDE as usize).scale(SCALE).gap(2).alt(alt);
            figures.push((caption, grid.draw(&generator.predict(&z)?)?));
        }
        Ok(film(&figures))
    }

    /// Called by evcxr for a cell's last expression.
    pub fn evcxr_display(&self) {
        self.table().evcxr_display();
    }
}

fn pieces(steps: &[Step], value: fn(&Step) -> f32) -> Vec<(f64, f64)> {
    let points: Vec<_> = steps.iter().enumerate().map(|(i, step)| (i as f64, f64::from(value(step)))).collect();
    means_of_pieces(&points, POINTS)
}
