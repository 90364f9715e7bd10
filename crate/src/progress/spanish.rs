//! The lesson's words: counts and times, the names of what is recorded, and what a run has to say.

use crate::Error;
use crate::data::{Cifar10, Skipped};
use crate::display::{Colour, number};
use crate::train::{MetricList, Notice, Quantity};
use std::path::Path;

/// 10000 → `10 000`
pub(crate) fn count(iterations: usize) -> String {
    number(iterations as f64, 0)
}

/// 754 s → `12 min 34 s`
pub(crate) fn duration(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {:02} s", seconds % 60),
        _ => format!("{hours} h {minutes:02} min"),
    }
}

/// How the lesson calls a metric.
pub(crate) struct Name<'a> {
    /// Its place in the game's list.
    pub place: usize,
    /// In a plot of its own quantity: `discriminador, reales`.
    pub in_plot: &'a str,
    /// Beside the panel's small curve: `D, reales`.
    pub in_panel: &'a str,
    /// At the head of a column: `aciertos, reales`.
    pub in_table: &'a str,
    pub colour: Colour,
    /// Whether runs are compared by it: the two losses of a discriminator say less than its accuracies.
    pub is_compared: bool,
}

/// The metrics of the tutorial's game and of the modern one in the order in which the lesson shows them: name, in plots, in the
/// panel, in tables.
const KNOWN: [(&str, [&str; 3], Colour, bool); 7] = [
    ("g_loss", ["generador", "G", "pérdida de G"], Colour::Blue, true),
    ("d_loss", ["discriminador", "D", "pérdida de D"], Colour::Vermillion, false),
    ("d_loss_real", ["discriminador, reales", "D, reales", "D, reales"], Colour::Vermillion, false),
    ("d_loss_fake", ["discriminador, generadas", "D, generadas", "D, generadas"], Colour::Green, false),
    ("d_acc", ["parejas", "D", "aciertos de D"], Colour::Vermillion, true),
    ("d_acc_real", ["reales", "D, reales", "aciertos, reales"], Colour::Vermillion, true),
    ("d_acc_fake", ["generadas", "D, generadas", "aciertos, generadas"], Colour::Green, true),
];

/// The metrics of one quantity: the tutorial's as the lesson calls them, any other by the name that its game gives.
pub(crate) fn names(metrics: &MetricList, quantity: Quantity) -> Vec<Name<'_>> {
    let of: Vec<(usize, &str)> = metrics.of(quantity).collect();
    let known = KNOWN.iter().filter_map(|(name, words, colour, is_compared)| {
        let (place, _) = of.iter().find(|(_, other)| other == name)?;
        let [in_plot, in_panel, in_table] = *words;
        Some(Name { place: *place, in_plot, in_panel, in_table, colour: *colour, is_compared: *is_compared })
    });
    let mut names: Vec<Name> = known.collect();
    let free = Colour::ALL.into_iter().filter(|colour| !names.iter().any(|name| name.colour == *colour));
    let colours: Vec<Colour> = free.collect();
    let others = of.iter().filter(|(_, name)| !KNOWN.iter().any(|known| known.0 == *name));
    for ((place, name), colour) in others.zip(colours.into_iter().chain(Colour::ALL.into_iter().cycle())) {
        let place = *place;
        names.push(Name { place, in_plot: name, in_panel: name, in_table: name, colour, is_compared: true });
    }
    names
}

/// The unit of an axis, or what stands beside a line, as the lesson calls it.
pub(crate) fn word(english: &str) -> &str {
    match english {
        "cross-entropy (nats)" => "entropía cruzada (nats)",
        "chance" => "azar",
        "" => "pérdida",
        other => other,
    }
}

/// The panel's row of a metric, without which images it is of; and the same in a sentence.
pub(crate) fn row(name: &str) -> [&str; 2] {
    match name {
        "d_loss" | "d_loss_real" => ["D, pérdida", "pérdida de D"],
        "d_acc" | "d_acc_real" => ["D, aciertos", "aciertos de D"],
        "g_loss" => ["G, pérdida", "pérdida de G"],
        other => [other; 2],
    }
}

/// A loss within a sentence: `pérdida del discriminador con las reales`.
fn loss_in_words(name: &str) -> String {
    match name {
        "g_loss" => "pérdida del generador".into(),
        "d_loss" => "pérdida del discriminador".into(),
        "d_loss_real" => "pérdida del discriminador con las reales".into(),
        "d_loss_fake" => "pérdida del discriminador con las generadas".into(),
        other => format!("pérdida {other}"),
    }
}

/// That drawn shapes take the place of CIFAR-10: why, and what to do for the photos.
pub(crate) fn shapes(reason: &Error, folder: Option<&Path>) -> String {
    let answer = match reason {
        Error::Download { url, found, .. } => format!("«{url}: {found}»"),
        other => format!("«{other}»"),
    };
    let by_hand = folder.map_or(String::new(), |folder| {
        format!(", o deja {} ({}) en {}", Cifar10::ARCHIVE, Cifar10::URL, folder.display())
    });
    format!(
        "Aviso: no hay CIFAR-10 en este equipo y no se ha podido descargar: {answer}. En lugar de CIFAR-10 se usarán figuras \
             dibujadas: todo funciona igual, pero lo que aprenden las redes no son fotos. Para tener las fotos, conéctate a la \
             red y vuelve a ejecutar esta celda{by_hand}."
    )
}

