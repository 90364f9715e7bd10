//! How a command ends that is not waited for: Ctrl-C twice, and output that nobody reads.
#![cfg(all(feature = "cli", unix))]

use crate::command_line::{gan_nb, text, with_data};
use crate::common::is_on_cpu;
use gan_nb::runs::Run;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// Long enough to be interrupted, and no more if that fails.
const PLANNED: usize = 2_000;

fn train(options: &str) -> String {
    format!("train --iterations {PLANNED} --data data --out run {options}")
}

/// The command once it has printed a line that starts so, and what it will still print.
fn started(command: &mut Command, line_start: &str) -> (Child, BufReader<impl Read + use<>>) {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with(line_start) {
        line.clear();
        assert!(output.read_line(&mut line).unwrap() > 0, "ended too early: {}", child.wait().unwrap());
    }
    (child, output)
}

fn press(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

/// With an iteration of seconds, so that both presses come within it: the second iteration, or the one after so many
/// checkpoints.
fn pressed_twice(dir: &Path, options: &str, checkpoints: usize) -> String {
    let mut command = gan_nb(dir, &train(&format!("--batch-size 256 {options}")));
    let (child, _output) = started(&mut command, "0 [D loss");
    let there = || Run::open(dir.join("run")).and_then(|run| run.checkpoints()).unwrap_or_default().len();
    while there() < checkpoints {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    press(&child);
    std::thread::sleep(std::time::Duration::from_millis(100));
    press(&child);
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    assert_eq!(status.code(), Some(130), "{status}\n{}", text(&stderr));
    text(&stderr)
}

#[test]
fn a_second_interrupt_ends_at_once_and_says_what_is_saved() {
    if !is_on_cpu("a_second_interrupt_ends_at_once", "an iteration is too short there to press twice in it") {
        return;
    }
    let dir = with_data();
    let told = pressed_twice(dir.path(), "", 0);
    assert!(told.contains("Press Ctrl-C again to stop at once"), "{told}");
    assert!(told.contains("What was learned is not saved: run has no checkpoint yet."), "{told}");
    assert!(Run::open(dir.path().join("run")).unwrap().checkpoints().unwrap().is_empty());

    let dir = with_data();
    let told = pressed_twice(dir.path(), "--checkpoint-every 1", 1);
    let checkpoints = Run::open(dir.path().join("run")).unwrap().checkpoints().unwrap();
    let newest = checkpoints.last().unwrap().iteration;
    let expected = format!("The last checkpoint is that of iteration {newest}; what came after it is not saved.");
    assert!(told.contains(&expected) && told.contains("--resume --out run"), "{told}");
}

/// `gan_nb train … | head -1`
#[test]
fn a_training_whose_reader_goes_away_is_saved() {
    let dir = with_data();
    let mut command = gan_nb(dir.path(), &train("--batch-size 2 --sample-interval 1"));
    let (child, output) = started(&mut command, "CIFAR-10");
    drop(output);
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    assert!(status.success() && !text(&stderr).contains("panicked"), "{status}\n{}", text(&stderr));
    let run = Run::open(dir.path().join("run")).unwrap();
    let (done, checkpoints) = (run.history().unwrap().len(), run.checkpoints().unwrap());
    assert!((1..PLANNED).contains(&done), "{done} iterations");
    assert_eq!(checkpoints.last().map(|newest| newest.iteration), Some(done));
    assert!(dir.path().join("run/history.png").exists());
}

/// What comes of a command whose output, or whose output and errors, nobody reads from the start.
fn unread(mut command: Command, errors_too: bool) -> Output {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command.stderr(Stdio::piped());
    if errors_too {
        command.stderr(writer.try_clone().unwrap());
    }
    command.stdout(writer).output().unwrap()
}

#[test]
fn output_that_nobody_reads_ends_no_command_in_a_panic() {
    let dir = with_data();
    crate::common::cifar_files::write_test_zeros(&dir.path().join("data"));
    let trained = gan_nb(dir.path(), "train --iterations 1 --batch-size 2 --data data --out trained").output().unwrap();
    assert!(trained.status.success(), "{}", text(&trained.stderr));
    let ends_well = |arguments: &str, errors_too: bool| {
        let mut command = gan_nb(dir.path(), arguments);
        command.env("GAN_NB_TF32", "neither 1 nor 0"); // which is told on standard error
        let Output { status, stderr, .. } = unread(command, errors_too);
        assert!(status.success() && !text(&stderr).contains("panicked"), "{arguments}: {status} {}", text(&stderr));
    };
    for (i, errors_too) in [false, true].into_iter().enumerate() {
        ends_well("data info --data data", errors_too);
        ends_well("sample --run trained --count 1 --out a.png", errors_too);
        ends_well("train --resume --iterations 3 --data data --out trained", errors_too);
        ends_well(&format!("train --iterations 3 --batch-size 2 --data data --out new_{i}"), errors_too);
        ends_well("--help", errors_too);
        ends_well("--version", errors_too);
    }
    ends_well("bench --short --iterations 1 --warm-up 1 --batch-size 2", false);
    ends_well("bench --short --iterations 1 --warm-up 1 --batch-size 2 --json", true);
    assert!(dir.path().join("a.png").exists());
}

/// A disk that is full is an error, and what was learned is saved all the same.
#[test]
#[cfg(target_os = "linux")]
fn output_that_can_not_be_written_is_an_error() {
    let dir = with_data();
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    crate::common::cifar_files::write_test_zeros(&dir.path().join("data"));
    let outcome = gan_nb(dir.path(), "data info --data data").stdout(full()).output().unwrap();
    let told = text(&outcome.stderr);
    assert_eq!(outcome.status.code(), Some(1), "{told}");
    assert!(told.contains("can't write to standard output") && told.contains("No space left"), "{told}");

    let arguments = "train --iterations 2 --batch-size 2 --data data --out run";
    let outcome = gan_nb(dir.path(), arguments).stdout(full()).output().unwrap();
    let told = text(&outcome.stderr);
    assert!(outcome.status.code() == Some(1) && !told.contains("panicked"), "{told}");
    assert!(told.contains("can't write to standard output"), "{told}");
    assert_eq!(Run::open(dir.path().join("run")).unwrap().checkpoints().unwrap()[0].iteration, 1, "saved all the same");
}
