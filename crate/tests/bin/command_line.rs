//! The command line from outside: what it prints, writes and refuses.
#![cfg(feature = "cli")]

use crate::common::{assert_same_bits, cifar_files, weights};
use gan_nb::runs::{Run, RunConfig};
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The program, with this test's folder as its own.
pub fn gan_nb(dir: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gan_nb"));
    command.args(arguments.split_whitespace()).current_dir(dir);
    // Nothing of the caller's: no cap, no data, and no way to a server or to the user's cache.
    command.env_remove("GAN_NB_MAX_STEPS").env_remove("GAN_NB_DATA").env_remove("RUST_BACKTRACE");
    command.env("XDG_CACHE_HOME", dir.join("cache")).env("ALL_PROXY", "http://127.0.0.1:1");
    command
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a command prints that has to succeed.
pub fn prints(dir: &Path, arguments: &str) -> String {
    let Output { status, stdout, stderr } = gan_nb(dir, arguments).output().unwrap();
    assert!(status.success(), "{arguments}: {status}\n{}\n{}", text(&stdout), text(&stderr));
    text(&stdout)
}

/// Fails unless the command ends with an error that has each of `parts`.
pub fn refuses(dir: &Path, arguments: &str, parts: &[&str]) {
    let Output { status, stderr, .. } = gan_nb(dir, arguments).output().unwrap();
    let message = text(&stderr);
    assert!(matches!(status.code(), Some(1..=127)), "{arguments}: {status}\n{message}");
    assert!(!message.contains("panicked"), "{arguments}: {message}");
    for part in parts {
        assert!(message.contains(part), "{arguments}: no {part:?} in {message:?}");
    }
}

/// A folder with `data` in it: pictures of zeros, which take no room.
pub fn with_data() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    cifar_files::write_zeros(&dir.path().join("data"));
    dir
}

#[test]
fn data_info_counts_the_pictures() {
    let dir = tempfile::tempdir().unwrap();
    for (file, name) in cifar_files::TRAIN.into_iter().chain(["test_batch.bin"]).enumerate() {
        cifar_files::write(&dir.path().join("data"), name, &cifar_files::batch(file));
    }
    let printed = prints(dir.path(), "data info --data data");
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[0], "data");
    assert_eq!(lines[1], "CIFAR-10: 50000 images of 32x32x3, 10 classes");
    assert_eq!(lines[2], "CIFAR-10 test: 10000 images of 32x32x3, 10 classes");
    let counts: Vec<Vec<&str>> = lines[3..].iter().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(counts.len(), 10);
    assert!(counts.iter().all(|words| words[1..] == ["5000", "training", "images"]), "{printed}");
    assert_eq!((counts[0][0], counts[9][0]), ("airplane", "truck"));
}

#[test]
fn a_run_can_be_trained_and_sampled() {
    let dir = with_data();
    let options = "--iterations 2 --batch-size 4 --sample-interval 1 --settings dcgan --seed 5 --data data";
    let printed = prints(dir.path(), &format!("train {options} --out run"));
    for part in ["CIFAR-10: 50000 images", "\n0 [D loss: ", "\n1 [D loss: ", "2 of 2 iterations", "saved in run"] {
        assert!(printed.contains(part), "no {part:?} in {printed}");
    }
    let run = Run::open(dir.path().join("run")).unwrap();
    let config = run.config().unwrap();
    let gan = config.gan().unwrap();
    let RunConfig { batch_size, iterations, data, .. } = config;
    assert_eq!((gan.seed, gan.beta_1, batch_size, iterations), (5, 0.5, 4, 2));
    assert_eq!(data.map(|data| (data.name, data.images)), Some(("CIFAR-10".into(), 50_000)));
    assert_eq!(run.history().unwrap().len(), 2);
    for picture in ["fixed_000000", "fresh_000000", "fixed_000001", "fresh_000001", "../history"] {
        let path = run.folder().join(format!("samples/{picture}.png"));
        assert!(fs::read(path).unwrap().starts_with(b"\x89PNG"), "{picture}");
    }

    let sample = |options: &str, name: &str| {
        prints(dir.path(), &format!("sample --run run {options} --out {name}"));
        fs::read(dir.path().join(name)).unwrap()
    };
    let (first, again) = (sample("--count 4 --seed 1", "a.png"), sample("--count 4 --seed 1", "b.png"));
    assert!(first.starts_with(b"\x89PNG"));
    assert_same_bits(&first, &again, "the images of a seed");
    assert!(first != sample("--count 4 --seed 2", "c.png"), "another seed");

    prints(dir.path(), &format!("train {options} --out again"));
    assert_same_bits(&learned(dir.path(), "run"), &learned(dir.path(), "again"), "the weights of a seed");
}

