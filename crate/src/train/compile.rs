//! Joins two networks to the game that trains them: the tutorial's two `compile` calls.

use super::gan::{AVERAGE, GENERATOR};
use super::{GanConfig, GanGame, Trainer};
use crate::nn::{Adam, MovingAverage, Schedule, Sequential, keras_shape};
use crate::platform::setting::Setting;
use crate::{Error, Result};
use std::cell::Cell;

impl Trainer<GanGame> {
    /// The two networks that these settings name.
    ///
    /// # Errors
    /// [`Error::Value`] for settings out of range.
    pub fn new(config: GanConfig) -> Result<Self> {
        config.validate()?;
        let average = match config.modern.average {
            0.0 => None,
            _ => Some(config.build_generator(AVERAGE)?),
        };
        Self::join(config.build_generator(GENERATOR)?, config.build_discriminator()?, average, config)
    }

    /// Joins two networks of your own: the tutorial's two `compile` calls. The config's `latent_dim` becomes what this
    /// generator takes.
    ///
    /// # Errors
    /// [`Error::Value`] for settings out of range or two networks of one name, [`Error::Shape`] when the discriminator does
    /// not take what the generator makes.
    pub fn compile(generator: Sequential, discriminator: Sequential, config: GanConfig) -> Result<Self> {
        config.validate()?;
        if config.modern.average > 0.0 {
            let hint = "The average needs a network of its own: set it to 0, or let Gan::new build the networks.";
            return Err(Error::value("GanConfig's average", config.modern.average, "0 for networks of your own", hint));
        }
        Self::join(generator, discriminator, None, config)
    }

    fn join(
        generator: Sequential,
        mut discriminator: Sequential,
        average: Option<Sequential>,
        mut config: GanConfig,
    ) -> Result<Self> {
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
        let GanConfig { learning_rate, beta_1, modern, .. } = config;
        let schedule = match modern.decay_to {
            0 => Schedule::Constant,
            to => Schedule::linear(modern.decay_from, to),
        };
        let adam = |weights, rate| {
            let adam = Adam::new(weights).learning_rate(rate).beta_1(beta_1).beta_2(modern.beta_2);
            adam.schedule(schedule.clone())
        };
        let d_optimizer = adam(discriminator.trainable_weights(), modern.d_learning_rate.unwrap_or(learning_rate));
        // Frozen from here on for the second optimizer; the first has its weights already, as in Keras 2.
        discriminator.set_trainable(false);
        let mut trainable = generator.trainable_weights();
        trainable.extend(discriminator.trainable_weights()); // none
        let g_optimizer = adam(trainable, learning_rate);
        let average = average.map(|average| MovingAverage::new(average, &generator, modern.average)).transpose()?;
        let seed = config.seed;
        let (iterations, measured_at) = (0, Cell::new(u64::MAX));
        let real_label = Setting::new(config.real_label);
        let game = GanGame {
            generator,
            discriminator,
            d_optimizer,
            g_optimizer,
            average,
            iterations,
            measured_at,
            config,
            real_label,
        };
        Self::of(game, seed)
    }
}
