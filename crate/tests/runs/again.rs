//! Cells that are run again: an error in the lesson's own loop, a complete run, a longer one, an earlier checkpoint, a trial
//! with GAN_NB_MAX_STEPS.

use crate::common::kept::{self, PLANNED, Stopper, data, fresh, outcome, train};
use crate::common::{assert_refused, assert_same_bits, printed_by, tiny_gan, weights};
use gan_nb::Error;
use gan_nb::nn::Optimizer;
use gan_nb::runs::Run;
use gan_nb::train::{Gan, GanConfig, History, Notice};
use std::fs;
use std::path::Path;

fn history_of(folder: &Path) -> History {
    Run::open(folder).unwrap().history().unwrap()
}

/// The loop of notebook 02, with an error in its `fail_at`th iteration.
fn lessons_loop(gan: &mut Gan, fail_at: usize) -> gan_nb::Result<History> {
    let mut screen = Stopper::never();
    let mut run = gan.begin(&data(), PLANNED, 4, 5, &mut screen)?;
    let mut done = run.history().len();
    while run.goes_on() {
        if done == fail_at {
            return Err(Error::value("the cell", "an error of its own", "none", "Run it again."));
        }
        done += 1;
        let metrics = run.gan.train_iteration(&data(), 4)?;
        run.record(metrics)?;
        if run.sample_is_due() {
            let samples = run.gan.sample_images()?;
            run.show(&samples)?;
        }
        run.keep()?;
    }
    run.finish()
}

#[test]
fn an_error_in_the_lessons_loop_loses_no_record() {
    let dir = tempfile::tempdir().unwrap();
    for kept_in_a_folder in [false, true] {
        let folder = dir.path().join("run");
        let mut gan = tiny_gan(GanConfig::dcgan());
        if kept_in_a_folder {
            gan = gan.keep_in(Run::create(&folder).unwrap().checkpoint_every(5));
        }
        assert_refused(lessons_loop(&mut gan, 7), &["an error of its own"]);
        assert_eq!(gan.history.len(), 7);
        // The cell is run again: it goes on there, in its own folder.
        assert_eq!(lessons_loop(&mut gan, PLANNED).unwrap().len(), PLANNED);
        let mut unbroken = tiny_gan(GanConfig::dcgan());
        lessons_loop(&mut unbroken, PLANNED).unwrap();
        assert_same_bits(&weights(&gan.generator), &weights(&unbroken.generator), "weights after an error");
        let [losses, others] = [&gan, &unbroken].map(|gan| gan.history.series("g_loss").unwrap());
        assert_same_bits(&losses, &others, "losses after an error");
        if kept_in_a_folder {
            assert_eq!(history_of(&folder), gan.history);
            assert!(!dir.path().join("run_1").exists(), "nothing is set aside");
        }
    }
}

#[test]
fn a_complete_run_is_shown_and_not_trained_anew() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("run");
    let mut gan = fresh(&folder);
    train(&mut gan, &mut Stopper::never()).unwrap();
    let whole = outcome(&gan, &folder);
    // In the same notebook, and on another day.
    for mut gan in [gan, fresh(&folder)] {
        let mut observer = Stopper::never();
        let history = train(&mut gan, &mut observer).unwrap();
        assert_eq!((history.len(), history.is_complete()), (PLANNED, true));
        assert_eq!(observer.notices, [Notice::AlreadyTrained { done: PLANNED }]);
        assert_eq!((observer.first_iteration, observer.samples), (None, 1), "its pictures, and nothing trained");
        assert_same_bits(&outcome(&gan, &folder), &whole, "a complete run");
        // Asked for fewer iterations, it is still the whole run.
        gan.train_observed(&data(), PLANNED - 3, 4, 5, &mut Stopper::never()).unwrap();
        assert_same_bits(&outcome(&gan, &folder), &whole, "a complete run");
        assert_eq!((gan.history.planned, history_of(&folder).planned), (PLANNED, PLANNED));
    }
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is set aside");
}

