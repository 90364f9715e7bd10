//! Several runs in one table, one plot and one row of pictures. The words in them are Spanish: they belong to the
//! lesson.

use crate::display::{Colour, Figure, Film, ImageGrid, Panel, Table, brief, curves, film, means_of_pieces};
use crate::progress::spanish::{self, Name, count, duration};
use crate::runs::{Entry, Runs};
use crate::train::{MetricList, Quantity, fixed_noise};
use crate::{Error, Result};

/// A line has so many points at most, each the mean of a piece of the run: raw losses of six runs hide each other.
const POINTS: usize = 40;
/// A grid's images a side, and the enlargement that lets three grids stand side by side.
const SIDE: i64 = 4;
const SCALE: u32 = 2;

impl Runs {
    /// A row for each run: the settings that set it apart, iterations and time, and the means of its metrics over its last
    /// tenth; the Fréchet distance of its last images, where an evaluator measured them; then the [measures](Self::measure). The caption has the usual settings, and what was left out.
    pub fn table(&self) -> Table {
        let metrics = self.metrics();
        let mut columns = ["ensayo", "qué cambia", "iteraciones", "tiempo"].map(String::from).to_vec();
        let names = [Quantity::Loss, Quantity::Accuracy].map(|quantity| spanish::names(&metrics, quantity));
        columns.extend(names.iter().flatten().map(|name| name.in_table.to_string()));
        let is_measured = self.entries.iter().any(|entry| !entry.quality.is_empty());
        if is_measured {
            columns.push("distancia de Fréchet".into());
        }
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
            let own = self.own_settings(entry);
            let mut cells = vec![entry.name.clone(), if own.is_empty() { "—".into() } else { own }];
            cells.extend([count(entry.history.len()), duration(entry.history.seconds())]);
            let mean = |name: &Name| last_mean(entry, &metrics, name);
            cells.extend(names[0].iter().map(|name| mean(name).map_or("—".into(), |loss| format!("{loss:.2}"))));
            let percent = |fraction: f64| format!("{:.0} %", 100.0 * fraction);
            cells.extend(names[1].iter().map(|name| mean(name).map_or("—".into(), percent)));
            if is_measured {
                cells.push(entry.quality.last().map_or("—".into(), |last| brief(last.quality.frechet_distance)));
            }
            cells.extend(entry.measured.iter().map(|value| brief(*value)));
            table = table.row(&cells);
        }
        table
    }

    /// The metrics that runs are compared by over the iterations, a line for each run that has them.
    ///
    /// # Errors
    /// [`Error::Value`] for no runs and for more than six, [`Error::Figure`] when they can't be drawn.
    pub fn plot(&self) -> Result<Figure> {
        if self.is_empty() || self.len() > Colour::ALL.len() {
            let hint = "Choose some with only(&[…]).";
            return Err(Error::value("the number of runs in one plot", self.len(), "1 to 6", hint));
        }
        let metrics = self.metrics();
        let (mut panels, mut words) = (Vec::new(), vec![String::new(); self.len()]);
        for (quantity, scale) in [(Quantity::Loss, 1.0), (Quantity::Accuracy, 100.0)] {
            for name in spanish::names(&metrics, quantity).into_iter().filter(|name| name.is_compared) {
                let title = capitalized(name.in_table);
                let mut panel = match quantity {
                    Quantity::Loss => Panel::new(&title, spanish::word(metrics.loss_unit())),
                    Quantity::Accuracy => Panel::new(&title, "aciertos (%)").y_range(0.0, 100.0),
                };
                for ((entry, colour), words) in self.entries.iter().zip(Colour::ALL).zip(&mut words) {
                    let Some(series) = series(entry, &metrics, &name) else { continue };
                    panel = panel.line(&entry.name, pieces(series, scale), colour);
                    let mean = last_mean(entry, &metrics, &name).unwrap_or(f64::NAN);
                    *words += &format!("; {} {}", name.in_table, brief(scale * mean));
                }
                if quantity == Quantity::Accuracy {
                    let references = metrics.references(quantity);
                    panel =
                        references.fold(panel, |p, line| p.reference(scale * line.value, spanish::word(&line.name)));
                }
                panels.push(panel);
            }
        }
        let each = self.entries.iter().zip(&words).map(|(entry, words)| format!("{}{words}", entry.name));
        let each = each.collect::<Vec<_>>().join(". ");
        let alt = format!("Curvas de {} ensayos. En la última décima parte de cada uno, de media: {each}.", self.len());
        curves("", "iteración", &panels, &alt)
    }

    /// The Fréchet distance of each run's images from real ones over the iterations, a line for each run that was measured.
    ///
    /// # Errors
    /// [`Error::Value`] for none or more than six of them, [`Error::Figure`] when they can't be drawn.
    pub fn plot_quality(&self) -> Result<Figure> {
        let measured: Vec<&Entry> = self.entries.iter().filter(|entry| !entry.quality.is_empty()).collect();
        if measured.is_empty() || measured.len() > Colour::ALL.len() {
            let hint = "Choose some with only(&[…]); Run::evaluate measures those that were not.";
            return Err(Error::value("the number of runs that were measured", measured.len(), "1 to 6", hint));
        }
        let mut panel = Panel::new("Distancia de Fréchet a fotos que la red no vio", "distancia");
        let mut words = Vec::new();
        for (entry, colour) in measured.iter().zip(Colour::ALL) {
            let points = entry.quality.iter().map(|it| (it.iteration as f64, it.quality.frechet_distance));
            let points: Vec<(f64, f64)> = points.collect();
            words.extend(points.last().map(|last| format!("{}: {}", entry.name, brief(last.1))));
            panel = panel.line(&entry.name, points, colour);
        }
        let alt =
            format!("Curvas de {} ensayos, que bajan cuando mejoran. Al final, {}.", words.len(), words.join("; "));
        curves("", "iteración", &[panel], &alt)
    }

    /// What each run's own generator makes of the first 16 of the run's fixed noise, side by side.
    ///
    /// # Errors
    /// As [`Run::models`](crate::runs::Run::models).
    pub fn grids(&self) -> Result<Film> {
        let mut figures = Vec::new();
        for entry in &self.entries {
            let (generator, _) = entry.run.models()?;
            let z = fixed_noise(entry.config.seed, &generator)?.f_narrow(0, 0, SIDE * SIDE)?;
            let own = self.own_settings(entry);
            let caption = if own.is_empty() { entry.name.clone() } else { format!("{} ({own})", entry.name) };
            let alt = format!("Cuadrícula de 4 por 4 imágenes generadas en el ensayo {caption}");
            let grid = ImageGrid::new(SIDE as usize).scale(SCALE).gap(2).alt(alt);
            figures.push((caption, grid.draw(&entry.config.gan()?.draw(&generator, &z, None)?)?));
        }
        Ok(film(&figures))
    }

    /// Called by evcxr for a cell's last expression.
    pub fn evcxr_display(&self) {
        self.table().evcxr_display();
    }

    /// All metrics of all runs: the first run's, and whatever others have besides.
    fn metrics(&self) -> MetricList {
        let mut all = self.entries.first().map(|entry| entry.history.metrics().clone()).unwrap_or_default();
        for metric in self.entries.iter().flat_map(|entry| entry.history.metrics().iter()) {
            if all.place(&metric.name).is_err() {
                all = match metric.quantity {
                    Quantity::Loss => all.loss(&metric.name),
                    Quantity::Accuracy => all.accuracy(&metric.name),
                };
            }
        }
        all
    }
}

/// A metric of a run, if it has that.
fn series<'a>(entry: &'a Entry, metrics: &MetricList, name: &Name) -> Option<&'a [f32]> {
    entry.history.series(metrics.names().nth(name.place)?).ok()
}

/// Its mean over the last tenth.
fn last_mean(entry: &Entry, metrics: &MetricList, name: &Name) -> Option<f64> {
    entry.history.last_mean(metrics.names().nth(name.place)?).ok()
}

/// So many points that lines of several runs can be told apart.
fn pieces(series: &[f32], scale: f64) -> Vec<(f64, f64)> {
    let points = series.iter().enumerate().map(|(i, value)| (i as f64, scale * f64::from(*value)));
    means_of_pieces(&points.collect::<Vec<_>>(), POINTS)
}

/// `pérdida de G` → `Pérdida de G`
fn capitalized(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
