//! The algorithm: two networks, and the game that trains them (Goodfellow et al. 2014).

use super::{
    Batch, Game, GanConfig, History, MetricList, Metrics, Notice, Parts, Quantity, Streams, Trainer, one_sided,
};
use crate::loss::{binary_accuracy, binary_crossentropy};
use crate::models::{build_discriminator, build_generator_with};
use crate::nn::{Adam, Sequential, keras_shape};
use crate::{Error, Result};
use std::f64::consts::LN_2;
use tch::{Tensor, no_grad};

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
pub type Gan = Trainer<CrossEntropyGan>;

/// The tutorial's game: a generator and a discriminator, each with an Adam of its own, and the cross-entropy between what
/// the discriminator says and what it should say.
#[derive(Debug)]
pub struct CrossEntropyGan {
    /// Noise (B, latent) → images (B, H, W, C).
    pub generator: Sequential,
    /// Images (B, H, W, C) → probability of being real (B, 1).
    pub discriminator: Sequential,
    /// Holds the discriminator's weights and no others.
    pub d_optimizer: Adam,
    /// Holds the generator's weights and no others.
    pub g_optimizer: Adam,
    config: GanConfig,
}

impl CrossEntropyGan {
    /// Its name in config.json.
    pub const NAME: &str = "cross_entropy_gan";

    /// The settings that the run began with. (What an optimizer changes since is asked of it:
    /// `gan.g_optimizer.set_learning_rate(1e-4)?`.)
    pub fn config(&self) -> &GanConfig {
        &self.config
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
    /// [`Error::Shape`] when a tensor does not fit its network.
    pub fn train_on_batch(&mut self, real: &Tensor, z_d: &Tensor, z_g: &Tensor) -> Result<Metrics> {
        // The discriminator's half. The generator only works here, it does not learn: nothing is recorded.
        let fake = no_grad(|| self.generator.forward(z_d, self.config.fakes_in_training_mode))?;

        let real_logits = self.discriminator.logits(real, true)?;
        let d_loss_real = binary_crossentropy(self.config.real_label, &real_logits)?; // −log D(x)
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

impl Game for CrossEntropyGan {
    fn name(&self) -> &str {
        Self::NAME
    }

    fn settings(&self) -> Result<serde_json::Value> {
        self.config.to_json()
    }

    fn parts(&mut self) -> Parts<'_> {
        let networks = Parts::new(&mut self.generator).network(&mut self.discriminator);
        networks.optimizer("d_optimizer", &mut self.d_optimizer).optimizer("g_optimizer", &mut self.g_optimizer)
    }

    fn metrics(&self) -> MetricList {
        Self::metric_list()
    }

    fn step(&mut self, batch: &Batch, random: &mut Streams) -> Result<Metrics> {
        let shape = [&batch.images.size()[..1], self.generator.input_shape()].concat();
        let (z_d, z_g) =
            (random.noise(&shape, self.generator.device())?, random.noise(&shape, self.generator.device())?);
        self.train_on_batch(&batch.images, &z_d, &z_g)
    }

    fn latent_shape(&self) -> Vec<i64> {
        self.generator.input_shape().to_vec()
    }

    fn sample(&self, z: &Tensor) -> Result<Tensor> {
        self.generator.predict(z)
    }

    /// The tutorial's line, with the two accuracies apart at its end: their mean hides a 0 % beside a 100 %.
    fn log_line(&self, history: &History, iteration: usize) -> String {
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

    fn warning(&self, history: &History) -> Option<Notice> {
        one_sided(history, "d_acc_real", "d_acc_fake")
    }
}

impl Trainer<CrossEntropyGan> {
    /// The tutorial's two networks with these settings.
    ///
    /// # Errors
    /// [`Error::Value`] for settings out of range.
    pub fn new(config: GanConfig) -> Result<Self> {
        config.validate()?;
        let generator = build_generator_with(config.seed, config.latent_dim, config.batch_norm_momentum)?;
        Self::compile(generator, build_discriminator(config.seed)?, config)
    }

    /// Joins two networks of your own: the tutorial's two `compile` calls. The config's `latent_dim` becomes what this
    /// generator takes.
    ///
    /// # Errors
    /// [`Error::Value`] for settings out of range or two networks of one name, [`Error::Shape`] when the discriminator does
    /// not take what the generator makes.
    pub fn compile(generator: Sequential, mut discriminator: Sequential, mut config: GanConfig) -> Result<Self> {
        config.validate()?;
        if let [latent_dim] = *generator.input_shape() {
            config.latent_dim = latent_dim;
        }
        if generator.output_shape() != discriminator.input_shape() {
            return Err(Error::Shape {
                layer: discriminator.name().into(),
                found: keras_shape(generator.output_shape()),
                expected: keras_shape(discriminator.input_shape()),
                hint: "Make the generator's last layer and the discriminator's input agree.".into(),
            });
        }
        let adam = |weights| Adam::new(weights).learning_rate(config.learning_rate).beta_1(config.beta_1);
        let d_optimizer = adam(discriminator.trainable_weights());
        // Frozen from here on for the second optimizer; the first has its weights already, as in Keras 2.
        discriminator.set_trainable(false);
        let mut trainable = generator.trainable_weights();
        trainable.extend(discriminator.trainable_weights()); // none
        let g_optimizer = adam(trainable);
        let seed = config.seed;
        Self::of(CrossEntropyGan { generator, discriminator, d_optimizer, g_optimizer, config }, seed)
    }
}
