//! Downloads from servers that fail: each gives one clear error, leaves nothing that is of no use, and can be tried again.
#![cfg(feature = "download")]

use std::fs;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use crate::common::cifar_files::assert_says;
use crate::server::{Answer, Case, answer, rest, serve, whole};

/// Some tens of seconds, as what is waited for is the download's own patience; therefore all at once.
#[test]
fn a_server_may_be_slow_but_not_silent() {
    thread::scope(|scope| {
        scope.spawn(|| {
            let case = Case::new();
            // Longer in all than any one silence may be.
            let (url, _server) = serve([Answer::Trickle(whole(&case.body), 6, Duration::from_secs(6))]);
            case.fetch(&url).unwrap();
            case.assert_done();
        });
        scope.spawn(|| {
            let case = Case::new();
            let (url, _server) = serve([Answer::ThenSilence(Vec::new()), whole(&case.body).into()]);
            assert_says(&case.fetch(&url).unwrap_err(), &[&url, "found no answer (timeout", "try again"]);
            case.assert_nothing_left();
            case.fetch(&url).unwrap();
            case.assert_done();
        });
        scope.spawn(|| {
            let case = Case::new();
            let letter_by_letter = Answer::Trickle(whole(&[7; 5]), 30, Duration::from_secs(4));
            let (url, _server) = serve([letter_by_letter]);
            assert_says(&case.fetch(&url).unwrap_err(), &[&url, "found no answer (timeout", "try again"]);
            case.assert_nothing_left();
        });
        scope.spawn(|| {
            let case = Case::new();
            let begun = answer("200 OK", "", 300_000, &case.body[..100_000]);
            let (url, _server) = serve([Answer::ThenSilence(begun), rest(&case.body, 100_000).into()]);
            let cut = "a connection lost after 100000 of 300000 bytes (timeout";
            assert_says(&case.fetch(&url).unwrap_err(), &[&url, cut, "Run it again to resume it from"]);
            assert!(fs::read(case.part()).unwrap() == case.body[..100_000], "the part stays");
            case.fetch(&url).unwrap();
            case.assert_done();
        });
    });
}

#[test]
fn other_answers_are_errors_and_a_second_try_succeeds() {
    for status in ["404 Not Found", "500 Internal Server Error", "503 Service Unavailable", "204 No Content"] {
        let case = Case::new();
        let length = if status.starts_with("204") { 0 } else { 4 };
        let (url, _server) = serve([answer(status, "", length, &b"oops"[..length]), whole(&case.body)]);
        let name = format!("found HTTP {status}");
        assert_says(&case.fetch(&url).unwrap_err(), &[&url, &name, "expected the file", "put cifar.tar.gz into"]);
        case.assert_nothing_left();
        case.fetch(&url).unwrap();
        case.assert_done();
    }
}

#[test]
fn a_part_outlives_a_server_that_is_ill() {
    let case = Case::new();
    case.write_part(&case.body[..200_000]);
    let (url, _server) = serve([answer("500 Internal Server Error", "", 0, &[]), rest(&case.body, 200_000)]);
    assert_says(&case.fetch(&url).unwrap_err(), &[&url, "found HTTP 500", "try again"]);
    assert_eq!(fs::metadata(case.part()).unwrap().len(), 200_000);
    case.fetch(&url).unwrap();
    case.assert_done();
}

#[test]
fn redirects_without_end_are_one_error() {
    let case = Case::new();
    let round = answer("302 Found", "Location: /cifar.tar.gz\r\n", 0, &[]);
    let (url, _server) = serve(vec![round; 20]);
    assert_says(&case.fetch(&url).unwrap_err(), &[&url, "found too many redirects", "try again"]);
    case.assert_nothing_left();
}

#[test]
fn a_server_that_is_not_there_is_an_error() {
    let case = Case::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = case.fetch(&format!("http://{free}/cifar.tar.gz")).unwrap_err();
    assert_says(&error, &[&free.to_string(), "found no answer (", "Check the network"]);
    case.assert_nothing_left();
}

#[test]
fn wrong_bytes_are_thrown_away() {
    let case = Case::new();
    let mut wrong = case.body.clone();
    wrong[150_000] ^= 1;
    let (url, _server) = serve([whole(&wrong), whole(&case.body)]);
    let found = format!("a file with the MD5 checksum {:x}", md5::compute(&wrong));
    assert_says(&case.fetch(&url).unwrap_err(), &[&url, &found, &case.md5, "deleted", "again"]);
    case.assert_no_file();
    case.fetch(&url).unwrap();
    case.assert_done();
}

#[test]
fn a_wrong_length_is_found_out() {
    // Each promises a length and keeps it, but it is not the file's.
    for length in [100_000, 350_000] {
        let case = Case::new();
        let mut wrong = case.body.clone();
        wrong.resize(length, 0);
        let (url, _server) = serve([whole(&wrong), whole(&case.body)]);
        let found = ["found a file with the MD5 checksum", &case.md5, "It arrived damaged and was deleted"];
        assert_says(&case.fetch(&url).unwrap_err(), &found);
        case.assert_no_file();
        case.fetch(&url).unwrap();
        case.assert_done();
    }
}

#[test]
fn what_is_sent_beyond_the_promised_length_is_not_taken() {
    let case = Case::new();
    let (url, _server) = serve([[whole(&case.body), vec![0; 50_000]].concat()]);
    case.fetch(&url).unwrap();
    case.assert_done();
}

#[test]
fn chunks_that_are_cut_off_are_gone_on_with() {
    let chunk = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n".to_vec();
    // Cut between two chunks, and within one.
    for cut in [chunk(&[]).len(), 20_000] {
        let case = Case::new();
        let mut first = [head.clone(), chunk(&case.body[..100_000]), chunk(&case.body[100_000..120_000])].concat();
        first.truncate(first.len() - cut);
        let (url, server) = serve([first, whole(&case.body)]);
        let what = "connection lost after 1";
        assert_says(&case.fetch(&url).unwrap_err(), &[&url, what, "Run it again to resume it from"]);
        assert!(!case.target().exists());
        case.fetch(&url).unwrap();
        case.assert_done();
        assert!(server.join().unwrap()[1].contains("range: bytes=1"), "asks for the rest");
    }
}
