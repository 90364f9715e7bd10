//! CIFAR-10 wherever it reasonably is, and what is said of that which is not it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::cifar_files::{FILE_BYTES, assert_says, pack_zeros, write_test_zeros};
use gan_nb::data::Cifar10;

const TEST: &str = "test_batch.bin";
const NEEDED: &str = "cifar-10-binary.tar.gz";

/// A folder for one case.
fn case() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_path_buf();
    (dir, path)
}

/// Files of this name with so many bytes of zeros, which take no room.
fn zeros(folder: &Path, names: &[&str], bytes: usize) {
    fs::create_dir_all(folder).unwrap();
    for name in names {
        fs::File::create(folder.join(name)).unwrap().set_len(bytes as u64).unwrap();
    }
}

fn pack(folder: &Path, name: &str, names: &[&str]) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    pack_zeros(&folder.join(name), names);
    folder.join(name)
}

fn assert_loads(path: &Path) {
    match Cifar10::load_test_from(path) {
        Ok(data) => assert_eq!(data.to_string(), "CIFAR-10 test: 10000 images of 32x32x3, 10 classes"),
        Err(error) => panic!("{}: {error}", path.display()),
    }
}

fn refusal(path: &Path) -> gan_nb::Error {
    match Cifar10::load_test_from(path) {
        Ok(data) => panic!("{}: {data}, expected an error", path.display()),
        Err(error) => error,
    }
}

#[test]
fn a_folder_of_any_name_up_to_two_levels_down() {
    for inner in ["", "cifar-10-batches-bin", "photos", "cifar10/cifar-10-batches-bin", "downloads/unpacked"] {
        let (_dir, path) = case();
        zeros(&path.join(inner), &[TEST], FILE_BYTES);
        assert_loads(&path);
        assert_loads(&path.join(inner));
        assert_loads(&path.join(inner).join(TEST)); // One of its files will do as well.
    }
}

#[test]
fn an_archive_as_browsers_name_it_packed_or_not() {
    let names = [
        "cifar-10-binary.tar.gz",
        "cifar-10-binary (1).tar.gz",
        "cifar-10-binary(1).tar.gz",
        "cifar-10-binary.tar (1).gz",
        "cifar-10-binary.tar",
        "CIFAR-10-binary.TGZ",
        "cifar10.tar.gz",
    ];
    for name in names {
        for inner in ["", "Descargas", "one/two"] {
            let (_dir, path) = case();
            let archive = pack(&path.join(inner), name, &[TEST]);
            assert_loads(&archive);
            if inner != "one/two" {
                assert_loads(&path);
            }
        }
    }
    let (_dir, path) = case();
    assert_loads(&pack(&path, "a name of my own.tar.gz", &[TEST]));
    // A program that unpacked it on the way and left its name.
    let (_dir, path) = case();
    let plain = pack(&path, "plain.tar", &[TEST]);
    fs::rename(plain, path.join(NEEDED)).unwrap();
    assert_loads(&path);
}

#[test]
fn official_names_go_first() {
    let (_dir, path) = case();
    zeros(&path.join("a copy"), &[TEST], 5);
    write_test_zeros(&path);
    assert_loads(&path);

    let (_dir, path) = case();
    fs::write(path.join("cifar-10-binary (1).tar.gz"), "cut off").unwrap();
    pack(&path, NEEDED, &[TEST]);
    assert_loads(&path);
}

#[test]
fn the_python_version_is_named_and_so_is_the_one_that_is_needed() {
    let batches = ["data_batch_1", "data_batch_2", "test_batch", "batches.meta"];
    for inner in ["", "cifar-10-batches-py", "one/two"] {
        let (_dir, path) = case();
        let folder: PathBuf = path.join(inner).components().collect();
        zeros(&folder, &batches, 100);
        let found = format!("{}: found the Python version of CIFAR-10", folder.display());
        assert_says(&refusal(&path), &[&found, "the binary version", NEEDED, Cifar10::URL]);
        assert_says(&refusal(&folder.join("test_batch")), &["found the Python version of CIFAR-10", NEEDED]);
        // Beside the binary version it does no harm.
        pack(&path, NEEDED, &[TEST]);
        assert_loads(&path);
    }
    for name in ["cifar-10-python.tar.gz", "cifar-10-python (1).tar.gz", "any.tar"] {
        let (_dir, path) = case();
        let archive = pack(&path, name, &["data_batch_1", "test_batch"]);
        let parts = [name, "found the Python version of CIFAR-10", "the binary version", NEEDED, Cifar10::URL];
        assert_says(&refusal(&archive), &parts);
        if name != "any.tar" {
            assert_says(&refusal(&path), &parts);
            write_test_zeros(&path);
            assert_loads(&path);
        }
    }
}

#[test]
fn what_is_there_instead_is_named() {
    let (_dir, path) = case();
    assert_says(&refusal(&path), &["found no CIFAR-10 in it: it is empty", NEEDED]);
    for name in ["a.txt", "b.txt", "c.txt", "d.txt", "cifar-10.zip", "e.txt"] {
        fs::write(path.join(name), "x").unwrap();
    }
    let listed = "found no CIFAR-10 in it: it holds cifar-10.zip, a.txt, b.txt, c.txt and 2 more";
    assert_says(&refusal(&path), &[listed, "a folder with cifar-10-batches-bin/ or cifar-10-binary.tar.gz in it"]);
    assert_says(
        &refusal(&path.join("cifar-10.zip")),
        &["cifar-10.zip: found a file that is not a tar archive", NEEDED],
    );
    assert_says(&refusal(&path.join("none")), &["none: found no folder or file", NEEDED]);
    // Part of a download is no archive yet, and CIFAR-100 is another set of pictures.
    for name in ["cifar-10-binary.tar.gz.part", "cifar-100-binary.tar.gz"] {
        let (_dir, path) = case();
        fs::write(path.join(name), "x").unwrap();
        assert_says(&refusal(&path), &["found no CIFAR-10 in it: it holds", name]);
    }
}

/// Damaged data is an error wherever it lies.
#[test]
fn incomplete_folders_are_found_and_what_they_lack_is_named() {
    let (_dir, path) = case();
    zeros(&path.join("photos"), &["data_batch_3.bin"], FILE_BYTES);
    assert_says(&refusal(&path), &["photos: found no test_batch.bin, expected test_batch.bin"]);
}

/// A folder of everything is not read through to its end.
#[test]
fn many_files_are_passed_over() {
    let (_dir, path) = case();
    for folder in 0..40 {
        let folder = path.join(format!("{folder:02}"));
        fs::create_dir(&folder).unwrap();
        (0..500).for_each(|file| fs::write(folder.join(file.to_string()), "").unwrap());
    }
    let start = std::time::Instant::now();
    assert_says(&refusal(&path), &["found no CIFAR-10 in it: it holds 00, 01, 02, 03 and 36 more"]);
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}