#[test]
fn a_complete_run_is_made_longer_from_its_last_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, long) = (dir.path().join("run"), dir.path().join("long"));
    let mut gan = fresh(&folder);
    train(&mut gan, &mut Stopper::never()).unwrap();
    let longer = |gan: &mut Gan| {
        let mut observer = Stopper::never();
        gan.train_observed(&data(), PLANNED + 3, 4, 5, &mut observer).unwrap();
        (observer.first_iteration, observer.notices)
    };
    let copy = dir.path().join("copy");
    kept::copy(&folder, &copy);
    assert_eq!(longer(&mut fresh(&copy)), (Some(PLANNED + 1), vec![]));
    assert_eq!(longer(&mut gan), (Some(PLANNED + 1), vec![]), "in the same notebook as well");
    assert_eq!(history_of(&folder).planned, PLANNED + 3);
    let mut unbroken = fresh(&long);
    longer(&mut unbroken);
    assert_same_bits(&weights(&gan.generator), &weights(&unbroken.generator), "a longer run");
}

#[test]
fn going_back_is_a_new_branch_and_later_checkpoints_stay() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("run");
    train(&mut fresh(&folder), &mut Stopper::never()).unwrap();
    let whole = Run::open(&folder).unwrap().checkpoints().unwrap();
    assert_eq!(whole.iter().map(|saved| saved.iteration).collect::<Vec<_>>(), [5, 10, 12]);
    let bytes: Vec<_> = whole.iter().map(|saved| fs::read(&saved.path).unwrap()).collect();

    let back = tiny_gan(GanConfig::dcgan()).restore(&whole[0].path).unwrap();
    let mut back = back.keep_in(Run::create(&folder).unwrap().checkpoint_every(5));
    let mut observer = Stopper::at(7);
    train(&mut back, &mut observer).unwrap();
    let branch = dir.path().join("run_1");
    assert_eq!(observer.notices, [Notice::Branched { iteration: 5, to: branch.clone() }]);
    assert_eq!(observer.first_iteration, Some(6));
    let files = |folder: &Path| -> Vec<_> {
        Run::open(folder).unwrap().checkpoints().unwrap().into_iter().map(|saved| saved.path).collect()
    };
    for (path, bytes) in files(&branch).iter().zip(&bytes[1..]) {
        assert!(fs::read(path).unwrap() == *bytes, "{}", path.display());
    }
    assert_eq!(files(&branch).len(), 2);
    assert_eq!(history_of(&branch).len(), PLANNED);
    assert_eq!((history_of(&folder).len(), files(&folder).len()), (7, 2), "5 and 7");
    // The branch that was left is a run that can be resumed as well.
    let left = tiny_gan(GanConfig::dcgan()).restore(&branch).unwrap();
    assert_eq!(left.history.len(), PLANNED);
}

#[test]
fn a_changed_learning_rate_is_resumed_with_the_run() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("run");
    let mut gan = fresh(&folder);
    train(&mut gan, &mut Stopper::at(4)).unwrap();
    gan.g_optimizer.set_learning_rate(1e-5).unwrap(); // from the next step on
    train(&mut gan, &mut Stopper::at(8)).unwrap();
    assert!(!dir.path().join("run_1").exists(), "it is the same run");
    let copy = dir.path().join("copy");
    kept::copy(&folder, &copy);
    train(&mut gan, &mut Stopper::never()).unwrap();
    let mut resumed = fresh(&copy);
    assert_eq!(Optimizer::learning_rate(&resumed.g_optimizer), 2e-4);
    train(&mut resumed, &mut Stopper::never()).unwrap();
    assert_eq!(Optimizer::learning_rate(&resumed.g_optimizer), 1e-5);
    assert_same_bits(&weights(&resumed.generator), &weights(&gan.generator), "resumed with another rate");
}

/// Two rates from the beginning are another run than one rate.
#[test]
fn a_replaced_optimizer_is_resumed_with_its_own_settings() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("run");
    let two_rates = || {
        let mut gan = fresh(&folder);
        gan.d_optimizer.set_learning_rate(4e-4).unwrap();
        gan
    };
    let mut gan = two_rates();
    train(&mut gan, &mut Stopper::at(5)).unwrap();
    let mut observer = Stopper::at(9);
    train(&mut two_rates(), &mut observer).unwrap();
    assert_eq!((observer.first_iteration, observer.notices.len()), (Some(6), 0));
    let restored = tiny_gan(GanConfig::dcgan()).restore(&folder).unwrap();
    assert_eq!(Optimizer::learning_rate(&restored.d_optimizer), 4e-4, "its own, not the config's");
    let mut observer = Stopper::never();
    train(&mut fresh(&folder), &mut observer).unwrap();
    assert!(matches!(observer.notices[..], [Notice::SetAside { .. }]), "{:?}", observer.notices);
}