#[test]
fn best_samples_the_checkpoint_closest_to_photos_and_not_the_newest() {
    let dir = with_data();
    let checkpoints = "--checkpoint-every 1 --keep 3";
    prints(dir.path(), &format!("train --iterations 3 --batch-size 4 {checkpoints} --data data --out run"));
    let saved = Run::open(dir.path().join("run")).unwrap().checkpoints().unwrap();
    assert_eq!(saved.len(), 3);
    let (first, newest) = (&saved[0], &saved[2]);
    let best = saved.iter().min_by(|a, b| a.distance.unwrap().total_cmp(&b.distance.unwrap())).unwrap();
    if best == newest {
        // Files go by their names: under the other's, the best is no longer the newest.
        let aside = dir.path().join("aside");
        for (from, to) in [(&first.path, &aside), (&newest.path, &first.path), (&aside, &newest.path)] {
            fs::rename(from, to).unwrap();
        }
    }
    let best_file = if best == newest { &first.path } else { &best.path };

    let sample = |run: &str, options: &str| {
        prints(dir.path(), &format!("sample --run {run} --count 4 --seed 1 {options} --out sample.png"));
        fs::read(dir.path().join("sample.png")).unwrap()
    };
    // What each gives where there is no other.
    let alone = |file: &Path, run: &str| {
        let folder = dir.path().join(run);
        fs::create_dir_all(folder.join("checkpoints")).unwrap();
        fs::copy(dir.path().join("run/config.json"), folder.join("config.json")).unwrap();
        fs::copy(file, folder.join("checkpoints").join(file.file_name().unwrap())).unwrap();
        sample(run, "")
    };
    let (of_best, of_newest) = (alone(best_file, "best"), alone(&newest.path, "newest"));
    assert!(of_best != of_newest, "the two can be told apart");
    assert_same_bits(&sample("run", "--best"), &of_best, "with --best");
    assert_same_bits(&sample("run", ""), &of_newest, "without --best");
}

/// The weights of the newest checkpoint.
fn learned(dir: &Path, run: &str) -> Vec<Vec<f32>> {
    let (generator, discriminator) = Run::open(dir.join(run)).unwrap().models().unwrap();
    [weights(&generator), weights(&discriminator)].concat()
}

#[test]
fn a_run_is_gone_on_with_and_made_longer() {
    let dir = with_data();
    let options = "--batch-size 4 --sample-interval 2 --data data";
    prints(dir.path(), &format!("train --iterations 5 {options} --out whole"));
    prints(dir.path(), &format!("train --iterations 2 {options} --checkpoint-every 1 --keep 1 --out run"));
    let printed = prints(dir.path(), "train --resume --iterations 5 --data data --out run");
    for part in ["resuming after 2 of 5 iterations", "\n2 [D loss", "\n4 [D loss", "5 of 5 iterations"] {
        assert!(printed.contains(part), "no {part:?} in {printed}");
    }
    assert!(!printed.contains("\n0 [D loss"), "{printed}");
    assert_same_bits(&learned(dir.path(), "run"), &learned(dir.path(), "whole"), "a resumed run");
    let (checkpoints, before) =
        (Run::open(dir.path().join("run")).unwrap().checkpoints().unwrap(), learned(dir.path(), "run"));
    assert_eq!(checkpoints.last().unwrap().iteration, 5);

    let refuses = |arguments: &str, parts: &[&str]| refuses(dir.path(), arguments, parts);
    refuses(&format!("train {options} --out run"), &["run: found a run of 5 iterations", "--resume", "another --out"]);
    refuses("train --resume --data data --out run", &["--iterations is 5, expected more than the 5"]);
    refuses("train --resume --seed 3 --out run", &["--seed", "cannot be used with", "--resume"]);
    refuses("train --resume --out nowhere", &["nowhere", "no config.json", "gan_nb train --out"]);
    cifar_files::write(&dir.path().join("other"), cifar_files::TRAIN[0], &cifar_files::batch(1));
    for name in &cifar_files::TRAIN[1..] {
        cifar_files::write(&dir.path().join("other"), name, &cifar_files::batch(2));
    }
    refuses("train --resume --iterations 6 --data other --out run", &["not the pictures", "learned from", "--data"]);
    assert!(learned(dir.path(), "run") == before, "left as it was");

    // Cut off before its first checkpoint it begins anew.
    fs::remove_dir_all(dir.path().join("run/checkpoints")).unwrap();
    prints(dir.path(), "train --resume --data data --out run");
    assert_same_bits(&learned(dir.path(), "run"), &learned(dir.path(), "whole"), "a run begun anew");
}

