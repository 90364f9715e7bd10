//! A training that is kept in a folder: interrupted anywhere and resumed, it must become what it would have become.

use crate::common::kept::{self, PLANNED, Stopper, data, fresh, outcome, train};
use crate::common::{assert_refused, assert_same_bits, numbers, tiny_discriminator, tiny_gan, weights};
use gan_nb::models::build_generator;
use gan_nb::runs::Run;
use gan_nb::train::{Gan, GanConfig, Notice};
use std::fs;
use std::path::Path;

/// The run that nothing interrupts.
fn unbroken(folder: &Path) -> Gan {
    let mut gan = fresh(folder);
    train(&mut gan, &mut Stopper::never()).unwrap();
    gan
}

#[test]
fn a_resumed_run_is_bit_for_bit_the_unbroken_one() {
    let dir = tempfile::tempdir().unwrap();
    let expected = outcome(&unbroken(&dir.path().join("whole")), &dir.path().join("whole"));
    for stop_at in [1, 4, 5, 9, PLANNED - 1] {
        let folder = dir.path().join(format!("stopped_at_{stop_at}"));
        let mut gan = fresh(&folder);
        let history = train(&mut gan, &mut Stopper::at(stop_at)).unwrap();
        assert_eq!(history.len(), stop_at);
        drop(gan);
        // Another day: with the call that says so, and with nothing but the same cells run again.
        let copy = dir.path().join(format!("copy_{stop_at}"));
        kept::copy(&folder, &copy);
        for (folder, gan) in [(&folder, tiny_gan(config()).restore(&folder).unwrap()), (&copy, fresh(&copy))] {
            let mut gan = gan;
            let mut observer = Stopper::never();
            assert_eq!(train(&mut gan, &mut observer).unwrap().len(), PLANNED);
            assert_eq!(observer.first_iteration, Some(stop_at + 1), "nothing is done twice");
            assert_eq!(observer.notices, []);
            assert_same_bits(&outcome(&gan, folder), &expected, &format!("stopped at {stop_at}"));
        }
    }
}

fn config() -> GanConfig {
    GanConfig::dcgan()
}

#[test]
fn the_tutorials_networks_resume_from_a_path_alone() {
    let dir = tempfile::tempdir().unwrap();
    let x_train = data();
    let mut whole = Gan::new(config()).unwrap();
    whole.train_observed(&x_train, 4, 4, 4, &mut Stopper::never()).unwrap();
    let run = Run::create(dir.path().join("run")).unwrap();
    let mut gan = Gan::new(config()).unwrap().mixed_precision().keep_in(run.clone());
    gan.train_observed(&x_train, 1, 4, 4, &mut Stopper::never()).unwrap();
    let resumed = Gan::resume(run.folder()).unwrap();
    assert_eq!(weights(&resumed.generator), weights(&gan.generator));
    let other = Gan::compile(build_generator(42).unwrap(), tiny_discriminator(42), config()).unwrap();
    let parts = ["000001.safetensors", "expected discriminator/conv2d/kernel of shape [3, 3, 3, 4]", "other networks"];
    assert_refused(other.restore(run.folder()), &parts);

    let mut gan = Gan::new(config()).unwrap().keep_in(Run::create(dir.path().join("single")).unwrap());
    gan.train_observed(&x_train, 4, 4, 4, &mut Stopper::at(2)).unwrap();
    let path = dir.path().join("single/checkpoints/000002.safetensors");
    let mut resumed = Gan::resume(&path).unwrap();
    assert_eq!((resumed.history.len(), resumed.history.planned), (2, 4));
    resumed.train_observed(&x_train, 4, 4, 4, &mut Stopper::never()).unwrap();
    assert_same_bits(&weights(&resumed.generator), &weights(&whole.generator), "resumed from a path");
    assert!(!dir.path().join("single/checkpoints/000004.safetensors").exists(), "a single file is kept nowhere");
    let other = Gan::new(GanConfig { learning_rate: 0.01, ..config() }).unwrap().restore(&path);
    assert_refused(
        other,
        &[
            "the settings of cross_entropy_gan is",
            "\"learning_rate\":0.01",
            "\"learning_rate\":0.0002",
            "000002.safetensors",
        ],
    );
}