#[test]
#[ignore = "started by the next test"]
fn trains_a_capped_trial() {
    let folder = std::env::var_os("TEST_FOLDER").unwrap();
    let learning_rate = std::env::var("TEST_RATE").unwrap().parse().unwrap();
    let config = GanConfig { learning_rate, ..GanConfig::dcgan() };
    let mut gan = tiny_gan(config).keep_in(Run::create(folder).unwrap().checkpoint_every(5));
    let mut observer = Stopper::never();
    let history = gan.train_observed(&data(), PLANNED, 4, 5, &mut observer).unwrap();
    println!("{} {:?} {:?}", history.len(), observer.first_iteration, observer.notices);
}

#[test]
fn a_trial_with_max_steps_never_pushes_a_real_run_aside() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("run");
    train(&mut fresh(&folder), &mut Stopper::at(8)).unwrap();
    let before = fs::read(folder.join("history.jsonl")).unwrap();
    let trial = |rate: &str| {
        let variables = [("GAN_NB_MAX_STEPS", "3"), ("TEST_FOLDER", folder.to_str().unwrap()), ("TEST_RATE", rate)];
        printed_by("again::trains_a_capped_trial", &variables)
    };
    // The same run has more than the trial wants: it is shown as it is.
    let printed = trial("2e-4");
    assert!(printed.contains("8 None [Capped { planned: 12, cap: 3 }, AlreadyTrained { done: 8 }]"), "{printed}");
    // Another one trains beside it and leaves nothing.
    let printed = trial("1e-3");
    assert!(printed.contains("3 Some(1) [Capped { planned: 12, cap: 3 }, NotKept {"), "{printed}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is set aside");
    assert_eq!(fs::read(folder.join("history.jsonl")).unwrap(), before);
    assert_eq!(Run::open(&folder).unwrap().config().unwrap().iterations, PLANNED);
    // And the real run goes on.
    let mut observer = Stopper::never();
    train(&mut fresh(&folder), &mut observer).unwrap();
    assert_eq!((observer.first_iteration, observer.notices), (Some(9), vec![]));
}

#[test]
fn saving_waits_for_no_one_and_removes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut gan = fresh(dir.path());
    let mut observer = Stopper::never();
    let session = gan.begin(&data(), PLANNED, 4, 5, &mut observer).unwrap();
    let mut other = tiny_gan(GanConfig::dcgan());
    let refused = Run::open(dir.path()).unwrap().save(&mut other, 4);
    assert!(matches!(refused, Err(Error::Busy { .. })), "{refused:?}");
    assert_refused(refused, &["another process is training in this folder", "name another folder"]);
    drop(session);
    train(&mut gan, &mut Stopper::at(6)).unwrap();
    let iterations = || -> Vec<usize> {
        Run::open(dir.path()).unwrap().checkpoints().unwrap().into_iter().map(|saved| saved.iteration).collect()
    };
    assert_eq!(iterations(), [5, 6]);
    Run::open(dir.path()).unwrap().save(&mut other, 4).unwrap();
    assert_eq!(iterations(), [0, 5, 6]);
}

#[test]
fn mixed_precision_is_part_of_a_run() {
    let dir = tempfile::tempdir().unwrap();
    let new = || tiny_gan(GanConfig::dcgan());
    let keep = |gan: Gan| gan.keep_in(Run::create(dir.path()).unwrap().checkpoint_every(5));
    let mut gan = keep(new().mixed_precision());
    train(&mut gan, &mut Stopper::at(5)).unwrap();
    // Restored into networks that compute in full, it computes in 16 bits again: bit for bit what goes on in memory.
    let mut restored = new().restore(dir.path()).unwrap();
    let mut full = new().restore(dir.path()).unwrap();
    full.generator.set_mixed_precision(false);
    full.discriminator.set_mixed_precision(false);
    for gan in [&mut gan, &mut restored, &mut full] {
        gan.train_iteration(&data(), 4).unwrap();
    }
    assert_same_bits(&weights(&restored.generator), &weights(&gan.generator), "restored in mixed precision");
    assert_ne!(weights(&full.generator), weights(&gan.generator), "else this test could not tell");
    drop((gan, restored));
    // The same run in full precision is another run.
    let mut observer = Stopper::at(1);
    train(&mut keep(new()), &mut observer).unwrap();
    assert!(matches!(observer.notices[..], [Notice::SetAside { .. }]), "{:?}", observer.notices);
}