#[test]
fn bench_measures_each_part() {
    let dir = tempfile::tempdir().unwrap();
    let printed = prints(dir.path(), "bench --iterations 2 --warm-up 1 --batch-size 8 --threads 2 --json");
    let found: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((&found["system"], &found["batch_size"], &found["threads"]), (&"gan_nb".into(), &8.into(), &2.into()));
    assert_eq!(found["data"], "random bytes: 50000 images of 32x32x3, 1 class");
    let positive = |value: &serde_json::Value| value.as_f64().is_some_and(|seconds| seconds > 0.0);
    let times = |value: &serde_json::Value, count: usize| {
        let times = value.as_array().unwrap();
        assert!(times.len() == count && times.iter().all(positive), "{value}, expected {count} times");
    };
    times(&found["iteration_seconds"], 2);
    times(&found["assembly_seconds"], 2);
    times(&found["generation_seconds"], 20);
    assert!(positive(&found["first_iteration_seconds"]) && positive(&found["load_seconds"]));
    assert!(positive(&found["peak_bytes"]) || cfg!(not(target_os = "linux")));
    // Blocks of five, as many with the panel as without.
    times(&found["panel"]["bare_seconds"], 1);
    times(&found["panel"]["watched_seconds"], 1);
    assert!(positive(&found["panel"]["record_seconds"]));
    let sizes = found["batch_sizes"].as_array().unwrap();
    assert_eq!(sizes.iter().map(|size| size["batch_size"].as_u64().unwrap()).collect::<Vec<_>>(), [8, 32, 128, 512]);
    sizes.iter().for_each(|size| times(&size["seconds"], 2));
}

#[test]
fn mistakes_are_told_and_end_with_an_error() {
    let dir = with_data();
    fs::write(dir.path().join("file"), "not a folder").unwrap();
    fs::create_dir(dir.path().join("empty")).unwrap();
    let refuses = |arguments: &str, parts: &[&str]| refuses(dir.path(), arguments, parts);
    refuses("train --data nowhere --out run", &["nowhere", "no folder", "cifar-10-batches-bin"]);
    refuses("data info --data nowhere", &["nowhere", "no folder"]);
    refuses("data info", &["no CIFAR-10 yet", "cache"]);
    refuses("train --data data --batch-size 0 --out run", &["batch_size is 0", "1 to 50000"]);
    refuses("train --data data --iterations 0 --out run", &["iterations is 0", "1 or more"]);
    let many = usize::MAX; // No room is made ahead: the batch size is what ends it.
    refuses(&format!("train --data data --iterations {many} --batch-size 0 --out run"), &["batch_size is 0"]);
    refuses("train --data data --sample-interval 0 --out run", &["sample_interval is 0", "1 or more"]);
    refuses("train --data data --settings wgan --out run", &["wgan", "tutorial", "dcgan"]);
    refuses("train --data data --out file", &["file: can't make the folder"]);
    refuses("sample --run empty --out a.png", &["empty", "no config.json"]);
    refuses("sample --run nowhere --out a.png", &["nowhere", "no config.json"]);
    refuses("sample --run run --count 0 --out a.png", &["--count is 0", "1 to 10000"]);
    refuses("sample --run run", &["--out"]);
    refuses("train --data data --keep 0 --out run", &["--keep is 0", "1 or more"]);
    refuses("train --data data --checkpoint-every 0 --out run", &["--checkpoint-every is 0", "1 or more"]);
    refuses("bench --iterations 0", &["--iterations is 0", "1 or more"]);
    refuses("bench --threads 0", &["--threads is 0", "1 or more"]);
    refuses("bench --data nowhere", &["nowhere", "no folder"]);
    assert!(!dir.path().join("run/config.json").exists());
    assert!(!dir.path().join("a.png").exists());
}

#[test]
#[cfg(unix)]
fn an_interrupt_ends_a_run_well() {
    const PLANNED: usize = 2_000; // Long enough to be interrupted, and no more if that fails.
    let dir = with_data();
    let arguments = format!("train --iterations {PLANNED} --batch-size 2 --data data --out run");
    let mut child = gan_nb(dir.path(), &arguments).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("0 [D loss") {
        line.clear();
        assert!(
            output.read_line(&mut line).unwrap() > 0,
            "ended before its first iteration: {}",
            child.wait().unwrap()
        );
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}\n{rest}");

    let run = Run::open(dir.path().join("run")).unwrap();
    let history = run.history().unwrap();
    assert!((1..PLANNED).contains(&history.len()), "{} iterations", history.len());
    assert_eq!(history.planned, PLANNED);
    assert!(rest.contains(&format!("Stopped after {} of {PLANNED} iterations.", history.len())), "{rest}");
    prints(dir.path(), "sample --run run --count 1 --out a.png");
}
