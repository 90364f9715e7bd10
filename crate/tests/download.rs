//! Downloads from a real HTTP server on this machine.
#![cfg(feature = "download")]
#![allow(clippy::unwrap_used)] // Helpers too: clippy lets only the tests themselves.
mod cifar_files;
mod common;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::thread::{self, JoinHandle};

use cifar_files::assert_says;
use gan_nb::data::fetch;
use tempfile::TempDir;

/// Answers one connection after another with `answers`, then gives back the requests it met.
fn serve(answers: Vec<Vec<u8>>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/cifar.tar.gz", listener.local_addr().unwrap());
    let answer_all = move || {
        let answer = |bytes: Vec<u8>| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            stream.write_all(&bytes).unwrap();
            String::from_utf8(head).unwrap().to_lowercase()
        };
        answers.into_iter().map(answer).collect()
    };
    (url, thread::spawn(answer_all))
}

/// An answer that promises `length` bytes and sends `body`.
fn answer(status: &str, more: &str, length: usize, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n");
    [head.as_bytes(), body].concat()
}

fn whole(body: &[u8]) -> Vec<u8> {
    answer("200 OK", "", body.len(), body)
}

/// The answer to `Range: bytes=from-`.
fn rest(body: &[u8], from: usize) -> Vec<u8> {
    let range = format!("Content-Range: bytes {from}-{}/{}\r\n", body.len() - 1, body.len());
    answer("206 Partial Content", &range, body.len() - from, &body[from..])
}

/// A file to serve, and where it shall go.
struct Case {
    body: Vec<u8>,
    md5: String,
    dir: TempDir,
}

impl Case {
    fn new() -> Self {
        let body: Vec<u8> = (0..300_000_u32).map(|i| (i.wrapping_mul(i) / 7) as u8).collect();
        Self { md5: format!("{:x}", md5::compute(&body)), body, dir: tempfile::tempdir().unwrap() }
    }

    fn target(&self) -> PathBuf {
        self.dir.path().join("new/folder/cifar.tar.gz")
    }

    fn part(&self) -> PathBuf {
        self.dir.path().join("new/folder/cifar.tar.gz.part")
    }

    fn write_part(&self, bytes: &[u8]) {
        fs::create_dir_all(self.part().parent().unwrap()).unwrap();
        fs::write(self.part(), bytes).unwrap();
    }

    fn fetch(&self, url: &str) -> gan_nb::Result<()> {
        fetch(url, &self.md5, &self.target(), &mut |_, _| ())
    }

    fn assert_done(&self) {
        assert!(fs::read(self.target()).unwrap() == self.body, "not the file that was served");
        assert!(!self.part().exists());
    }
}

#[test]
fn a_whole_file() {
    let case = Case::new();
    let (url, server) = serve(vec![whole(&case.body)]);
    let mut steps = Vec::new();
    fetch(&url, &case.md5.to_uppercase(), &case.target(), &mut |bytes, total| steps.push((bytes, total))).unwrap();
    case.assert_done();
    assert!(steps.is_sorted());
    assert_eq!((steps[0], steps[steps.len() - 1]), ((0, Some(300_000)), (300_000, Some(300_000))));
    assert!(!server.join().unwrap()[0].contains("range:"));
}

