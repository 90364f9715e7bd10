//! The figures that a run keeps of its images.

use crate::common::kept::{PLANNED, Stopper, train};
use crate::common::{assert_refused, keeps_bits, tiny_gan};
use gan_nb::data::Shapes;
use gan_nb::metrics::{Classifier, Evaluator, Recipe};
use gan_nb::models::Networks;
use gan_nb::runs::{Measured, Run};
use gan_nb::train::{Gan, GanConfig};
use std::fs;
use std::path::Path;

const IMAGES: usize = 40;

/// One whose classifier has seen a few drawn shapes.
fn evaluator() -> Evaluator {
    let recipe = Recipe { filters: [4, 4, 4, 8], epochs: 1, batch_size: 20, ..Recipe::default() };
    let classifier = Classifier::train(&Shapes::generate(40, 1).unwrap(), &recipe, &mut |_, _| {}).unwrap();
    Evaluator::new(classifier, &Shapes::generate(60, 2).unwrap()).unwrap()
}

fn run(folder: &Path) -> Run {
    Run::create(folder).unwrap().checkpoint_every(5)
}

fn measured_run(folder: &Path) -> Run {
    run(folder).evaluator(evaluator(), IMAGES)
}

/// A whole run that was measured as it trained, with so many of its newest checkpoints.
fn trained(folder: &Path, keep: usize) -> Run {
    let mut gan = tiny_gan(GanConfig::dcgan()).keep_in(measured_run(folder).keep(keep));
    train(&mut gan, &mut Stopper::never()).unwrap();
    Run::open(folder).unwrap()
}

fn iterations(measured: &[Measured]) -> Vec<usize> {
    measured.iter().map(|measured| measured.iteration).collect()
}

/// Modern networks, told the class.
fn told() -> GanConfig {
    GanConfig { latent_dim: 4, ..GanConfig::modern() }.networks(Networks::Residual { width: 2 })
}

#[test]
fn each_checkpoint_is_measured_and_the_figures_outlive_it() {
    let dir = tempfile::tempdir().unwrap();
    let run = trained(dir.path(), 1);
    let measured = run.quality().unwrap();
    assert_eq!(iterations(&measured), [5, 10, PLANNED]);
    assert!(measured.iter().all(|it| it.quality.images == IMAGES && it.quality.frechet_distance > 0.0));
    assert_eq!(measured[0].quality.obedience(), None, "made for no class");
    let saved = run.checkpoints().unwrap();
    assert!(saved.len() < 3, "only the best and the newest stay");
    let newest = saved.last().unwrap();
    assert_eq!(newest.quality.as_ref(), Some(&measured[2].quality));
    assert!(run.table().unwrap().to_string().contains("distancia de Fréchet"));
}

#[test]
fn without_an_evaluator_there_are_none_until_the_run_is_evaluated() {
    // Two evaluators of one recipe are the same only to the bit.
    if !keeps_bits("without_an_evaluator_there_are_none_until_the_run_is_evaluated") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for (name, kept) in
        [("during", measured_run(&dir.path().join("during"))), ("after", run(&dir.path().join("after")))]
    {
        let mut gan = Gan::new(told()).unwrap().keep_in(kept);
        train(&mut gan, &mut Stopper::never()).unwrap();
        let count = Run::open(dir.path().join(name)).unwrap().quality().unwrap().len();
        assert_eq!(count, if name == "during" { 3 } else { 0 });
    }
    let (during, after) = (Run::open(dir.path().join("during")).unwrap(), Run::open(dir.path().join("after")).unwrap());
    assert!(!after.table().unwrap().to_string().contains("distancia de Fréchet"));
    let mut told_of = Vec::new();
    let measured = after.evaluate(&evaluator(), IMAGES, |saved| told_of.push(saved.iteration)).unwrap();
    assert_eq!(told_of, [5, 10, PLANNED]);
    assert_eq!(measured, during.quality().unwrap(), "the same images, so the same figures");
    assert!(measured[0].quality.obedience().is_some(), "made for the classes in turn");
    // What is measured already is not measured again, unless with another number of images.
    after.evaluate(&evaluator(), IMAGES, |_| panic!("again")).unwrap();
    let more = after.evaluate(&evaluator(), 2 * IMAGES, |_| {}).unwrap();
    assert!(more.iter().all(|it| it.quality.images == 2 * IMAGES) && more.len() == 3);
    let runs = Run::list(dir.path()).unwrap();
    assert!(runs.table().to_string().contains("distancia de Fréchet"));
    assert!(runs.plot_quality().unwrap().alt().contains("during"));
    // All of a folder at once: what the table then shows is what the folders keep.
    let all = runs.evaluate(&evaluator(), 3 * IMAGES).unwrap();
    assert_eq!(all.table().to_string(), Run::list(dir.path()).unwrap().table().to_string());
    assert!(
        ["during", "after"]
            .map(|name| all.get(name).unwrap().quality().unwrap())
            .iter()
            .flatten()
            .all(|it| it.quality.images == 3 * IMAGES)
    );
}

/// Writes figures with these Fréchet distances over those of a run, with so many images each.
fn set_distances(run: &Run, distances: &[(usize, f64)]) {
    let mut measured = run.quality().unwrap();
    for (measured, (images, distance)) in measured.iter_mut().zip(distances) {
        (measured.quality.images, measured.quality.frechet_distance) = (*images, *distance);
    }
    let lines = measured.iter().map(|measured| serde_json::to_string(measured).unwrap() + "\n");
    fs::write(run.folder().join("quality.jsonl"), lines.collect::<String>()).unwrap();
}

#[test]
fn the_best_checkpoint_is_the_one_with_the_least_frechet_distance() {
    let dir = tempfile::tempdir().unwrap();
    let run = trained(dir.path(), 9);
    let best = || run.best_checkpoint().unwrap().unwrap().iteration;
    for (place, expected) in [(0, 5), (1, 10), (2, PLANNED)] {
        let mut distances = [(IMAGES, 3.0); 3];
        distances[place].1 = 2.0;
        set_distances(&run, &distances);
        assert_eq!(best(), expected);
    }
    // Of fewer images the distance is another.
    set_distances(&run, &[(IMAGES / 2, 1.0), (IMAGES, 2.0), (IMAGES, 3.0)]);
    assert_eq!(best(), 10);
}

#[test]
fn a_run_that_goes_on_from_an_earlier_checkpoint_forgets_the_figures_after_it() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("run");
    let first = trained(&folder, 9).quality().unwrap();
    fs::remove_file(folder.join(format!("checkpoints/{PLANNED:06}.safetensors"))).unwrap();
    let mut gan = tiny_gan(GanConfig::dcgan()).restore(&folder).unwrap();
    train(&mut gan, &mut Stopper::at(11)).unwrap();
    let run = Run::open(&folder).unwrap();
    assert_eq!(iterations(&run.quality().unwrap()), [5, 10], "restored without an evaluator");
    assert_eq!(run.quality().unwrap()[..], first[..2]);
}

#[test]
fn a_damaged_line_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut gan = tiny_gan(GanConfig::dcgan()).keep_in(run(dir.path()));
    train(&mut gan, &mut Stopper::at(2)).unwrap();
    fs::write(dir.path().join("quality.jsonl"), "{\"iteration\":2").unwrap();
    assert_refused(Run::open(dir.path()).unwrap().quality(), &["quality.jsonl", "(line 1)"]);
}
