//! Downloads from a real HTTP server on this machine: the protocol. What can go wrong is in download_faults.rs.
#![cfg(feature = "download")]

use std::fs;

use crate::common::{cifar_files::assert_says, printed_by};
use crate::server::{Case, answer, no_more_than, rest, serve, whole};
use gan_nb::data::fetch;

#[test]
fn a_whole_file() {
    let case = Case::new();
    let (url, server) = serve([whole(&case.body)]);
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
    let (url, _server) = serve([[b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", &case.body[..]].concat()]);
    case.fetch(&url).unwrap();
    case.assert_done();
}

#[test]
fn a_cut_download_goes_on_where_it_was() {
    let case = Case::new();
    let cut = answer("200 OK", "", 300_000, &case.body[..100_000]);
    let (url, server) = serve([cut, rest(&case.body, 100_000)]);
    let error = case.fetch(&url).unwrap_err();
    assert_says(&error, &[&url, "a connection lost after 100000 of 300000 bytes", "Run it again to resume it from"]);
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
    let (url, server) = serve([whole(&case.body)]);
    case.fetch(&url).unwrap();
    case.assert_done();
    assert!(server.join().unwrap()[0].contains("range: bytes=200000-\r\n"));
}

#[test]
fn a_part_that_is_the_whole_file_is_not_fetched_again() {
    let case = Case::new();
    case.write_part(&case.body);
    let (url, _server) = serve([no_more_than(300_000)]);
    case.fetch(&url).unwrap();
    case.assert_done();
}

#[test]
fn a_part_that_is_too_long_starts_anew() {
    let case = Case::new();
    case.write_part(&[1; 400_000]);
    let (url, server) = serve([no_more_than(300_000), whole(&case.body)]);
    case.fetch(&url).unwrap();
    case.assert_done();
    assert!(!server.join().unwrap()[1].contains("range:"));
}

#[test]
fn redirects_are_followed_also_for_the_rest_of_a_file() {
    let case = Case::new();
    let cut = answer("200 OK", "", 300_000, &case.body[..100_000]);
    let moved = |place| answer("302 Found", &format!("Location: /{place}\r\n"), 0, &[]);
    let (url, server) = serve([moved("one"), moved("two"), cut, moved("one"), rest(&case.body, 100_000)]);
    assert_says(&case.fetch(&url).unwrap_err(), &[&url, "a connection lost after 100000 of 300000 bytes"]);
    case.fetch(&url).unwrap();
    case.assert_done();
    let requests = server.join().unwrap();
    assert!(requests[2].starts_with("get /two ") && requests[4].starts_with("get /one "), "{requests:?}");
    assert!(requests[3].contains("range: bytes=100000-\r\n"), "{requests:?}");
    assert!(requests[4].contains("range: bytes=100000-\r\n"), "{requests:?}");
}

#[test]
#[ignore = "started by the next test"]
fn is_stopped() {
    let case = Case::new();
    let button = std::env::var("EVCXR_LIVE_INTERRUPT").unwrap();
    fs::write(&button, "").unwrap();
    case.write_part(&case.body[..100_000]);
    let (url, _server) = serve([rest(&case.body, 100_000), rest(&case.body, 100_000)]);
    let error = case.fetch(&url).unwrap_err();
    assert_says(&error, &["the download of", &url, "was stopped at 0 MB", "Run the cell again to resume it"]);
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
    let printed = printed_by("download::is_stopped", &[("EVCXR_LIVE_INTERRUPT", &button)]);
    assert!(printed.contains("all well"), "{printed}");
}
