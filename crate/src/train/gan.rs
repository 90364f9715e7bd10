//! The algorithm: two networks, and the game that trains them (Goodfellow et al. 2014).

use super::{
    Batch, Game, GanConfig, History, MetricList, Metrics, Notice, Parts, Quantity, Streams, Trainer, one_sided,
};
use crate::Result;
use crate::data::Dataset;
use crate::loss::cross_entropy::binary_crossentropy_to;
use crate::loss::{binary_accuracy, binary_crossentropy};
use crate::nn::{Adam, MovingAverage, Sequential};
use crate::platform::setting::Setting;
use std::cell::Cell;
use std::f64::consts::LN_2;
use tch::{Tensor, no_grad};

/// The generator's name, and that of its average.
pub(crate) const GENERATOR: &str = "generator";
pub(crate) const AVERAGE: &str = "generator_average";

/// The tutorial's generator and discriminator in training.
///
/// ```
/// use gan_nb::{data::Shapes, train::{Gan, GanConfig}};
/// # fn main() -> gan_nb::Result<()> {
/// let x_train = Shapes::generate(64, 1)?;
/// let mut gan = Gan::new(GanConfig::tutorial())?;
/// let history = gan.train_gan(&x_train, 1, 8, 1)?; // one iteration, 8 images a batch
/// assert_eq!(history.len(), 1);
/// # Ok(())
/// # }
/// ```
pub type Gan = Trainer<GanGame>;

/// A generator and a discriminator, each with an Adam of its own. With the tutorial's settings it is the tutorial's game, the
/// cross-entropy between what the discriminator says and what it should say; with others [the modern one](Self::train_on_classes).
#[derive(Debug)]
pub struct GanGame {
    /// Noise (B, latent) → images (B, H, W, C).
    pub generator: Sequential,
    /// Images (B, H, W, C) → probability of being real (B, 1).
    pub discriminator: Sequential,
    /// Holds the discriminator's weights and no others.
    pub d_optimizer: Adam,
    /// Holds the generator's weights and no others.
    pub g_optimizer: Adam,
    /// Follows the generator, and draws the samples, where the settings ask for it.
    pub average: Option<MovingAverage>,
    /// Iterations done, where they decide what comes next.
    pub(super) iterations: u64,
    /// The number of steps of the average whose batch normalizations were measured last.
    pub(super) measured_at: Cell<u64>,
    pub(super) config: GanConfig,
    /// What the discriminator should say of photos; the config has what it was in the beginning.
    pub(super) real_label: Setting,
}

impl GanGame {
    /// Its names in config.json: with the tutorial's settings, and with others.
    pub const NAMES: [&str; 2] = ["cross_entropy_gan", "modern_gan"];

    /// The settings that the run began with. (What an optimizer changes since is asked of it:
    /// `gan.g_optimizer.set_learning_rate(1e-4)?`.)
    pub fn config(&self) -> &GanConfig {
        &self.config
    }

    /// What the discriminator is to say of photos from the next iteration on.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) unless it is above 0.5 and at most 1; it then stays as it was.
    pub fn set_real_label(&mut self, real_label: f64) -> Result<()> {
        GanConfig { real_label, ..self.config.clone() }.validate()?;
        self.real_label.set(real_label);
        Ok(())
    }

    /// What the discriminator is to say of photos now.
    pub fn real_label(&self) -> f64 {
        self.real_label.get()
    }

    /// What an iteration records. At balance either half of the discriminator's loss is ln 2 and its accuracies are 50 %.
    pub fn metric_list() -> MetricList {
        let list = MetricList::default().loss("d_loss_real").accuracy("d_acc_real");
        let list = list.loss("d_loss_fake").accuracy("d_acc_fake").loss("g_loss").unit("cross-entropy (nats)");
        list.reference(Quantity::Loss, LN_2, "ln 2").reference(Quantity::Accuracy, 0.5, "chance")
    }

