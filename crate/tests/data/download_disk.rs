//! Downloads to a disk that refuses, and two programs that want the same file.
#![cfg(feature = "download")]

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::Duration;

use crate::common::cifar_files::assert_says;
use crate::common::mounts::{disk, fill_disk_but, free_bytes, on_small_disk, set_read_only};
use crate::common::{assert_passed, command_of};
use crate::server::{Answer, Case, answer, asked, no_more_than, rest, serve, whole};
use gan_nb::data::{Cifar10, fetch};

#[test]
#[ignore = "started by the next test"]
fn fills_the_disk() {
    let case = Case::in_folder(&disk());
    let filler = fill_disk_but(200_000);
    let room = free_bytes(&disk());
    // From nothing, and when a part was there already.
    for part in [0, 150_000] {
        case.write_part(&case.body[..part]);
        let (url, _server) = serve([if part == 0 { whole(&case.body) } else { rest(&case.body, part) }]);
        let error = case.fetch(&url).unwrap_err();
        assert_says(&error, &["cifar.tar.gz.part: can't write the file: No space left", "deleted", "Make room"]);
        case.assert_no_file();
        assert_eq!(free_bytes(&disk()), room, "the disk is not left full");
    }
    fs::remove_file(filler).unwrap();
    let (url, _server) = serve([whole(&case.body)]);
    case.fetch(&url).unwrap();
    case.assert_done();
}

#[test]
fn a_full_disk_is_not_left_full_and_with_room_it_goes_well() {
    on_small_disk("1m", "download_disk::fills_the_disk", &[]);
}

#[test]
#[ignore = "started by the next test"]
fn meets_a_read_only_folder() {
    let case = Case::in_folder(&disk());
    case.write_part(&case.body[..100_000]);
    set_read_only(true);
    let (url, _server) = serve([rest(&case.body, 100_000), rest(&case.body, 100_000)]);
    let refused = ["cifar.tar.gz.part: can't open the file: Read-only file system", "yours to write"];
    assert_says(&case.fetch(&url).unwrap_err(), &refused);
    set_read_only(false);
    assert!(fs::read(case.part()).unwrap() == case.body[..100_000], "the part is as it was");

    // The right is taken away under way: all has come, but can't get its name.
    let mut once = true;
    let mut take_away = |_, _| {
        if std::mem::take(&mut once) {
            set_read_only(true);
        }
    };
    let error = fetch(&url, &case.md5, &case.target(), &mut take_away).unwrap_err();
    assert_says(&error, &["cifar.tar.gz: can't rename the download: Read-only file system", "may write to the folder"]);
    assert!(!case.target().exists());
    set_read_only(false);
    let (url, _server) = serve([no_more_than(300_000)]);
    case.fetch(&url).unwrap();
    case.assert_done();
}

#[test]
#[ignore = "started by the next test"]
fn meets_a_read_only_disk() {
    let case = Case::in_folder(&disk());
    set_read_only(true);
    let (url, _server) = serve([whole(&case.body), whole(&case.body)]);
    assert_says(&case.fetch(&url).unwrap_err(), &["can't create the folder: Read-only file system", "GAN_NB_DATA"]);
    case.assert_nothing_left();
    set_read_only(false);
    case.fetch(&url).unwrap();
    case.assert_done();
}

#[test]
fn a_read_only_folder_is_an_error_and_when_it_is_not_it_goes_well() {
    on_small_disk("2m", "download_disk::meets_a_read_only_folder", &[]);
    on_small_disk("2m", "download_disk::meets_a_read_only_disk", &[]);
}

/// A program that wants CIFAR-10's archive, as the library's own `load` does: it looks, and else downloads.
#[test]
#[ignore = "started by the next test"]
fn wants_the_archive() {
    if let Some(folder) = Cifar10::find() {
        println!("\nfound in {}", folder.display());
        return;
    }
    let [url, md5] = ["URL", "MD5"].map(|name| env::var(name).unwrap());
    let target = Cifar10::folder().unwrap().join(Cifar10::ARCHIVE);
    match fetch(&url, &md5, &target, &mut |_, _| ()) {
        Ok(()) => println!("\ndownloaded"),
        Err(error) => println!("\nerror: {error}"),
    }
}

