//! CIFAR-10 from its folder and from its archive, whole and damaged.

use std::fs;
use std::path::Path;

use crate::common::cifar_files::{FILE_BYTES, RECORD, TRAIN, assert_says, batch, label, pixel, write};
use flate2::{Compression, write::GzEncoder};
use gan_nb::data::{Cifar10, Dataset};

/// Records to look at: both ends of a file and one inside.
const RECORDS: [usize; 3] = [0, 4321, 9999];

fn assert_is_file(data: &Dataset, first: usize, file: usize) {
    for i in RECORDS {
        assert_eq!(data.label(first + i).unwrap(), label(file, i));
        let found = Vec::<u8>::try_from(data.images(&[first + i]).unwrap().flatten(0, -1)).unwrap();
        let hwc = (0..32).flat_map(|y| (0..32).flat_map(move |x| (0..3).map(move |c| pixel(file, i, c, y, x))));
        assert!(found.into_iter().eq(hwc), "record {i} of file {file}");
    }
}

/// An archive with these entries, in this order.
fn pack(path: &Path, entries: &[(&str, &[u8])]) {
    let mut tar = tar::Builder::new(GzEncoder::new(fs::File::create(path).unwrap(), Compression::fast()));
    for (name, bytes) in entries {
        let mut header = tar::Header::new_ustar();
        // Not `append_data`, which refuses the `..` that a hostile archive may hold.
        header.as_ustar_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append(&header, *bytes).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap();
}

/// The error for a test set whose one file is `bytes`.
fn refusal(bytes: &[u8]) -> gan_nb::Error {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "test_batch.bin", bytes);
    Cifar10::load_test_from(dir.path()).unwrap_err()
}

#[test]
fn reads_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    for (file, name) in TRAIN.iter().enumerate() {
        write(dir.path(), name, &batch(file));
    }
    write(dir.path(), "test_batch.bin", &batch(7));
    let data = Cifar10::load_from(dir.path()).unwrap();
    assert_eq!(data.to_string(), "CIFAR-10: 50000 images of 32x32x3, 10 classes");
    assert_eq!((&*data.class_names()[0], &*data.class_names()[9]), ("airplane", "truck"));
    for file in 0..5 {
        assert_is_file(&data, file * 10_000, file);
    }
    // The inner folder will do as well.
    let test = Cifar10::load_test_from(dir.path().join("cifar-10-batches-bin")).unwrap();
    assert_eq!(test.to_string(), "CIFAR-10 test: 10000 images of 32x32x3, 10 classes");
    assert_is_file(&test, 0, 7);
}

#[test]
fn reads_the_archive_in_any_order_and_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let batches: Vec<Vec<u8>> = (0..5).map(batch).collect();
    let archive = [
        ("../readme.html", &b"hello"[..]),
        ("cifar-10-batches-bin/data_batch_4.bin", &batches[3]),
        ("./data_batch_1.bin", &batches[0]),
        ("../../data_batch_5.bin", &batches[4]),
        ("/tmp/data_batch_2.bin", &batches[1]),
        ("data_batch_3.bin", &batches[2]),
    ];
    pack(&inner.join("cifar-10-binary.tar.gz"), &archive);
    let data = Cifar10::load_from(&inner).unwrap();
    for file in 0..5 {
        assert_is_file(&data, file * 10_000, file);
    }
    let count = |dir: &Path| fs::read_dir(dir).unwrap().count();
    assert_eq!((count(dir.path()), count(&inner)), (1, 1));
}

#[test]
fn the_folder_goes_before_the_archive() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "test_batch.bin", &batch(7));
    fs::write(dir.path().join("cifar-10-binary.tar.gz"), "not an archive").unwrap();
    assert_is_file(&Cifar10::load_test_from(dir.path()).unwrap(), 0, 7);
}

