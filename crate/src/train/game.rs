//! What is trained: any game of networks, through one door.

use super::{History, MetricList, Metrics, Notice, Streams};
use crate::Result;
use crate::data::Dataset;
use crate::nn::{Optimizer, Sequential};
use crate::platform::ffi::sixteen_bits;
use std::fmt;
use tch::{Device, Kind, Tensor};

/// Real images with their classes, drawn at random.
#[derive(Debug)]
pub struct Batch {
    /// (B, H, W, C) in [−1, 1], on the networks' device.
    pub images: Tensor,
    /// (B) int64, each an index into the data's class names, on the same device.
    pub labels: Tensor,
}

/// Networks that learn from a batch at a time, by whatever rules: this is all that training, pictures, checkpoints and
/// resuming need to know of a GAN. [`GanGame`](super::GanGame) is the tutorial's; a cell can write its own.
///
/// ```
/// use gan_nb::data::Shapes;
/// use gan_nb::nn::{Activation, Adam, Dense, Flatten, Reshape, Sequential};
/// use gan_nb::tch::{Kind, Tensor, no_grad};
/// use gan_nb::train::{Batch, Game, MetricList, Metrics, Parts, Streams, Trainer};
/// use gan_nb::Result;
///
/// /// D and G with the hinge loss (Lim & Ye 2017).
/// #[derive(Debug)]
/// struct Hinge { g: Sequential, d: Sequential, d_adam: Adam, g_adam: Adam }
///
/// impl Game for Hinge {
///     fn name(&self) -> &str { "hinge" }
///     fn parts(&mut self) -> Parts<'_> {
///         Parts::new(&mut self.g).network(&mut self.d)
///             .optimizer("d_adam", &mut self.d_adam).optimizer("g_adam", &mut self.g_adam)
///     }
///     fn metrics(&self) -> MetricList { MetricList::losses(&["d_loss", "g_loss"]) }
///     fn step(&mut self, batch: &Batch, random: &mut Streams) -> Result<Metrics> {
///         let z = random.noise(&[batch.images.size()[0], 4], self.g.device())?;
///         let fake = no_grad(|| self.g.forward(&z, true))?;
///         let margin = |logits: Tensor| (1f64 - logits).relu().mean(Kind::Float);
///         let d_loss = margin(self.d.logits(&batch.images, true)?) + margin(-self.d.logits(&fake, true)?);
///         self.d_adam.minimize(&d_loss)?;
///         let g_loss = -self.d.logits(&self.g.forward(&z, true)?, true)?.mean(Kind::Float);
///         self.g_adam.minimize(&g_loss)?;
///         Metrics::of(&[("d_loss", &d_loss), ("g_loss", &g_loss)])
///     }
///     fn latent_shape(&self) -> Vec<i64> { vec![4] }
///     fn sample(&self, z: &Tensor) -> Result<Tensor> { self.g.predict(z) }
/// }
///
/// # fn main() -> Result<()> {
/// let mut g = Sequential::new("g", [4], 42);
/// g.add(Dense::new(32 * 32 * 3).activation(Activation::Tanh))?.add(Reshape::new([32, 32, 3]))?;
/// let mut d = Sequential::new("d", [32, 32, 3], 42);
/// d.add(Flatten)?.add(Dense::new(1))?;
/// let (d_adam, g_adam) = (Adam::new(d.trainable_weights()), Adam::new(g.trainable_weights()));
/// let mut hinge = Trainer::of(Hinge { g, d, d_adam, g_adam }, 42)?;
/// let history = hinge.train_gan(&Shapes::generate(16, 1)?, 2, 4, 2)?;
/// assert_eq!(history.series("g_loss")?.len(), 2);
/// # Ok(())
/// # }
/// ```
pub trait Game: fmt::Debug + Send {
    /// What tells this game from others: a checkpoint of one is never resumed as another.
    fn name(&self) -> &str;

    /// The settings that tell two runs of this game apart, as JSON; null where there are none. (The optimizers' own are
    /// asked of them.)
    ///
    /// # Errors
    /// For what JSON can't hold.
    fn settings(&self) -> Result<serde_json::Value> {
        Ok(serde_json::Value::Null)
    }

    /// All that an iteration changes, under lasting names.
    fn parts(&mut self) -> Parts<'_>;

    /// What each iteration records.
    fn metrics(&self) -> MetricList;

    /// One iteration: computes the losses of a batch and moves the weights. All that is drawn comes from `random`.
    ///
    /// # Errors
    /// Its own; they end the run, and the record stays.
    fn step(&mut self, batch: &Batch, random: &mut Streams) -> Result<Metrics>;

    /// Which kind of iteration comes next, where a counter decides what is done (a penalty at every 16th, say): on a GPU each kind
    /// is [recorded](crate::platform#recorded-iterations) by itself. A game that has counters and does not say is not recorded.
    fn kind_of_iteration(&self) -> Option<u64> {
        None
    }

    /// The shape of the noise of one image, without the batch.
    fn latent_shape(&self) -> Vec<i64>;

    /// Images of this noise, in inference mode and with nothing recorded.
    ///
    /// # Shapes
    /// `z`: (N, latent shape…) → (N, H, W, C) in [−1, 1]
    ///
    /// # Errors
    /// Its own.
    fn sample(&self, z: &Tensor) -> Result<Tensor>;

