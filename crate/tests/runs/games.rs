//! Games of other rules than the tutorial's, kept and resumed by the same code: the result of an interrupted run is bit for
//! bit that of an unbroken one, and a run of one game is never resumed as another.

use crate::common::kept::{PLANNED, Stopper, data};
use crate::common::{
    assert_refused, assert_same_bits, model, numbers, tensor, tiny_discriminator, tiny_gan, tiny_generator,
};
use gan_nb::Result;
use gan_nb::nn::{Adam, Sequential};
use gan_nb::runs::Run;
use gan_nb::train::{Batch, Game, GanConfig, History, MetricList, Metrics, Notice, Parts, Streams, Trainer};
use std::path::Path;
use tch::{Kind, Tensor, no_grad};

fn adam(network: &Sequential) -> Adam {
    Adam::new(network.trainable_weights()).learning_rate(1e-3).beta_1(0.5)
}

/// Hinge loss, with two steps of D for one of G and a moving average of G.
#[derive(Debug)]
struct Hinge {
    g: Sequential,
    average: Sequential,
    d: Sequential,
    d_adam: Adam,
    g_adam: Adam,
    /// Images that D has seen.
    seen: u64,
}

impl Hinge {
    fn new() -> Self {
        let (g, d) = (tiny_generator(1), tiny_discriminator(1));
        let mut average = model("average", &[4], 1);
        crate::common::add_tiny_generator_layers(&mut average);
        let (d_adam, g_adam) = (adam(&d), adam(&g));
        Self { g, average, d, d_adam, g_adam, seen: 0 }
    }
}

impl Game for Hinge {
    fn name(&self) -> &str {
        "hinge"
    }
    fn parts(&mut self) -> Parts<'_> {
        Parts::new(&mut self.g)
            .network(&mut self.average)
            .network(&mut self.d)
            .optimizer("d_adam", &mut self.d_adam)
            .optimizer("g_adam", &mut self.g_adam)
            .counter("seen", &mut self.seen)
    }
    fn metrics(&self) -> MetricList {
        MetricList::losses(&["d_loss", "g_loss"]).accuracy("d_acc_real")
    }
    fn step(&mut self, batch: &Batch, random: &mut Streams) -> Result<Metrics> {
        let count = batch.images.size()[0];
        let margin = |logits: Tensor| (1f64 - logits).relu().mean(Kind::Float);
        let mut d_loss = tensor(&[0.0], &[]);
        for _ in 0..2 {
            let z = random.noise(&[count, 4], self.g.device())?;
            let fake = no_grad(|| self.g.forward(&z, true))?;
            d_loss = margin(self.d.logits(&batch.images, true)?) + margin(-self.d.logits(&fake, true)?);
            self.d_adam.minimize(&d_loss)?;
            self.seen += count as u64;
        }
        let z = random.noise(&[count, 4], self.g.device())?;
        let g_loss = -self.d.logits(&self.g.forward(&z, true)?, true)?.mean(Kind::Float);
        self.g_adam.minimize(&g_loss)?;
        no_grad(|| {
            for ((_, average), (_, own)) in self.average.weights().into_iter().zip(self.g.weights()) {
                let _ = average.value.shallow_clone().lerp_(&own.value, 0.1);
            }
        });
        // A game may draw from streams of its own.
        let share = rand::Rng::r#gen::<f32>(random.get("of my own"));
        Metrics::of(&[("d_loss", &d_loss), ("g_loss", &g_loss), ("d_acc_real", &tensor(&[share], &[]))])
    }
    fn latent_shape(&self) -> Vec<i64> {
        vec![4]
    }
    fn sample(&self, z: &Tensor) -> Result<Tensor> {
        self.average.predict(z)
    }
}

/// Told the class: labels travel with the batch. The classes are drawn as planes beside the image.
#[derive(Debug)]
struct Conditional {
    g: Sequential,
    d: Sequential,
    d_adam: Adam,
    g_adam: Adam,
}

impl Conditional {
    fn new() -> Self {
        let (g, d) = (tiny_generator(2), tiny_discriminator(2));
        let (d_adam, g_adam) = (adam(&d), adam(&g));
        Self { g, d, d_adam, g_adam }
    }
    /// Turns noise towards the class.
    fn given(z: &Tensor, labels: &Tensor) -> Tensor {
        z + labels.to_kind(Kind::Float).view([-1, 1]) * 0.1
    }
}

impl Game for Conditional {
    fn name(&self) -> &str {
        "conditional"
    }
    fn settings(&self) -> Result<serde_json::Value> {
        Ok(serde_json::json!({ "classes": 10 }))
    }
    fn parts(&mut self) -> Parts<'_> {
        let networks = Parts::new(&mut self.g).network(&mut self.d);
        networks.optimizer("d_adam", &mut self.d_adam).optimizer("g_adam", &mut self.g_adam)
    }
    fn metrics(&self) -> MetricList {
        MetricList::losses(&["D", "G"])
    }
    fn step(&mut self, batch: &Batch, random: &mut Streams) -> Result<Metrics> {
        let z = random.noise(&[batch.images.size()[0], 4], self.g.device())?;
        let z = Self::given(&z, &batch.labels);
        let fake = no_grad(|| self.g.forward(&z, true))?;
        let judged =
            self.d.logits(&fake, true)?.mean(Kind::Float) - self.d.logits(&batch.images, true)?.mean(Kind::Float);
        self.d_adam.minimize(&judged)?;
        let g_loss = -self.d.logits(&self.g.forward(&z, true)?, true)?.mean(Kind::Float);
        self.g_adam.minimize(&g_loss)?;
        Metrics::of(&[("D", &judged), ("G", &g_loss)])
    }
    fn latent_shape(&self) -> Vec<i64> {
        vec![4]
    }
    fn sample(&self, z: &Tensor) -> Result<Tensor> {
        let classes = Tensor::arange(z.size()[0], (Kind::Int64, z.device())).remainder(10);
        self.g.predict(&Self::given(z, &classes))
    }
}