#[test]
fn the_newest_and_the_best_checkpoints_stay() {
    let dir = tempfile::tempdir().unwrap();
    let mut gan = tiny_gan(config()).keep_in(Run::create(dir.path()).unwrap().checkpoint_every(2).keep(2));
    let mut seen = Vec::new();
    let mut observer = Stopper::never();
    let mut run = gan.begin(&data(), 15, 4, 100, &mut observer).unwrap();
    while run.goes_on() {
        let metrics = run.gan.train_iteration(&data(), 4).unwrap();
        run.record(metrics).unwrap();
        run.keep().unwrap();
        for saved in Run::open(dir.path()).unwrap().checkpoints().unwrap() {
            if !seen.contains(&saved) {
                seen.push(saved);
            }
        }
    }
    run.finish().unwrap();
    let iterations: Vec<_> = seen.iter().map(|saved| saved.iteration).collect();
    assert_eq!(iterations, [2, 4, 6, 8, 10, 12, 14, 15]);
    let best = seen.iter().min_by(|a, b| a.distance.partial_cmp(&b.distance).unwrap()).unwrap();
    let mut expected = vec![best.iteration, 14, 15];
    expected.dedup();
    let left = Run::open(dir.path()).unwrap().checkpoints().unwrap();
    assert_eq!(left.iter().map(|saved| saved.iteration).collect::<Vec<_>>(), expected);
    assert_eq!(fs::read_dir(dir.path().join("checkpoints")).unwrap().count(), expected.len(), "and nothing else");
}

#[test]
fn what_is_in_the_folder_is_resumed_or_set_aside_and_never_lost() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("run");
    let aside = |n: usize| dir.path().join(format!("run_{n}"));
    let set_aside = |n: usize| vec![Notice::SetAside { folder: folder.clone(), to: aside(n) }];
    let whole = outcome(&unbroken(&folder), &folder);
    // Other settings.
    let mut observer = Stopper::at(3);
    let other = GanConfig { learning_rate: 0.01, ..config() };
    let mut gan = tiny_gan(other).keep_in(Run::create(&folder).unwrap().checkpoint_every(5));
    train(&mut gan, &mut observer).unwrap();
    assert_eq!((observer.first_iteration, &observer.notices), (Some(1), &set_aside(1)));
    // Stopped in memory it goes on in its own folder.
    let mut observer = Stopper::never();
    train(&mut gan, &mut observer).unwrap();
    assert_eq!((observer.first_iteration, &observer.notices), (Some(4), &vec![]));
    // Other pictures make another run.
    let mut observer = Stopper::at(2);
    let mut gan = fresh(&folder);
    let others = gan_nb::data::Shapes::generate(16, 9).unwrap();
    gan.train_observed(&others, PLANNED, 4, 5, &mut observer).unwrap();
    assert_eq!((observer.first_iteration, &observer.notices), (Some(1), &set_aside(2)));

    let kept = |folder: &Path| Run::open(folder).unwrap().history().unwrap().len();
    assert_eq!([1, 2].map(|n| kept(&aside(n))), [PLANNED, PLANNED]);
    assert_eq!(kept(&folder), 2);
    let first = tiny_gan(config()).restore(aside(1)).unwrap();
    assert_same_bits(&outcome(&first, &aside(1)), &whole, "a run set aside");
}

#[test]
fn a_damaged_checkpoint_is_told_of_and_the_one_before_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("run");
    train(&mut fresh(&folder), &mut Stopper::at(9)).unwrap();
    let newest = folder.join("checkpoints/000009.safetensors");
    let mut bytes = fs::read(&newest).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&newest, &bytes).unwrap();
    let mut observer = Stopper::never();
    let mut gan = fresh(&folder);
    train(&mut gan, &mut observer).unwrap();
    assert_eq!(observer.first_iteration, Some(6), "after the checkpoint of 5");
    let [Notice::Damaged { reason }] = &observer.notices[..] else { unreachable!("{:?}", observer.notices) };
    assert!(reason.contains("000009.safetensors") && reason.contains("damaged"), "{reason}");
    let whole = dir.path().join("whole");
    assert_same_bits(&outcome(&gan, &folder), &outcome(&unbroken(&whole), &whole), "resumed from the one before");
}

#[test]
fn samples_and_history_are_in_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    let mut gan = fresh(dir.path());
    train(&mut gan, &mut Stopper::never()).unwrap();
    let names: Vec<_> = fs::read_dir(dir.path().join("samples")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2 * 4, "{names:?}"); // 0, 5, 10 and the last, of fixed and of fresh noise
    assert!(fs::read(dir.path().join("samples/fixed_000011.png")).unwrap().starts_with(b"\x89PNG"));
    let history = Run::open(dir.path()).unwrap().history().unwrap();
    assert_eq!(history, gan.history);
    assert_eq!((history.planned, history.sample_interval), (PLANNED, 5));
    let (fixed, images) = (gan.fixed_z.copy(), gan.generator.predict(&gan.fixed_z).unwrap());
    let again = tiny_gan(config()).restore(dir.path()).unwrap();
    assert_eq!(numbers(&again.generator.predict(&fixed).unwrap()), numbers(&images));
}
