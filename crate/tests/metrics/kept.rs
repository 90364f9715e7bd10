//! The evaluator in the cache folder.

use super::common::{assert_passed, command_of, keeps_bits, numbers, printed_by};
use super::evaluator::{recipe as thorough, shapes};
use gan_nb::metrics::{Evaluator, News, Recipe};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// One that is quickly trained: 24 steps.
fn recipe() -> Recipe {
    Recipe { epochs: 1, ..thorough() }
}

/// What happened while it was made ready: how many steps of training, and why it was not kept.
fn ready(folder: &Path, recipe: &Recipe) -> (Evaluator, usize, String) {
    let (mut trained, mut not_kept) = (0, String::new());
    let evaluator = Evaluator::load_or_train_in(folder, &shapes(1), &shapes(2), recipe, &mut |news| match news {
        News::Training { step, .. } => trained = step,
        News::NotKept { reason } => not_kept = reason.to_string(),
        News::Data(_) => {}
    });
    (evaluator.unwrap(), trained, not_kept)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn it_is_trained_once_and_again_where_it_must_be() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("cache");
    let (first, steps, not_kept) = ready(&folder, &recipe());
    assert_eq!((steps, &*not_kept), (24, ""));
    let [file] = &files(&folder)[..] else { panic!("{:?}", files(&folder)) };

    let (again, steps, _) = ready(&folder, &recipe());
    assert_eq!(steps, 0, "from the file");
    let measure = |evaluator: &Evaluator| evaluator.measure_dataset(&shapes(3), 100).unwrap();
    assert_eq!(measure(&again), measure(&first));
    assert_eq!((again.accuracy(), numbers(again.real_features())), (first.accuracy(), numbers(first.real_features())));
    assert_eq!(again.classifier().recipe(), &recipe());

    let bits = keeps_bits("it_is_trained_once_and_again_where_it_must_be");
    let whole = fs::read(file).unwrap();
    let mut damaged = whole.clone();
    *damaged.last_mut().unwrap() ^= 1;
    for bytes in [&damaged[..], &whole[..1000], b""] {
        fs::write(file, bytes).unwrap();
        assert_eq!(ready(&folder, &recipe()).1, 24, "a damaged file");
        assert!(!bits || fs::read(file).unwrap() == whole, "replaced by the same");
    }
    let other = Recipe { epochs: 2, ..recipe() };
    assert_eq!(ready(&folder, &other).1, 48, "another recipe");
    assert_eq!(ready(&folder, &other).1, 0);
    assert_eq!(files(&folder).len(), 1);

    let mut trained = 0;
    let of_others = |news: News| {
        if let News::Training { step, .. } = news {
            trained = step
        }
    };
    let _ = Evaluator::load_or_train_in(&folder, &shapes(5), &shapes(2), &other, &mut { of_others }).unwrap();
    assert_eq!(files(&folder).len(), 2, "other pictures have a file of their own");
}

#[test]
fn where_it_can_t_be_kept_it_is_there_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, "").unwrap();
    let (evaluator, steps, not_kept) = ready(&file, &recipe());
    assert_eq!(steps, 24);
    assert!(not_kept.contains("file: can't make the folder"), "{not_kept}");
    assert!(evaluator.accuracy() > 0.0);
}

/// What the tests below run in a process of its own. CUT: at which step someone presses the stop button, or
/// "images" for while images are measured.
#[test]
#[ignore = "started by the other tests"]
fn child() {
    let folder = PathBuf::from(env::var_os("FOLDER").unwrap());
    let cut = env::var("CUT").ok();
    let press = || fs::write(env::var_os("EVCXR_LIVE_INTERRUPT").unwrap(), "").unwrap();
    let evaluator = Evaluator::load_or_train_in(&folder, &shapes(1), &shapes(2), &recipe(), &mut |news| match news {
        News::Training { step, steps } => {
            println!("step {step} of {steps}");
            if cut.as_ref().is_some_and(|cut| step.to_string() == *cut) {
                press();
            }
        }
        News::NotKept { reason } => println!("not kept: {reason}"),
        News::Data(_) => {}
    });
    let measured = evaluator.and_then(|evaluator| {
        println!("ready: {}", evaluator.accuracy());
        evaluator.measure(300, |start, count| {
            if start == 100 && cut.as_deref() == Some("images") {
                press();
            }
            let indices: Vec<usize> = (start..start + count).collect();
            Ok((shapes(3).batch(&indices)?, None))
        })
    });
    match measured {
        Ok(quality) => println!("measured {}", quality.images),
        Err(error) => println!("error: {error}"),
    }
    println!("{} files", if folder.exists() { files(&folder).len() } else { 0 });
}

#[test]
fn the_stop_button_ends_the_training_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, button) = (dir.path().join("cache"), dir.path().join("button"));
    let mut command = command_of("kept::child");
    command.env("FOLDER", &folder).env("EVCXR_LIVE_INTERRUPT", &button).env("CUT", "7");
    let printed = assert_passed("kept::child", &command.output().unwrap());
    assert!(printed.contains("error: The classifier's training was stopped at step 8 of 24."), "{printed}");
    assert!(printed.contains("\n0 files"), "{printed}");
    assert_eq!(fs::read(button).unwrap(), b"seen");
}

#[test]
fn the_stop_button_ends_a_measurement() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = command_of("kept::child");
    command.env("FOLDER", dir.path().join("cache")).env("EVCXR_LIVE_INTERRUPT", dir.path().join("button"));
    let printed = assert_passed("kept::child", &command.env("CUT", "images").output().unwrap());
    assert!(printed.contains("ready: "), "{printed}");
    assert!(printed.contains("error: The evaluation was stopped at 200 of 300 images."), "{printed}");
    assert!(printed.contains("\n1 files"), "{printed}");
}

#[test]
fn one_that_is_cut_short_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("cache").display().to_string();
    let printed = printed_by("kept::child", &[("FOLDER", &folder), ("GAN_NB_MAX_STEPS", "3")]);
    for part in [
        "step 3 of 3\n",
        "not kept: GAN_NB_MAX_STEPS is 3, expected unset, or at least 24",
        "ready: ",
        "measured 300",
        "\n0 files",
    ] {
        assert!(printed.contains(part), "no {part:?} in {printed}");
    }
}
