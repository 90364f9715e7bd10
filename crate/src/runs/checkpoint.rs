//! A checkpoint: all that a run needs to go on as if it had never been interrupted, in one safetensors file.

use super::RunConfig;
use super::checkpoint_file::{self as arrays, Arrays};
use crate::models::{FIRST, build_discriminator, build_generator_with};
use crate::nn::{Optimizer, Sequential};
use crate::train::{Gan, GanConfig, History, Step};
use crate::{Error, Result, random};
use serde::{Deserialize, Serialize};
use std::path::Path;
use tch::{Tensor, no_grad};

/// What stands in the file besides numbers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub config: RunConfig,
    /// Iterations done.
    pub iteration: usize,
    /// Steps that each optimizer has done: more than the iterations where the networks had learned before this run.
    d_steps: u64,
    g_steps: u64,
    /// How far the streams of random numbers have come: batches and noise. (Noise for pictures follows the steps.)
    streams: [u64; 2],
    /// Sliced Wasserstein distance of the generator's images to photos, where photos were at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance: Option<f64>,
}

impl Header {
    /// Whether the run began with networks that had learned nothing, and so can be told by its settings alone.
    pub fn is_from_scratch(&self) -> bool {
        usize::try_from(self.g_steps) == Ok(self.iteration)
    }
}

/// One that was read, and is whole.
#[derive(Debug)]
pub(crate) struct Checkpoint {
    pub header: Header,
    arrays: Arrays,
}

