//! What a run has to say besides its numbers.

use std::fmt;
use std::path::PathBuf;

/// Said once, to the [observer](super::Observer). It ends nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// The generator makes nearly the same image of any noise.
    Collapse {
        /// How many iterations were done when it was seen.
        iteration: usize,
        /// How much its images differ from each other, as a fraction of how much photos do.
        spread: f64,
    },
    /// The discriminator's answers have long been all right or all the same, so that the generator learns nothing of them.
    OneSided {
        /// How many iterations were done when it was seen.
        iteration: usize,
        /// For how many of them it had been so.
        lasted: usize,
        /// The fraction of photos that it took for photos in that time,
        d_acc_real: f64,
        /// and that of fakes that it took for fakes.
        d_acc_fake: f64,
    },
    /// There was another run in the folder; it was given another name.
    SetAside {
        /// The run's folder.
        folder: PathBuf,
        /// Where the other is now.
        to: PathBuf,
    },
    /// A checkpoint is damaged; the run goes on from an older one.
    Damaged {
        /// What is wrong with it.
        reason: String,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Collapse { iteration, spread } => write!(
                f,
                "After {iteration} iterations the generator makes nearly the same image of any noise: its images differ by \
                 {:.1} % of what photos do. This is called mode collapse. A smaller learning_rate, beta_1 = 0.5 or another \
                 seed may help.",
                100.0 * spread
            ),
            Self::OneSided { iteration, lasted, d_acc_real, d_acc_fake } => write!(
                f,
                "After {iteration} iterations: for {lasted} now the discriminator has been right about {:.0} % of the photos \
                 and {:.0} % of the fakes. {} It may recover; if not, weaken the discriminator's learning (a smaller \
                 learning_rate, real_label = 0.9).",
                100.0 * d_acc_real,
                100.0 * d_acc_fake,
                if *d_acc_real > 0.5 && *d_acc_fake > 0.5 {
                    "It tells all apart, and the generator learns little of judgements that never waver."
                } else {
                    "It says the same of everything, and the generator learns nothing of that."
                }
            ),
            Self::SetAside { folder, to } => {
                write!(f, "There was another run in {}: it is in {} now.", folder.display(), to.display())
            }
            Self::Damaged { reason } => write!(f, "{reason} Going on from an older checkpoint."),
        }
    }
}

impl Notice {
    /// The same in the lesson's language.
    pub(crate) fn in_spanish(&self) -> String {
        match self {
            Self::Collapse { iteration, spread } => format!(
                "Aviso: tras {iteration} iteraciones el generador hace casi la misma imagen con cualquier ruido; sus imágenes \
                 se diferencian entre sí un {:.1} % de lo que se diferencian las fotos. Es el colapso de modos: ha encontrado \
                 un dibujo que engaña al discriminador y lo repite. Prueba con un learning_rate menor, con beta_1 = 0.5 o con \
                 otra semilla.",
                100.0 * spread
            ),
            Self::OneSided { iteration, lasted, d_acc_real, d_acc_fake } => format!(
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
            Self::SetAside { folder, to } => {
                format!("En {} había otro entrenamiento; ahora está en {}.", folder.display(), to.display())
            }
            Self::Damaged { reason } => {
                format!("Un punto de control está dañado ({reason}). Se sigue desde el anterior.")
            }
        }
    }
}
