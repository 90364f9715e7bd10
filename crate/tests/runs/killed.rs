//! Trainings that are killed (SIGKILL) at random moments, also while they write, and gone on with by other processes.
#![cfg(unix)]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs};

use crate::common::kept::{Stopper, data};
use crate::common::{assert_refused, assert_same_bits, device, tiny_gan, weights};
use gan_nb::random;
use gan_nb::runs::Run;
use gan_nb::train::{Gan, GanConfig, History};
use rand::Rng;

const KILLS: usize = 20;
/// The folder for a child's training.
const FOLDER: &str = "TEST_FOLDER";
/// And how many iterations it is to have.
const ITERATIONS: &str = "TEST_ITERATIONS";

/// Trains small networks in the folder, and leaves the signs of many writes: a checkpoint every two iterations.
fn train_small(folder: &Path, iterations: usize) -> Gan {
    let run = Run::create(folder).unwrap().checkpoint_every(2).keep(2);
    let mut gan = tiny_gan(GanConfig::dcgan()).keep_in(run);
    gan.train_observed(&data(), iterations, 4, 50, &mut Stopper::never()).unwrap();
    gan
}

#[test]
#[ignore = "started by the other tests"]
fn trains_small_networks() {
    let folder = env::var_os(FOLDER).unwrap();
    train_small(Path::new(&folder), env::var(ITERATIONS).unwrap().parse().unwrap());
}

/// The same for the lesson's own, in the way of its notebook.
#[test]
#[ignore = "started by the other tests"]
fn trains_the_lessons_networks() {
    let folder = env::var_os(FOLDER).unwrap();
    let run = Run::create(&folder).unwrap().checkpoint_every(3).keep(2);
    let mut gan = Gan::new(GanConfig::tutorial()).unwrap().keep_in(run);
    let iterations = env::var(ITERATIONS).unwrap().parse().unwrap();
    gan.train_observed(&data(), iterations, 8, 50, &mut Stopper::never()).unwrap();
}

/// Begins one of the above in a process of its own.
fn start(child: &str, folder: &Path, iterations: usize) -> Child {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", child, "--ignored"]).env(FOLDER, folder).env(ITERATIONS, iterations.to_string());
    command.env_remove("GAN_NB_MAX_STEPS").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn done(folder: &Path) -> usize {
    Run::open(folder).and_then(|run| run.history()).map_or(0, |history| history.len())
}

/// How many files are half written.
fn parts(folder: &Path) -> usize {
    let files = fs::read_dir(folder.join("checkpoints")).unwrap().flatten();
    files.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "part")).count()
}

/// Kills the training so many times, each after some new iterations and a random moment more, or while a file is being
/// written; then lets it end. Says how many files were cut in the middle.
fn kill_and_go_on(child: &str, folder: &Path, iterations: usize, longest: Duration) -> usize {
    let mut rng = random::stream(1, "moments to kill at");
    let mut cut_files = 0;
    for kill in 0..KILLS {
        // A run that goes on from its last checkpoint writes the iterations after it once more.
        let written = folder.join("history.jsonl");
        let changed = || fs::metadata(&written).and_then(|data| data.modified()).ok();
        let (mut process, before, since) = (start(child, folder, iterations), changed(), Instant::now());
        while changed() == before {
            assert!(since.elapsed() < Duration::from_secs(60), "kill {kill}: nothing is trained");
            assert_eq!(process.try_wait().unwrap(), None, "kill {kill}: ended after {} iterations", done(folder));
            sleep(Duration::from_millis(2));
        }
        if kill % 2 == 0 {
            sleep(longest.mul_f64(rng.r#gen()));
        } else {
            while parts(folder) == 0 && process.try_wait().unwrap().is_none() {} // until a file is being written
        }
        process.kill().unwrap(); // SIGKILL
        process.wait().unwrap();
        cut_files += parts(folder);
        assert!(done(folder) < iterations, "kill {kill}: came after the end, so the test needs more iterations");
        // At no moment there is a checkpoint that can't be read, once there is one.
        let run = Run::open(folder).unwrap();
        if !run.checkpoints().unwrap().is_empty() {
            run.models().map(|_| ()).or_else(only_other_networks).unwrap();
        }
    }
    assert!(start(child, folder, iterations).wait().unwrap().success());
    assert_eq!(done(folder), iterations);
    cut_files
}

/// Small networks are not those that `models` makes, but it looks at them only when the file is whole.
fn only_other_networks(error: gan_nb::Error) -> gan_nb::Result<()> {
    if error.to_string().contains("other networks") { Ok(()) } else { Err(error) }
}

fn without_times(history: History) -> Vec<Vec<f32>> {
    (0..history.len()).map(|i| history.row(i)).collect()
}

fn assert_equal(folder: &Path, whole: &Path, restored: impl Fn(&Path) -> Gan) {
    let [killed, unbroken] = [folder, whole].map(|folder| {
        let mut gan = restored(folder);
        let history = without_times(Run::open(folder).unwrap().history().unwrap());
        assert_eq!(history, without_times(gan.history.clone()), "the lines and the checkpoint");
        let learned = [weights(&gan.generator), weights(&gan.discriminator)].concat();
        gan.train_iteration(&data(), 4).unwrap(); // tells of optimizers and random streams
        (history, learned, [weights(&gan.generator), weights(&gan.discriminator)].concat())
    });
    assert_same_bits(&killed, &unbroken, "a killed run");
    let left: Vec<_> = fs::read_dir(folder.join("checkpoints")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name.to_str().unwrap().ends_with(".safetensors")), "{left:?}");
    let pictures = |folder: &Path| {
        let mut files: Vec<_> = fs::read_dir(folder.join("samples")).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        files.iter().map(|path| fs::read(path).unwrap()).collect::<Vec<_>>()
    };
    assert_same_bits(&pictures(folder), &pictures(whole), "the pictures of a killed run");
}

#[test]
fn a_run_killed_twenty_times_becomes_what_it_would_have_become() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, whole) = (dir.path().join("killed"), dir.path().join("whole"));
    // A GPU gets further between two kills.
    let iterations = if device().is_cuda() { 6_000 } else { 200 };
    let cut_files = kill_and_go_on("killed::trains_small_networks", &folder, iterations, Duration::from_millis(250));
    println!("{KILLS} kills, {cut_files} files cut in the middle");
    assert!(cut_files > 0, "none in the middle of a write");
    train_small(&whole, iterations);
    assert_equal(&folder, &whole, |folder| tiny_gan(GanConfig::dcgan()).restore(folder).unwrap());
}