    /// One iteration, exactly the tutorial's: the discriminator learns from a batch of real images and then from
    /// one of fakes, the generator from what the discriminator says of another.
    ///
    /// # Shapes
    /// `real`: (B, H, W, C) in [−1, 1]; `z_d`, `z_g`: (B, latent), the noise for each half
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) when a tensor does not fit its network.
    pub fn train_on_batch(&mut self, real: &Tensor, z_d: &Tensor, z_g: &Tensor) -> Result<Metrics> {
        // The discriminator's half. The generator only works here, it does not learn: nothing is recorded.
        let fake = no_grad(|| self.generator.forward(z_d, self.config.fakes_in_training_mode))?;

        let real_logits = self.discriminator.logits(real, true)?;
        let d_loss_real = binary_crossentropy_to(&self.real_label.on(real.device())?, &real_logits)?; // −log D(x)
        self.d_optimizer.minimize(&d_loss_real)?;

        let fake_logits = self.discriminator.logits(&fake, true)?;
        let d_loss_fake = binary_crossentropy(0.0, &fake_logits)?; // −log(1 − D(G(z)))
        self.d_optimizer.minimize(&d_loss_fake)?;

        // The generator's half: gradients pass through the discriminator, but move only the generator.
        let g_logits = self.discriminator.logits(&self.generator.forward(z_g, true)?, true)?;
        let g_loss = binary_crossentropy(1.0, &g_logits)?; // −log D(G(z))
        self.g_optimizer.minimize(&g_loss)?;

        Metrics::of(&[
            ("d_loss_real", &d_loss_real),
            ("d_acc_real", &binary_accuracy(1.0, &real_logits)?),
            ("d_loss_fake", &d_loss_fake),
            ("d_acc_fake", &binary_accuracy(0.0, &fake_logits)?),
            ("g_loss", &g_loss),
        ])
    }
}

impl Game for GanGame {
    fn name(&self) -> &str {
        Self::NAMES[usize::from(self.is_modern())]
    }

    fn settings(&self) -> Result<serde_json::Value> {
        self.config.to_json()
    }

    fn parts(&mut self) -> Parts<'_> {
        let is_modern = self.is_modern();
        let networks = Parts::new(&mut self.generator).network(&mut self.discriminator);
        let parts =
            networks.optimizer("d_optimizer", &mut self.d_optimizer).optimizer("g_optimizer", &mut self.g_optimizer);
        let parts = if is_modern { parts.counter("iterations", &mut self.iterations) } else { parts };
        match &mut self.average {
            None => parts,
            Some(average) => parts.network(&mut average.model).counter("average_steps", &mut average.steps),
        }
    }

    fn metrics(&self) -> MetricList {
        if self.is_modern() { Self::modern_metric_list() } else { Self::metric_list() }
    }

    fn step(&mut self, batch: &Batch, random: &mut Streams) -> Result<Metrics> {
        if self.is_modern() {
            return self.train_on_classes(batch, random);
        }
        let shape = [&batch.images.size()[..1], self.generator.input_shape()].concat();
        let (z_d, z_g) =
            (random.noise(&shape, self.generator.device())?, random.noise(&shape, self.generator.device())?);
        self.train_on_batch(&batch.images, &z_d, &z_g)
    }

    fn kind_of_iteration(&self) -> Option<u64> {
        Some(u64::from(self.is_penalized()))
    }

    fn latent_shape(&self) -> Vec<i64> {
        self.generator.input_shape().to_vec()
    }

    fn sample(&self, z: &Tensor) -> Result<Tensor> {
        self.draw(z, None)
    }

    /// Of networks that are told the class, as many as make a square grid whose columns have a class each.
    fn sample_count(&self) -> usize {
        const SIDE: usize = 5;
        match usize::try_from(self.config.modern.classes) {
            Ok(classes @ 2..=10) => (classes * SIDE.div_ceil(classes)).pow(2),
            _ => SIDE * SIDE,
        }
    }

    /// The tutorial's line, with the two accuracies apart at its end: their mean hides a 0 % beside a 100 %.
    fn log_line(&self, history: &History, iteration: usize) -> String {
        // Of a modern game there are three numbers, whose names say what they are.
        let [d_loss_real, d_acc_real, d_loss_fake, d_acc_fake, g_loss] = history.row(iteration)[..] else {
            return history.log_line(iteration);
        };
        let (d_loss, d_accuracy) = (0.5 * (d_loss_real + d_loss_fake), 50.0 * (d_acc_real + d_acc_fake));
        let (real, fake) = (100.0 * d_acc_real, 100.0 * d_acc_fake);
        format!(
            "{iteration} [D loss: {d_loss:.4} | D accuracy: {d_accuracy:.1}] [G loss: {g_loss:.4}] \
             (real {real:.0} %, fake {fake:.0} %)"
        )
    }

    fn check_data(&self, x_train: &Dataset) -> Result<()> {
        self.check_fit(x_train)
    }

    fn warning(&self, history: &History) -> Option<Notice> {
        let decay_to = self.config.modern.decay_to;
        if decay_to > 0 && history.len() as u64 > decay_to {
            return Some(Notice::RatesAreZero { iteration: decay_to });
        }
        match self.is_modern() {
            false => one_sided(history, "d_acc_real", "d_acc_fake"),
            true => one_sided(history, "d_acc", "d_acc"),
        }
    }
}