    /// How many images a sample shows.
    fn sample_count(&self) -> usize {
        25
    }

    /// The log line of an iteration.
    fn log_line(&self, history: &History, iteration: usize) -> String {
        history.log_line(iteration)
    }

    /// Whether this game can learn from these pictures; asked before a training begins. By default it can: what does not fit a
    /// network is refused there.
    ///
    /// # Errors
    /// Its own; nothing is trained then.
    fn check_data(&self, _x_train: &Dataset) -> Result<()> {
        Ok(())
    }

    /// Looks at the record now and then, and says what a learner should know: see [`one_sided`](super::one_sided).
    fn warning(&self, _history: &History) -> Option<Notice> {
        None
    }

    /// Whether samples should be like the pictures of the data: they are then compared with photos at each checkpoint, and
    /// samples that hardly differ are a fault ([`Notice::Collapse`]). False for a game that repaints given pictures.
    fn makes_photos(&self) -> bool {
        true
    }
}

/// A game's networks, optimizers and counters, by name. Whatever is in it is kept in checkpoints and resumed.
#[derive(Debug)]
pub struct Parts<'a> {
    pub(crate) networks: Vec<&'a mut Sequential>,
    pub(crate) optimizers: Vec<(&'a str, &'a mut dyn Optimizer)>,
    pub(crate) tensors: Vec<(&'a str, Tensor)>,
    pub(crate) counters: Vec<(&'a str, &'a mut u64)>,
}

impl<'a> Parts<'a> {
    /// A game with this network, whose device is the game's.
    pub fn new(network: &'a mut Sequential) -> Self {
        Self { networks: vec![network], optimizers: Vec::new(), tensors: Vec::new(), counters: Vec::new() }
    }

    /// Adds a network, which has its own name.
    #[must_use]
    pub fn network(mut self, network: &'a mut Sequential) -> Self {
        self.networks.push(network);
        self
    }

    /// Adds an optimizer.
    #[must_use]
    pub fn optimizer(mut self, name: &'a str, optimizer: &'a mut dyn Optimizer) -> Self {
        self.optimizers.push((name, optimizer));
        self
    }

    /// Adds a tensor that is neither a weight nor an optimizer's: this handle shares its values.
    #[must_use]
    pub fn tensor(mut self, name: &'a str, tensor: &Tensor) -> Self {
        self.tensors.push((name, tensor.shallow_clone()));
        self
    }

    /// Adds a number that counts something: turns, or iterations since something happened.
    #[must_use]
    pub fn counter(mut self, name: &'a str, counter: &'a mut u64) -> Self {
        self.counters.push((name, counter));
        self
    }

    pub(crate) fn device(&self) -> Device {
        self.networks.first().map_or(Device::Cpu, |network| network.device())
    }

    pub(crate) fn is_in_mixed_precision(&self) -> bool {
        self.networks.iter().any(|network| network.is_in_mixed_precision())
    }

    /// All networks compute in 16 bits where that does no harm, and all optimizers scale their losses where those are float16.
    pub(crate) fn set_mixed_precision(&mut self) {
        self.networks.iter_mut().for_each(|network| network.set_mixed_precision(true));
        // bfloat16 has the range of float32.
        if sixteen_bits(self.device()) == Kind::Half {
            self.optimizers.iter_mut().for_each(|(_, optimizer)| optimizer.scale_loss());
        }
    }

    /// Steps done by the optimizer that has done the fewest: a clock of the game that a checkpoint restores.
    pub(crate) fn steps(&self) -> u64 {
        self.optimizers.iter().map(|(_, optimizer)| optimizer.steps()).min().unwrap_or_default()
    }

    /// The weights of all networks, under lasting names.
    pub(crate) fn network_weights(&self) -> Vec<(String, Tensor)> {
        self.networks.iter().flat_map(|network| network.named_weights()).collect()
    }

    /// Every tensor that training changes, under lasting names (`generator/conv2d/kernel`, `d_optimizer/m/0`): handles that
    /// share their values with the networks and the optimizers.
    pub(crate) fn all_tensors(&self) -> Vec<(String, Tensor)> {
        let mut all = self.network_weights();
        for (optimizer, state) in self.optimizers.iter().map(|(name, optimizer)| (name, optimizer.state())) {
            all.extend(state.into_iter().map(|(name, value)| (format!("{optimizer}/{name}"), value)));
        }
        all.extend(self.tensors.iter().map(|(name, tensor)| (name.to_string(), tensor.shallow_clone())));
        all
    }

    /// Checks that no two tensors have one name.
    ///
    /// # Errors
    /// [`Error::Value`](crate::Error::Value) for the first that comes twice.
    pub(crate) fn validate(&self) -> Result<()> {
        let (mut seen, hint) =
            (std::collections::HashSet::new(), "Give each a name of its own: checkpoints tell them apart by it.");
        let networks = self.networks.iter().map(|network| network.name());
        let others = self.optimizers.iter().map(|(name, _)| *name);
        let others = others.chain(self.tensors.iter().map(|(name, _)| *name)).chain(self.counters.iter().map(|c| c.0));
        match networks.chain(others).find(|name| !seen.insert(name.to_string())) {
            None => Ok(()),
            Some(twice) => {
                let found = format!("{twice:?} twice");
                Err(crate::Error::value("the names of networks and optimizers", found, "names that differ", hint))
            }
        }
    }
}