#[test]
fn names_missing_files() {
    let dir = tempfile::tempdir().unwrap();
    for name in [TRAIN[0], TRAIN[2], TRAIN[3]] {
        write(dir.path(), name, &[]);
    }
    let error = Cifar10::load_from(dir.path()).unwrap_err();
    assert_says(
        &error,
        &["cifar-10-batches-bin: found no data_batch_2.bin, no data_batch_5.bin, expected data_batch_1"],
    );

    let archive = dir.path().join("cifar-10-batches-bin/cifar-10-binary.tar.gz");
    pack(&archive, &[("test.bin", b"hello")]);
    fs::create_dir(dir.path().join("other")).unwrap();
    fs::rename(archive, dir.path().join("other/cifar-10-binary.tar.gz")).unwrap();
    let error = Cifar10::load_test_from(dir.path().join("other")).unwrap_err();
    assert_says(&error, &["cifar-10-binary.tar.gz: found no test_batch.bin, expected test_batch.bin", "again"]);
}

#[test]
fn names_a_folder_without_data() {
    let dir = tempfile::tempdir().unwrap();
    let expected = "a folder with cifar-10-batches-bin/ or cifar-10-binary.tar.gz in it";
    assert_says(&Cifar10::load_from(dir.path()).unwrap_err(), &["found no CIFAR-10", expected, "https://"]);
    assert_says(&Cifar10::load_from(dir.path().join("none")).unwrap_err(), &["none: found no folder", expected]);
}

#[test]
fn refuses_files_of_the_wrong_length() {
    let whole = batch(0);
    let expected = "test_batch.bin: found";
    assert_says(&refusal(&[]), &[expected, "an empty file", "30730000 bytes", "again"]);
    assert_says(&refusal(&whole[..FILE_BYTES - 1]), &[expected, "30729999 bytes, 1 too few", "30730000 bytes"]);
    assert_says(&refusal(&[&whole[..], &[0; 5]].concat()), &[expected, "30730005 bytes, 5 too many"]);
}

#[test]
fn refuses_a_wrong_label() {
    let mut bytes = batch(0);
    bytes[1234 * RECORD] = 10;
    let parts = ["test_batch.bin: found label 10 in record 1234 (byte 3792082)", "a label of 0 to 9", "get it again"];
    assert_says(&refusal(&bytes), &parts);
}

#[test]
fn refuses_damaged_archives() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cifar-10-binary.tar.gz");
    let refusal = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        Cifar10::load_test_from(dir.path()).unwrap_err()
    };
    assert_says(&refusal(&[]), &["cifar-10-binary.tar.gz: found an empty file", "a .tar.gz", "download it again"]);
    assert_says(&refusal(b"<html>Not found</html>"), &["found a damaged or truncated archive (", "a complete .tar.gz"]);

    pack(&path, &[("test_batch.bin", &batch(0)[..FILE_BYTES - 1])]);
    let short = fs::read(&path).unwrap();
    assert_says(&refusal(&short), &["cifar-10-binary.tar.gz/test_batch.bin", "30729999 bytes, 1 too few"]);

    pack(&path, &[("test_batch.bin", &batch(0))]);
    let whole = fs::read(&path).unwrap();
    assert_says(&refusal(&whole[..whole.len() / 2]), &["found a damaged or truncated archive (", "download it again"]);
    assert_says(&refusal(&whole[..whole.len() - 6]), &["found a damaged or truncated archive (", "download it again"]);
}

/// Stored, not compressed, so that the flipped bit is one pixel's and only gzip's checksum can tell.
#[test]
fn a_flipped_bit_in_an_archive_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cifar-10-binary.tar.gz");
    let mut tar = tar::Builder::new(GzEncoder::new(fs::File::create(&path).unwrap(), Compression::none()));
    let bytes = batch(0);
    let mut header = tar::Header::new_ustar();
    header.set_size(bytes.len() as u64);
    tar.append_data(&mut header, "test_batch.bin", &bytes[..]).unwrap();
    tar.into_inner().unwrap().finish().unwrap();
    assert_is_file(&Cifar10::load_test_from(dir.path()).unwrap(), 0, 0);

    let mut packed = fs::read(&path).unwrap();
    // A whole record somewhere in the middle lies in the archive as it is.
    let place = packed.windows(64).position(|window| window == &bytes[5000 * RECORD + 9..][..64]).unwrap();
    packed[place] ^= 4;
    fs::write(&path, packed).unwrap();
    let error = Cifar10::load_test_from(dir.path()).unwrap_err();
    assert_says(
        &error,
        &["cifar-10-binary.tar.gz: found a damaged or truncated archive", "checksum", "download it again"],
    );
}