/// That photos were left out: the first few, and where all of them are.
pub(crate) fn skipped(files: &[Skipped], taken: usize) -> String {
    const SHOWN: usize = 3;
    let shown = files.iter().take(SHOWN).map(|Skipped { file, reason }| format!("{file} ({reason})"));
    let shown = shown.collect::<Vec<_>>().join(", ");
    let count = match files.len() {
        1 => "1 archivo no se ha podido leer".into(),
        many => format!("{} archivos no se han podido leer", count(many)),
    };
    let more = match files.len().saturating_sub(SHOWN) {
        0 => ".".into(),
        more => format!(" y {} más: skipped() los nombra todos.", self::count(more)),
    };
    format!("Aviso: {count} y {} fotos sí: {shown}{more}", self::count(taken))
}

/// That prepared photos are not in the cache.
pub(crate) fn not_kept(reason: &Error) -> String {
    format!("Aviso: las fotos ya preparadas no se han podido guardar, y la próxima vez se leerán de nuevo: {reason}")
}

/// In the panel, from the press of the stop button to the end of the iteration under way.
pub(crate) const STOPPING: &str = "se detiene al acabar la iteración; pulsa otra vez para cortar";

/// The same as a line of its own.
pub(crate) fn stopping() -> String {
    format!("El entrenamiento {STOPPING}.")
}

/// How to go on if the process ends and takes the variables along.
pub(crate) fn if_lost(folder: &Path, iteration: usize) -> String {
    format!(
        "El último punto de control guardado está en {} (iteración {}): vuelve a ejecutar las celdas que crean las redes y la \
             que las entrena, y el entrenamiento seguirá desde ahí.",
        folder.display(),
        count(iteration)
    )
}

/// How a run that was stopped ends.
pub(crate) fn stopped(done: usize, planned: usize) -> String {
    format!("Detenido tras {} de {} iteraciones. Lo aprendido hasta aquí se conserva.", count(done), count(planned))
}

/// What a run has to say.
pub(crate) fn notice(notice: &Notice) -> String {
    match notice {
        Notice::Collapse { iteration, spread } => format!(
            "Aviso: tras {iteration} iteraciones el generador hace casi la misma imagen con cualquier ruido; sus imágenes \
                 se diferencian entre sí un {:.1} % de lo que se diferencian las fotos. Es el colapso de modos: ha encontrado \
                 un dibujo que engaña al discriminador y lo repite. Prueba con un learning_rate menor, con beta_1 = 0.5 o con \
                 otra semilla.",
            100.0 * spread
        ),
        Notice::OneSided { iteration, lasted, d_acc_real, d_acc_fake } => format!(
            "Aviso: tras {iteration} iteraciones, el discriminador lleva {lasted} acertando un {:.0} % de las fotos y un \
                 {:.0} % de las generadas. {} Puede que se recupere; si no, frénalo un poco: un learning_rate menor o \
                 real_label = 0.9.",
            100.0 * d_acc_real,
            100.0 * d_acc_fake,
            if *d_acc_real > 0.5 && *d_acc_fake > 0.5 {
                "Lo distingue todo, y de un juez que nunca duda el generador aprende poco."
            } else {
                "Dice siempre lo mismo, y de eso el generador no aprende nada."
            }
        ),
        Notice::Exploded { iteration, name, mean } => format!(
            "Aviso: tras {iteration} iteraciones, la {} se ha disparado: vale {mean:.1e}, muy lejos de lo normal. Con pasos tan \
                 grandes no se aprende nada. Empieza de nuevo con un learning_rate mucho menor (el del tutorial es 1e-3; el de \
                 DCGAN, 2e-4).",
            loss_in_words(name)
        ),
        Notice::RatesAreZero { iteration } => format!(
            "Aviso: desde la iteración {} las tasas de aprendizaje valen 0 y ya no se aprende nada. Para entrenar más, empieza \
                 otro ensayo cuyas tasas bajen más tarde (GanConfig::decay).",
            count(*iteration as usize)
        ),
        Notice::SetAside { folder, to } => {
            format!("En {} había otro entrenamiento; ahora está en {}.", folder.display(), to.display())
        }
        Notice::Damaged { reason } => {
            format!("Un punto de control está dañado ({reason}). Se sigue desde el anterior.")
        }
        Notice::AlreadyTrained { done } => format!(
            "Este entrenamiento ya estaba hecho: {} iteraciones. Pide más iteraciones para alargarlo.",
            count(*done)
        ),
        Notice::Branched { iteration, to } => format!(
            "Se sigue desde la iteración {}; los puntos de control posteriores quedan en {}.",
            count(*iteration),
            to.display()
        ),
        Notice::Capped { planned, cap } => {
            format!("GAN_NB_MAX_STEPS está puesta: {} iteraciones en lugar de {}.", count(*cap), count(*planned))
        }
        Notice::NotKept { folder } => format!(
            "GAN_NB_MAX_STEPS está puesta y en {} hay otro entrenamiento: este ensayo no se guarda.",
            folder.display()
        ),
        Notice::NotRecorded { why } => format!(
            "Aviso: cada paso de la iteración se pide a la GPU por separado, lo que va más despacio que una iteración grabada \
                 entera: {why}."
        ),
        Notice::Warning(words) => words.clone(),
    }
}

#[cfg(test)]
#[path = "spanish_tests.rs"]
mod tests;
