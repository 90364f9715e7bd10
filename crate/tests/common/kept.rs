//! A small training that is kept in a folder.

use super::{tiny_gan, weights};
use gan_nb::data::{Dataset, Shapes};
use gan_nb::runs::Run;
use gan_nb::train::{Gan, GanConfig, History, Notice, Observer, Samples};
use std::cell::Cell;
use std::fs;
use std::path::Path;

pub const PLANNED: usize = 12;

pub fn data() -> Dataset {
    Shapes::generate(16, 1).unwrap()
}

/// Untrained networks that will be kept in this folder.
pub fn fresh(folder: &Path) -> Gan {
    tiny_gan(GanConfig::dcgan()).keep_in(Run::create(folder).unwrap().checkpoint_every(5))
}

pub fn train(gan: &mut Gan, observer: &mut Stopper) -> gan_nb::Result<History> {
    gan.train_observed(&data(), PLANNED, 4, 5, observer)
}

/// Ends a training after so many iterations, and remembers what it was told. It counts by the questions, as a GPU's iterations are
/// told of some time after they were done.
#[derive(Default)]
pub struct Stopper {
    at: Option<usize>,
    done: Cell<usize>,
    pub first_iteration: Option<usize>,
    pub notices: Vec<Notice>,
    pub samples: usize,
}

impl Stopper {
    pub fn at(iterations: usize) -> Self {
        Self { at: Some(iterations), ..Self::default() }
    }

    pub fn never() -> Self {
        Self::default()
    }
}

impl Observer for Stopper {
    fn begin(&mut self, history: &History) {
        self.done.set(history.len());
    }
    fn iteration(&mut self, history: &History) {
        self.first_iteration.get_or_insert(history.len());
    }
    fn sample(&mut self, _: &str, _: &Samples) -> gan_nb::Result<()> {
        self.samples += 1;
        Ok(())
    }
    fn notice(&mut self, notice: &Notice) {
        self.notices.push(notice.clone());
    }
    fn stop_requested(&self) -> bool {
        self.done.set(self.done.get() + 1);
        self.at == Some(self.done.get())
    }
}

/// Weights and what they become in one iteration more, losses, pictures.
type Outcome = (Vec<Vec<f32>>, Vec<Vec<u32>>, Vec<Vec<u8>>);

/// All that a training has become: weights, losses, the pictures' bytes, and what it would do next.
pub fn outcome(gan: &Gan, folder: &Path) -> Outcome {
    let losses = (0..gan.history.len()).map(|i| gan.history.row(i).into_iter().map(f32::to_bits).collect());
    let mut pictures: Vec<_> = fs::read_dir(folder.join("samples")).unwrap().map(|e| e.unwrap().path()).collect();
    // A run that is stopped shows what it has then; these are the ones that any run has.
    pictures.retain(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let iteration: usize = name[name.len() - 6..].parse().unwrap();
        iteration.is_multiple_of(5) || iteration == PLANNED - 1
    });
    pictures.sort();
    let mut state = [weights(&gan.generator), weights(&gan.discriminator)].concat();
    // Optimizers and random streams can't be looked at; one iteration more tells of them.
    let mut next = tiny_gan(gan.config().clone()).restore(folder).unwrap();
    next.train_iteration(&data(), 4).unwrap();
    let fresh = next.sample_noise(2).unwrap();
    state.extend([weights(&next.generator), weights(&next.discriminator), vec![super::numbers(&fresh)]].concat());
    (state, losses.collect(), pictures.iter().map(|path| fs::read(path).unwrap()).collect())
}

/// Copies a run's folder.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = {
            let entry = entry.unwrap();
            (entry.path(), entry.file_name())
        };
        if path.is_dir() { copy(&path, &to.join(name)) } else { fs::copy(&path, to.join(name)).map(|_| ()).unwrap() }
    }
}
