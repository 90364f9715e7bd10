//! A checkpoint: all that a run needs to go on as if it had never been interrupted, in one safetensors file.

use super::RunConfig;
use super::checkpoint_header::{HINT, Header};
use crate::nn::Sequential;
use crate::platform::array_file::{self, Arrays, Kind};
use crate::train::{AVERAGE, GENERATOR, GanConfig, History, Parts, State};
use crate::{Error, Result};
use std::path::Path;
use tch::{Tensor, no_grad};

pub(super) const KIND: Kind =
    Kind { expected: "a checkpoint that gan_nb wrote", hint: "Take another checkpoint of the run, or train again." };

/// The bytes of a checkpoint that will be at `path`.
pub(super) fn to_bytes(
    path: &Path,
    state: &mut State<'_>,
    config: &RunConfig,
    from_scratch: bool,
    distance: Option<f64>,
) -> Result<Vec<u8>> {
    let header = Header::of(state, config, from_scratch, distance);
    let mut arrays = state.game.parts().all_tensors();
    let history = &*state.history;
    let row = |i: usize| [history.row(i), vec![history.seconds_each()[i]]].concat();
    let numbers: Vec<f32> = (0..history.len()).flat_map(row).collect();
    let shape = [history.len() as i64, history.metrics().len() as i64 + 1];
    arrays.push(("history".into(), Tensor::f_from_slice(&numbers)?.f_view(shape)?));
    array_file::to_bytes(KIND, path, &arrays, &header)
}

/// One that was read, and is whole.
#[derive(Debug)]
pub(super) struct Checkpoint {
    pub header: Header,
    arrays: Arrays,
}

impl Checkpoint {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::File`] for a damaged file.
    pub fn read(path: &Path) -> Result<Self> {
        let arrays = Arrays::read(KIND, path)?;
        Ok(Self { header: Header::from_json(path, arrays.note()?)?, arrays })
    }

    /// The generator and the discriminator with the weights of the file. Where the run keeps a moving average, the generator is
    /// that.
    ///
    /// # Errors
    /// [`Error::File`] for weights of other networks, [`Error::Value`] for another game.
    pub fn models(&self) -> Result<(Sequential, Sequential)> {
        let config = self.gan_config()?;
        let has_average = config.modern.average > 0.0;
        let generator = config.build_generator(if has_average { AVERAGE } else { GENERATOR })?;
        let mut models = (generator, config.build_discriminator()?);
        self.load_network(&mut models.0)?;
        self.load_network(&mut models.1)?;
        if has_average {
            config.measure_statistics(&models.0)?;
        }
        Ok(models)
    }

    /// The run's settings, where the first weights are of the size that they say: a few digits in a file must not make networks
    /// of gigabytes.
    ///
    /// # Errors
    /// [`Error::File`] when they are not, [`Error::Value`] for another game.
    pub fn gan_config(&self) -> Result<GanConfig> {
        let config = self.header.config.gan()?;
        let _ = self.arrays.get("generator/dense/kernel", &config.first_kernel())?;
        Ok(config)
    }

    /// Copies the weights of the network of this name over its own.
    ///
    /// # Errors
    /// [`Error::File`] for weights of another network; nothing is changed then.
    pub fn load_network(&self, model: &mut Sequential) -> Result<()> {
        model.load_weights(|name, shape| self.arrays.get(name, shape))?;
        self.set_products(model);
        Ok(())
    }

    /// Convolutions are computed as they were then, so that their last digits are the same.
    fn set_products(&self, network: &mut Sequential) {
        network.set_products_of_each(self.header.products.get(network.name()).map_or(&[], Vec::as_slice));
    }

    /// The record up to here.
    fn history(&self) -> Result<History> {
        let RunConfig { iterations, sample_interval, metrics, .. } = &self.header.config;
        let mut history = History::new(*iterations, *sample_interval, metrics.clone())?;
        let (count, columns) = (self.header.iteration, metrics.len() + 1);
        let shape = [i64::try_from(count).unwrap_or(i64::MAX), columns as i64];
        let rows = self.arrays.get("history", &shape)?;
        let mut numbers = vec![0f32; rows.numel()];
        rows.f_copy_data(&mut numbers, rows.numel())?;
        for row in numbers.chunks_exact(columns) {
            history.push(&row[..columns - 1], row[columns - 1])?;
        }
        Ok(history)
    }

    /// Makes `state` what it was when the checkpoint was written.
    ///
    /// # Errors
    /// [`Error::Value`] for another game or other settings, [`Error::File`] for other networks or optimizers; no weight is
    /// changed then.
    pub fn load(&self, state: &mut State<'_>) -> Result<()> {
        self.check_game(state)?;
        let history = self.history()?;
        let mut parts = state.game.parts();
        if self.header.config.mixed_precision && !parts.is_in_mixed_precision() {
            parts.set_mixed_precision();
        }
        let before: Vec<_> = parts.optimizers.iter().map(|(_, optimizer)| optimizer.settings()).collect();
        if let Err(error) = self.load_parts(&mut parts) {
            for ((_, optimizer), settings) in parts.optimizers.iter_mut().zip(&before) {
                optimizer.load_settings(settings)?;
            }
            return Err(error);
        }
        state.random.set_positions(&self.header.streams);
        *state.history = history;
        Ok(())
    }

    /// Settings come first, since what an optimizer keeps depends on them; numbers come last, when all are known to fit.
    fn load_parts(&self, parts: &mut Parts<'_>) -> Result<()> {
        let Header { optimizers, counters, .. } = &self.header;
        let missing = |name: &str| {
            Error::file(self.arrays.path(), format!("no {name}"), format!("{name}, as the game has it"), HINT)
        };
        for (name, optimizer) in &mut parts.optimizers {
            let saved = optimizers.get(*name).ok_or_else(|| missing(name))?;
            saved.settings.as_ref().map(|settings| optimizer.load_settings(settings)).transpose()?;
        }
        let own = parts.all_tensors();
        let saved = own.iter().map(|(name, own)| self.arrays.get(name, &own.size())).collect::<Result<Vec<_>>>()?;
        if let Some((name, _)) = parts.counters.iter().find(|(name, _)| !counters.contains_key(*name)) {
            return Err(missing(name));
        }
        no_grad(|| -> Result<()> {
            for ((_, mut own), saved) in own.into_iter().zip(&saved) {
                own.f_copy_(saved)?;
            }
            Ok(())
        })?;
        parts.networks.iter_mut().for_each(|network| self.set_products(network));
        for (name, optimizer) in &mut parts.optimizers {
            optimizer.set_steps(optimizers.get(*name).map_or(0, |saved| saved.steps));
        }
        for (name, counter) in &mut parts.counters {
            **counter = counters.get(*name).copied().unwrap_or_default();
        }
        Ok(())
    }

    fn check_game(&self, state: &State<'_>) -> Result<()> {
        let RunConfig { game, settings, seed, .. } = &self.header.config;
        let hint = format!("{} was written by a run with these.", self.arrays.path().display());
        let (found, own) = (state.game.name(), state.game.settings()?);
        if found != game {
            return Err(Error::value("the game", format!("{found:?}"), format!("{game:?}"), hint));
        }
        // The keys' order is no difference, nor is a default that an older file leaves out.
        if own != *settings {
            return Err(Error::value(&format!("the settings of {game}"), own, settings.to_string(), hint));
        }
        if state.random.seed() != *seed {
            return Err(Error::value("the seed", state.random.seed(), seed.to_string(), hint));
        }
        Ok(())
    }
}