/// Trains until the observer ends it, in this folder.
fn train<G: Game>(game: G, folder: &Path, observer: &mut Stopper) -> Trainer<G> {
    let mut trainer = Trainer::of(game, 42).unwrap().keep_in(Run::create(folder).unwrap().checkpoint_every(5));
    trainer.train_observed(&data(), PLANNED, 4, 5, observer).unwrap();
    // On a GPU: a game with a stream of its own goes on step by step, and says so.
    observer.notices.retain(|notice| !matches!(notice, Notice::NotRecorded { .. }));
    trainer
}

/// Every weight, moment and number, and what comes next.
fn everything<G: Game>(mut trainer: Trainer<G>) -> (Vec<Vec<f32>>, Vec<Vec<f32>>, Vec<f32>) {
    let rows = (0..trainer.history.len()).map(|i| trainer.history.row(i)).collect();
    trainer.train_iteration(&data(), 4).unwrap();
    let fresh = numbers(&trainer.sample_images().unwrap().fresh);
    let networks = trainer.network_weights().into_iter().map(|(_, weight)| numbers(&weight));
    (networks.collect(), rows, fresh)
}

fn is_resumed_bit_for_bit<G: Game>(new: fn() -> G) {
    let dir = tempfile::tempdir().unwrap();
    let whole = everything(train(new(), &dir.path().join("whole"), &mut Stopper::never()));
    for stop_at in [1, 5, 8] {
        let folder = dir.path().join(format!("stopped_at_{stop_at}"));
        drop(train(new(), &folder, &mut Stopper::at(stop_at)));
        let mut observer = Stopper::never();
        let resumed = train(new(), &folder, &mut observer);
        assert_eq!((observer.first_iteration, &observer.notices), (Some(stop_at + 1), &vec![]));
        assert_same_bits(&everything(resumed), &whole, &format!("stopped at {stop_at}"));
    }
}

#[test]
fn the_tutorials_game_is_resumed_bit_for_bit() {
    is_resumed_bit_for_bit(|| tiny_gan(GanConfig::dcgan()).into_game());
}

#[test]
fn a_hinge_game_with_an_average_and_a_counter_is_resumed_bit_for_bit() {
    is_resumed_bit_for_bit(Hinge::new);
}

#[test]
fn a_conditional_game_is_resumed_bit_for_bit() {
    is_resumed_bit_for_bit(Conditional::new);
}

#[test]
fn a_run_of_one_game_is_never_resumed_as_another() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("run");
    drop(train(Hinge::new(), &folder, &mut Stopper::at(5)));
    let parts = ["the game is \"conditional\"", "expected \"hinge\"", "000005.safetensors"];
    assert_refused(Trainer::of(Conditional::new(), 42).unwrap().restore(&folder), &parts);
    assert_refused(Trainer::of(Hinge::new(), 7).unwrap().restore(&folder), &["the seed is 7", "expected 42"]);
    assert_refused(gan_nb::train::Gan::resume(&folder), &["the run's game is \"hinge\"", "cross_entropy_gan"]);
    assert_refused(Run::open(&folder).unwrap().models(), &["the run's game is \"hinge\""]);
    // The same cell with another game: the first run moves aside.
    let mut observer = Stopper::never();
    train(Conditional::new(), &folder, &mut observer);
    assert_eq!((observer.first_iteration, observer.notices.len()), (Some(1), 1));
    assert_eq!(Run::open(dir.path().join("run_1")).unwrap().config().unwrap().game, "hinge");
}

/// What a report needs is in the folder: names and order of the metrics, whatever the game.
#[test]
fn the_record_on_disk_has_the_games_own_names() {
    let dir = tempfile::tempdir().unwrap();
    let hinge = train(Hinge::new(), dir.path(), &mut Stopper::never());
    let run = Run::open(dir.path()).unwrap();
    let history: History = run.history().unwrap();
    assert_eq!(history.metrics().names().collect::<Vec<_>>(), ["d_loss", "g_loss", "d_acc_real"]);
    assert_eq!(history, hinge.history);
    let text = std::fs::read_to_string(dir.path().join("history.jsonl")).unwrap();
    assert!(text.starts_with("{\"d_loss\":") && text.lines().count() == PLANNED, "{text}");
    let mut loaded = tiny_generator(9);
    run.load_weights(&mut loaded).unwrap();
    assert_eq!(crate::common::weights(&loaded), crate::common::weights(&hinge.g));
    let nameless = run.load_weights(&mut crate::common::renamed_discriminator("critic"));
    assert_refused(nameless, &["found no critic/conv2d/kernel", "other networks"]);
}

#[test]
fn names_that_come_twice_are_refused() {
    let twice = || {
        let mut game = Hinge::new();
        game.d = tiny_discriminator(1);
        game.average = tiny_generator(3); // also called "generator"
        game
    };
    assert_refused(
        Trainer::of(twice(), 1),
        &["the names of networks and optimizers is \"generator\" twice", "Give each"],
    );
    let gan = gan_nb::train::Gan::compile(
        tiny_generator(1),
        crate::common::renamed_discriminator("generator"),
        GanConfig::dcgan(),
    );
    assert_refused(gan, &["\"generator\" twice"]);
}