#[test]
fn a_file_of_unknown_length() {
    let case = Case::new();
    let (url, _server) = serve(vec![[b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", &case.body[..]].concat()]);
    case.fetch(&url).unwrap();
    case.assert_done();
}

#[test]
fn a_cut_download_goes_on_where_it_was() {
    let case = Case::new();
    let cut = answer("200 OK", "", 300_000, &case.body[..100_000]);
    let (url, server) = serve(vec![cut, rest(&case.body, 100_000)]);
    let error = case.fetch(&url).unwrap_err();
    assert_says(
        &error,
        &[&url, "a connection cut after 100000 of 300000 bytes", "Run it again: it goes on from there"],
    );
    assert_eq!(fs::read(case.part()).unwrap(), case.body[..100_000]);
    assert!(!case.target().exists());

    let mut first = None;
    fetch(&url, &case.md5, &case.target(), &mut |bytes, total| {
        first.get_or_insert((bytes, total));
    })
    .unwrap();
    case.assert_done();
    assert_eq!(first, Some((100_000, Some(300_000))));
    let requests = server.join().unwrap();
    assert!(requests[1].contains("range: bytes=100000-\r\n"), "{}", requests[1]);
}

#[test]
fn a_server_without_ranges_starts_anew() {
    let case = Case::new();
    case.write_part(&case.body[..200_000]);
    let (url, server) = serve(vec![whole(&case.body)]);
    case.fetch(&url).unwrap();
    case.assert_done();
    assert!(server.join().unwrap()[0].contains("range: bytes=200000-\r\n"));
}

#[test]
fn a_part_that_is_the_whole_file_is_not_fetched_again() {
    let case = Case::new();
    case.write_part(&case.body);
    let refusal = answer("416 Range Not Satisfiable", "Content-Range: bytes */300000\r\n", 0, &[]);
    let (url, _server) = serve(vec![refusal]);
    case.fetch(&url).unwrap();
    case.assert_done();
}

#[test]
fn a_part_that_is_too_long_starts_anew() {
    let case = Case::new();
    case.write_part(&[1; 400_000]);
    let refusal = answer("416 Range Not Satisfiable", "Content-Range: bytes */300000\r\n", 0, &[]);
    let (url, server) = serve(vec![refusal, whole(&case.body)]);
    case.fetch(&url).unwrap();
    case.assert_done();
    assert!(!server.join().unwrap()[1].contains("range:"));
}

#[test]
fn other_answers_are_errors() {
    for status in ["404 Not Found", "503 Service Unavailable"] {
        let case = Case::new();
        let (url, _server) = serve(vec![answer(status, "", 4, b"oops")]);
        let name = format!("found HTTP {status}");
        assert_says(&case.fetch(&url).unwrap_err(), &[&url, &name, "expected the file", "put cifar.tar.gz into"]);
        assert_eq!(fs::read_dir(case.dir.path()).unwrap().count(), 0);
    }
}

#[test]
fn a_server_that_is_not_there_is_an_error() {
    let case = Case::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = case.fetch(&format!("http://{free}/cifar.tar.gz")).unwrap_err();
    assert_says(&error, &[&free.to_string(), "found no answer (", "Look at the network"]);
    assert_eq!(fs::read_dir(case.dir.path()).unwrap().count(), 0);
}

#[test]
fn wrong_bytes_are_thrown_away() {
    let case = Case::new();
    let mut wrong = case.body.clone();
    wrong[150_000] ^= 1;
    let (url, _server) = serve(vec![whole(&wrong)]);
    let found = format!("a file with the MD5 checksum {:x}", md5::compute(&wrong));
    assert_says(&case.fetch(&url).unwrap_err(), &[&url, &found, &case.md5, "deleted", "again"]);
    assert!(!case.target().exists() && !case.part().exists());
}

#[test]
fn two_at_once_are_refused() {
    let case = Case::new();
    case.write_part(&[]);
    let other = fs::File::open(case.part()).unwrap();
    other.lock().unwrap();
    let (url, _server) = serve(vec![whole(&case.body)]);
    assert_says(&case.fetch(&url).unwrap_err(), &["cifar.tar.gz.part: found another program", "Wait"]);
    assert!(!case.target().exists());
}

#[test]
#[ignore = "started by the next test"]
fn is_stopped() {
    let case = Case::new();
    let button = std::env::var("EVCXR_LIVE_INTERRUPT").unwrap();
    fs::write(&button, "").unwrap();
    case.write_part(&case.body[..100_000]);
    let (url, _server) = serve(vec![rest(&case.body, 100_000), rest(&case.body, 100_000)]);
    let error = case.fetch(&url).unwrap_err();
    assert_says(&error, &["the download of", &url, "was stopped at 0 MB", "Run the cell again: it goes on from there"]);
    assert!(matches!(error, gan_nb::Error::Stopped { .. }), "not a failure that drawn shapes stand in for");
    assert!(fs::read(case.part()).unwrap() == case.body[..100_000], "the part stays");
    fs::remove_file(&button).unwrap();
    case.fetch(&url).unwrap();
    case.assert_done();
    println!("all well");
}

#[test]
fn the_stop_button_ends_a_download_that_goes_on_later() {
    let folder = tempfile::tempdir().unwrap();
    let button = folder.path().join("interrupt").display().to_string();
    let printed = common::printed_by("is_stopped", &[("EVCXR_LIVE_INTERRUPT", &button)]);
    assert!(printed.contains("all well"), "{printed}");
}
