//! `gan_nb evaluate`.
#![cfg(feature = "cli")]

use crate::command_line::{gan_nb, prints, refuses, text, with_data};
use crate::common::{cifar_files, keeps_bits};
use gan_nb::runs::Run;
use std::path::Path;

/// What it prints on standard output and on standard error, with a classifier that hardly learns anything.
fn evaluate(dir: &Path, options: &str) -> [String; 2] {
    let mut command = gan_nb(dir, &format!("evaluate --run run --data data --count 20 {options}"));
    let output = command.env("GAN_NB_MAX_STEPS", "1").output().unwrap();
    assert!(output.status.success(), "{options}: {}", text(&output.stderr));
    [text(&output.stdout), text(&output.stderr)]
}

#[test]
fn a_run_s_checkpoints_are_measured() {
    let data = with_data();
    let dir = data.path();
    cifar_files::write_test_zeros(&dir.join("data"));
    let kept = "--checkpoint-every 1 --keep 3";
    prints(dir, &format!("train --iterations 2 --batch-size 2 --settings modern {kept} --data data --out run"));
    let [newest, warned] = evaluate(dir, "");
    for part in [
        "20 images\n",
        "Frechet distance ",
        "kernel distance ",
        "precision ",
        "recall ",
        "\n  ship ",
        "the classifier recognizes",
    ] {
        assert!(newest.contains(part), "no {part:?} in {newest}");
    }
    assert!(warned.contains("The classifier is not kept: GAN_NB_MAX_STEPS is 1"), "{warned}");
    let [all, _] = evaluate(dir, "--all");
    let rows: Vec<Vec<&str>> = all.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!((rows.len(), rows[1][0], rows[2][0]), (3, "1", "2"), "{all}");
    assert_eq!(rows[2].len(), 8, "iteration, distance, distance ± error, three shares: {all}");
    // Each of these commands trains its classifier anew.
    let bits = keeps_bits("a_run_s_checkpoints_are_measured");
    assert!(!bits || newest.contains(&format!("Frechet distance   {}", rows[2][1])), "{newest}{all}");

    // Kept, they say which is the best.
    assert!(!dir.join("run/quality.jsonl").exists(), "measuring alone keeps nothing");
    let [saved, _] = evaluate(dir, "--all --save");
    assert_eq!(saved.lines().count(), 3, "{saved}");
    let kept = Run::open(dir.join("run")).unwrap().quality().unwrap();
    assert_eq!(kept.iter().map(|it| (it.iteration, it.quality.images)).collect::<Vec<_>>(), [(1, 20), (2, 20)]);
    let best = kept.iter().min_by(|a, b| a.quality.frechet_distance.total_cmp(&b.quality.frechet_distance)).unwrap();
    let [of_best, _] = evaluate(dir, "--best");
    let [of_iteration, _] = evaluate(dir, &format!("--checkpoint {}", best.iteration));
    assert!(!bits || of_best == of_iteration, "{of_best}{of_iteration}");

    refuses(dir, "evaluate --run run --data data --checkpoint 3", &["no checkpoint of iteration 3", "one of 1, 2"]);
    refuses(dir, "evaluate --run run --data data --count 5", &["--count is 5", "20 to 100000"]);
    refuses(dir, "evaluate --run run --all --best", &["--all", "cannot be used with", "--best"]);
    refuses(dir, "evaluate --run nowhere", &["nowhere", "no config.json"]);
}