fn wait_for(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if condition() {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("after 20 s still not: {what}");
}

fn length(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |data| data.len())
}

#[test]
fn two_programs_at_once() {
    let (case, folder) = (Case::new(), tempfile::tempdir().unwrap());
    let gate = folder.path().join("gate");
    let data = folder.path().join("data");
    let (archive, part) = (data.join(Cifar10::ARCHIVE), data.join(format!("{}.part", Cifar10::ARCHIVE)));
    let first_answer = answer("200 OK", "", 300_000, &case.body[..100_000]);
    let gated = Answer::Gate(first_answer, gate.clone(), case.body[100_000..].to_vec());
    // The first program's connection is still open when the second one asks.
    let (url, _first_server) = serve([gated]);
    let (second_url, _second_server) = serve([rest(&case.body, 100_000)]);
    let program = |url: &str| {
        let mut command = command_of("download_disk::wants_the_archive");
        command.env("GAN_NB_DATA", &data).env("URL", url).env("MD5", &case.md5);
        command.env("XDG_CACHE_HOME", folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let printed = |child: std::process::Child| {
        assert_passed("download_disk::wants_the_archive", &child.wait_with_output().unwrap())
    };

    let first = program(&url);
    wait_for("the first has written what has come", || length(&part) == 100_000);
    let second = printed(program(&second_url));
    assert!(second.contains("error: ") && second.contains("found a download by another program"), "{second}");
    assert!(second.contains("Wait until it is done, then run this again"), "{second}");
    assert_eq!(length(&part), 100_000, "the second left it alone");
    fs::write(&gate, "").unwrap();
    assert!(printed(first).contains("\ndownloaded"));
    assert!(fs::read(&archive).unwrap() == case.body && !part.exists());
    let again = printed(program(&second_url));
    assert!(again.contains("\nfound in "), "{again}");
}

/// Runs a download, and `meanwhile` when its first request is under way.
fn with_another_program(case: &Case, first: Vec<u8>, others: Vec<Vec<u8>>, meanwhile: impl FnOnce()) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let gate: PathBuf = folder.path().join("gate");
    let mut answers = vec![Answer::Gate(Vec::new(), gate.clone(), first)];
    answers.extend(others.into_iter().map(Answer::Bytes));
    let (url, server) = serve(answers);
    thread::scope(|scope| {
        let download = scope.spawn(|| case.fetch(&url).unwrap());
        wait_for("the server was asked", || asked(&gate).exists());
        meanwhile();
        fs::File::create(&gate).unwrap().write_all(b"go").unwrap();
        download.join().unwrap();
    });
    wait_for("all answers are given", || server.is_finished());
    server.join().unwrap()
}

#[test]
fn a_file_that_another_program_got_meanwhile_is_left_as_it_is() {
    let case = Case::new();
    case.write_part(&case.body[..100_000]);
    with_another_program(&case, rest(&case.body, 100_000), Vec::new(), || {
        fs::remove_file(case.part()).unwrap();
        fs::write(case.target(), "the other's").unwrap();
    });
    assert_eq!(fs::read(case.target()).unwrap(), b"the other's");
}

#[test]
fn a_part_that_another_program_wrote_to_meanwhile_is_looked_at_anew() {
    let case = Case::new();
    case.write_part(&case.body[..100_000]);
    let others = vec![rest(&case.body, 200_000)];
    let requests = with_another_program(&case, rest(&case.body, 100_000), others, || {
        case.write_part(&case.body[..200_000]);
    });
    case.assert_done();
    assert!(requests[1].contains("range: bytes=200000-\r\n"), "{requests:?}");
}
