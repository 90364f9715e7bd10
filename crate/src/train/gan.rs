//! The algorithm: two networks, and the game that trains them (Goodfellow et al. 2014).

use super::{
    GanConfig, History, Losses, Observer, Training, batch_memory as memory, cap_steps, fixed_noise, health::Watch,
};
use crate::data::Dataset;
use crate::loss::binary_crossentropy;
use crate::models::{build_discriminator, build_generator_with};
use crate::nn::{Adam, Optimizer, Sequential};
use crate::progress::NotebookObserver;
use crate::runs::Run;
use crate::{Error, Result, random};
use std::time::Instant;
use tch::{Tensor, no_grad};

/// A generator and a discriminator, and what it takes to train them against each other.
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
#[derive(Debug)]
pub struct Gan {
    /// Noise (B, latent) → images (B, H, W, C).
    pub generator: Sequential,
    /// Images (B, H, W, C) → probability of being real (B, 1).
    pub discriminator: Sequential,
    /// Holds the discriminator's weights and no others.
    pub d_optimizer: Adam,
    /// Holds the generator's weights and no others.
    pub g_optimizer: Adam,
    /// The run's settings.
    pub config: GanConfig,
    /// Noise (25, latent) for samples, the same for the whole run.
    pub fixed_z: Tensor,
    /// What the last run gave, whole or stopped.
    pub history: History,
    pub(crate) batches: random::Stream,
    pub(crate) noise: random::Stream,
    pub(crate) sample_noise: random::Stream,
    /// After how many steps of the generator pictures were last made.
    pub(crate) sampled_at: Option<u64>,
    /// Where the training is kept.
    pub(crate) run: Option<Run>,
}

impl Gan {
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
    /// [`Error::Value`] for settings out of range, [`Error::Shape`] when the discriminator does not take what the
    /// generator makes.
    pub fn compile(generator: Sequential, mut discriminator: Sequential, mut config: GanConfig) -> Result<Self> {
        config.validate()?;
        if let [latent_dim] = *generator.input_shape() {
            config.latent_dim = latent_dim;
        }
        if generator.output_shape() != discriminator.input_shape() {
            return Err(Error::Shape {
                layer: discriminator.name().into(),
                found: crate::nn::keras_shape(generator.output_shape()),
                expected: crate::nn::keras_shape(discriminator.input_shape()),
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
        let stream = |purpose| random::stream(config.seed, purpose);
        let fixed_z = fixed_noise(config.seed, &generator)?;
        let (batches, noise, sample_noise) = (stream("batches"), stream("noise"), stream("samples"));
        let history = History::default();
        Ok(Self {
            generator,
            discriminator,
            d_optimizer,
            g_optimizer,
            config,
            fixed_z,
            history,
            batches,
            noise,
            sample_noise,
            sampled_at: None,
            run: None,
        })
    }

    /// Trains in mixed precision from now on: both networks compute in 16 bits where that does no harm, and both optimizers
    /// scale their losses.
    pub fn mixed_precision(mut self) -> Self {
        self.set_mixed_precision();
        self
    }

    pub(crate) fn set_mixed_precision(&mut self) {
        for network in [&mut self.generator, &mut self.discriminator] {
            network.set_mixed_precision(true);
        }
        self.d_optimizer.scale_loss();
        self.g_optimizer.scale_loss();
    }

    /// One iteration, exactly the tutorial's: the discriminator learns from a batch of real images and then from
    /// one of fakes, the generator from what the discriminator says of another.
    ///
    /// # Shapes
    /// `real`: (B, H, W, C) in [−1, 1]; `z_d`, `z_g`: (B, latent), the noise for each half
    ///
    /// # Errors
    /// [`Error::Shape`] when a tensor does not fit its network.
    pub fn train_on_batch(&mut self, real: &Tensor, z_d: &Tensor, z_g: &Tensor) -> Result<Losses> {
        let start = Instant::now();

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

        Losses::of(&d_loss_real, &real_logits, &d_loss_fake, &fake_logits, &g_loss, start)
    }

    /// Draws a batch and two lots of noise from the run's seed and trains on them once.
    ///
    /// # Errors
    /// [`Error::Value`] when `batch_size` is 0 or larger than the data, [`Error::Memory`] when there is no room for it.
    pub fn train_iteration(&mut self, x_train: &Dataset, batch_size: usize) -> Result<Losses> {
        let mut train = || {
            let real = self.real_batch(x_train, batch_size)?;
            let (z_d, z_g) = (self.noise(batch_size)?, self.noise(batch_size)?);
            self.train_on_batch(&real, &z_d, &z_g)
        };
        train().map_err(|error| Error::of_batch(batch_size, error))
    }

    /// Begins a run of so many iterations, or goes on with one of the same numbers that was stopped early, be it in memory or
    /// in the folder that the training is [kept in](Self::keep_in).
    ///
    /// # Errors
    /// [`Error::Value`] for a count of 0 or a `batch_size` larger than the data, [`Error::Memory`] for one that can't fit,
    /// [`Error::Io`] or [`Error::File`] when the folder can't be used.
    pub fn begin<'a>(
        &mut self,
        x_train: &Dataset,
        iterations: usize,
        batch_size: usize,
        sample_interval: usize,
        observer: &'a mut dyn Observer,
    ) -> Result<Training<'a>> {
        let iterations = cap_steps(iterations)?;
        History::new(iterations, sample_interval)?;
        x_train.check_batch_size(batch_size)?;
        memory::check_batch(&self.generator, &self.discriminator, batch_size)?;
        let keeper = self.open_run(x_train, [iterations, batch_size, sample_interval], observer)?;
        Training::begin(&self.history, iterations, sample_interval, observer, Watch::new(x_train)?, keeper)
    }

    /// Trains, printing a log line and showing a 5 × 5 grid every `sample_interval` iterations.
    ///
    /// Called again, the networks go on from where they were: after the stop button with what was left of the run,
    /// else with as many iterations more.
    ///
    /// # Errors
    /// [`Error::Value`] for a count of 0 or a `batch_size` larger than the data, [`Error::Memory`] for one without room.
    pub fn train_gan(
        &mut self,
        x_train: &Dataset,
        iterations: usize,
        batch_size: usize,
        sample_interval: usize,
    ) -> Result<History> {
        let mut observer = NotebookObserver::default();
        self.train_observed(x_train, iterations, batch_size, sample_interval, &mut observer)
    }

    /// The same, telling an observer of your own.
    ///
    /// # Errors
    /// As [`train_gan`](Self::train_gan), and the observer's.
    pub fn train_observed(
        &mut self,
        x_train: &Dataset,
        iterations: usize,
        batch_size: usize,
        sample_interval: usize,
        observer: &mut dyn Observer,
    ) -> Result<History> {
        let mut run = self.begin(x_train, iterations, batch_size, sample_interval, observer)?;
        let outcome = self.play(&mut run, x_train, batch_size);
        self.history = run.history().clone(); // also of a run that an error ended
        outcome.map(|()| self.history.clone())
    }

    fn play(&mut self, run: &mut Training, x_train: &Dataset, batch_size: usize) -> Result<()> {
        while run.goes_on() {
            run.record(self.train_iteration(x_train, batch_size)?)?;
            if run.sample_is_due() {
                run.show(&self.sample_images()?)?;
            }
            run.keep(self)?;
        }
        run.close()
    }
}