/// Twenty times the start of a process with networks of 30 MB: behind `scripts/test --long`.
#[test]
#[ignore = "long"]
fn long_the_lessons_networks_killed_twenty_times() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, whole) = (dir.path().join("killed"), dir.path().join("whole"));
    let child = "killed::trains_the_lessons_networks";
    let cut_files = kill_and_go_on(child, &folder, 150, Duration::from_millis(1500));
    println!("{KILLS} kills, {cut_files} files cut in the middle");
    assert!(start(child, &whole, 150).wait().unwrap().success());
    assert_equal(&folder, &whole, |folder| Gan::resume(folder).unwrap());
}

#[test]
fn a_file_cut_in_the_middle_of_a_write_is_swept_away() {
    let dir = tempfile::tempdir().unwrap();
    train_small(dir.path(), 6);
    let whole = fs::read(dir.path().join("checkpoints/000006.safetensors")).unwrap();
    fs::remove_file(dir.path().join("checkpoints/000006.safetensors")).unwrap();
    let parts = ["checkpoints/000006.safetensors.part", "history.jsonl.part", "config.json.part"];
    parts.iter().for_each(|part| fs::write(dir.path().join(part), &whole[..whole.len() / 2]).unwrap());
    train_small(dir.path(), 6);
    assert!(parts.iter().all(|part| !dir.path().join(part).exists()));
    assert!(dir.path().join("checkpoints/000006.safetensors").exists(), "gone on with after 4");
    assert!(!dir.path().with_file_name(format!("{}_1", dir.path().file_name().unwrap().display())).exists());
}

#[test]
fn two_trainings_do_not_share_a_folder() {
    let dir = tempfile::tempdir().unwrap();
    let mut other = start("killed::trains_small_networks", dir.path(), 1_000_000);
    let since = Instant::now();
    let run = Run::create(dir.path()).unwrap();
    while run.checkpoints().unwrap().is_empty() {
        assert!(since.elapsed() < Duration::from_secs(60), "nothing is trained");
        sleep(Duration::from_millis(5));
    }
    let folder = dir.path().display().to_string();
    let mut gan = tiny_gan(GanConfig::tutorial()).keep_in(run);
    let mut try_again = || gan.train_observed(&data(), 3, 4, 3, &mut Stopper::never());
    assert_refused(try_again(), &[&folder, "another process is training in this folder", "Wait until it has ended"]);
    assert_eq!(other.try_wait().unwrap(), None, "which the other one does not mind");
    other.kill().unwrap();
    other.wait().unwrap();
    assert_eq!(try_again().unwrap().len(), 3, "its lock is gone with it");
    let aside = dir.path().with_file_name(format!("{}_1", dir.path().file_name().unwrap().display()));
    assert!(done(&aside) > 0, "what it had learned is kept");
    fs::remove_dir_all(aside).unwrap();
}