impl Checkpoint {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::File`] for a damaged file.
    pub fn read(path: &Path) -> Result<Self> {
        let arrays = Arrays::read(path)?;
        let header: Header = arrays.note()?;
        header.config.gan.validate()?;
        // More than any run does, and far from where they could not be counted any more.
        if let Some(steps) = [header.d_steps, header.g_steps].iter().find(|steps| **steps >= 1 << 30) {
            let hint = "Take another checkpoint of the run.";
            return Err(Error::file(path, format!("{steps} steps of an optimizer"), "0 to 1073741823", hint));
        }
        Ok(Self { header, arrays })
    }

    /// The tutorial's two networks with the weights of the file.
    ///
    /// # Errors
    /// [`Error::File`] for weights of other networks.
    pub fn models(&self) -> Result<(Sequential, Sequential)> {
        let GanConfig { seed, latent_dim, batch_norm_momentum, .. } = self.header.config.gan;
        self.check_size()?;
        let mut models = (build_generator_with(seed, latent_dim, batch_norm_momentum)?, build_discriminator(seed)?);
        self.load(&mut models.0)?;
        self.load(&mut models.1)?;
        Ok(models)
    }

    /// Whether the first weights are of the size that the settings say: a few digits in a file must not make networks of
    /// gigabytes.
    ///
    /// # Errors
    /// [`Error::File`] when they are not.
    pub fn check_size(&self) -> Result<()> {
        let latent_dim = self.header.config.gan.latent_dim;
        self.arrays.get("generator/dense/kernel", &[latent_dim, FIRST.iter().product()]).map(drop)
    }

    /// Copies the weights of the network of this name over its own.
    fn load(&self, model: &mut Sequential) -> Result<()> {
        let name = model.name().to_string();
        let values = model
            .weights()
            .into_iter()
            .map(|(weight, own)| self.arrays.get(&format!("{name}/{weight}"), &own.value.size()));
        let values = values.collect::<Result<Vec<_>>>()?;
        model.set_weights(&values)
    }

    /// The record up to here.
    fn history(&self) -> Result<History> {
        let RunConfig { iterations, sample_interval, .. } = self.header.config;
        let mut history = History::new(iterations, sample_interval)?;
        let rows = self.arrays.get("history", &[i64::try_from(self.header.iteration).unwrap_or(i64::MAX), 6])?;
        let mut numbers = vec![[0f32; 6]; self.header.iteration];
        rows.f_copy_data(numbers.as_flattened_mut(), rows.numel())?;
        history.steps = numbers.into_iter().map(Step::from_numbers).collect();
        Ok(history)
    }
}

impl Gan {
    /// The bytes of a checkpoint that will be at `path`.
    pub(crate) fn checkpoint(
        &self,
        path: &Path,
        config: &RunConfig,
        history: &History,
        distance: Option<f64>,
    ) -> Result<Vec<u8>> {
        let header = Header {
            config: config.clone(),
            iteration: history.len(),
            d_steps: self.d_optimizer.steps(),
            g_steps: self.g_optimizer.steps(),
            streams: [&self.batches, &self.noise].map(random::position),
            distance,
        };
        let mut arrays = self.arrays();
        let numbers: Vec<f32> = history.steps.iter().flat_map(Step::numbers).collect();
        arrays.push(("history".into(), Tensor::f_from_slice(&numbers)?.f_view([history.len() as i64, 6])?));
        arrays::to_bytes(path, &arrays, &header)
    }

    /// Everything that training changes, under lasting names (`generator/conv2d/kernel`, `d_optimizer/m/0`); handles that share
    /// their values with the networks and the optimizers.
    fn arrays(&self) -> Vec<(String, Tensor)> {
        let mut arrays = Vec::new();
        for model in [&self.generator, &self.discriminator] {
            let weights = model.weights().into_iter();
            arrays.extend(weights.map(|(name, weight)| (format!("{}/{name}", model.name()), weight.value)));
        }
        for (optimizer, state) in [("d_optimizer", self.d_optimizer.state()), ("g_optimizer", self.g_optimizer.state())]
        {
            arrays.extend(state.into_iter().map(|(name, value)| (format!("{optimizer}/{name}"), value)));
        }
        arrays
    }

    /// Takes over everything from a checkpoint of a run with the same settings.
    ///
    /// # Errors
    /// [`Error::Value`] for one with others, [`Error::File`] for other networks; no number is changed then.
    pub(crate) fn load(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let Header { d_steps, g_steps, streams, config, .. } = &checkpoint.header;
        if config.gan != self.config {
            let (found, expected) = (format!("{:?}", self.config), format!("{:?}", config.gan));
            let hint = format!("{} was written by a run with these.", checkpoint.arrays.path().display());
            return Err(Error::value("the GanConfig", found, expected, hint));
        }
        if config.mixed_precision && !self.generator.is_in_mixed_precision() {
            self.set_mixed_precision();
        }
        let own = self.arrays();
        let saved = own.iter().map(|(name, own)| checkpoint.arrays.get(name, &own.size()));
        let saved = saved.collect::<Result<Vec<_>>>()?;
        let history = checkpoint.history()?;
        no_grad(|| -> Result<()> {
            for ((_, mut own), saved) in own.into_iter().zip(&saved) {
                own.f_copy_(saved)?;
            }
            Ok(())
        })?;
        self.d_optimizer.set_steps(*d_steps);
        self.g_optimizer.set_steps(*g_steps);
        for (stream, position) in [&mut self.batches, &mut self.noise].into_iter().zip(streams) {
            random::set_position(stream, *position);
        }
        self.sampled_at = None;
        self.history = history;
        Ok(())
    }

    /// Says which weight is not finite, if one is: such networks have lost all that they had learned.
    ///
    /// # Errors
    /// [`Error::Diverged`]
    pub(crate) fn check_finite(&self, iteration: usize, last_good: &str) -> Result<()> {
        // One question for all, since each answer is waited for on a GPU.
        let sum = |(_, array): &(String, Tensor)| Ok(array.f_detach()?.f_sum(tch::Kind::Double)?);
        let sums = self.arrays().iter().map(sum).collect::<Result<Vec<_>>>()?;
        let finite = Tensor::f_stack(&sums, 0)?.f_isfinite()?;
        if bool::try_from(finite.f_all()?)? {
            return Ok(());
        }
        let finite = Vec::<bool>::try_from(finite)?;
        let names = self.arrays().into_iter().zip(finite).filter(|(_, finite)| !finite).map(|((name, _), _)| name);
        Err(Error::diverged(iteration, &names.take(1).collect::<String>(), "not finite", last_good))
    }
}
