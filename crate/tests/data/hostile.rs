//! Files that mean harm: an archive that wants out of its folder, unpacks to gigabytes or claims what it can't hold.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use crate::common::cifar_files::{FILE_BYTES, TRAIN, assert_says, batch, write, write_zeros};
use crate::peak::peak_of;
use flate2::{Compression, write::GzEncoder};
use gan_nb::Error;
use gan_nb::data::Cifar10;
use tar::{EntryType, Header};

/// What reading may take beside the pictures: two read buffers and gzip's window.
const BESIDE: usize = 1 << 19;

/// A header as a hostile hand would write it: names and sizes that tar itself would refuse.
fn header(name: &str, kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header
}

/// Packs each piece as a gzip member of its own, `times` over: a bomb takes no longer to make than one piece of it.
fn pack(dir: &Path, pieces: &[(&[u8], usize)]) {
    let mut archive = fs::File::create(dir.join(Cifar10::ARCHIVE)).unwrap();
    for (piece, times) in pieces {
        let mut member = GzEncoder::new(Vec::new(), Compression::fast());
        member.write_all(piece).unwrap();
        let member = member.finish().unwrap();
        (0..*times).for_each(|_| archive.write_all(&member).unwrap());
    }
}

/// What is said of the archive in `dir`, as one of test pictures, and the memory that it took to say it.
fn refusal(dir: &Path) -> (Error, usize) {
    let (result, peak) = peak_of(|| Cifar10::load_test_from(dir));
    (result.unwrap_err(), peak)
}

/// One whole file of test pictures as a tar entry.
fn whole() -> Vec<u8> {
    let mut entry = header("test_batch.bin", EntryType::Regular, FILE_BYTES as u64).as_bytes().to_vec();
    entry.extend(batch(0));
    entry.resize(entry.len().next_multiple_of(512), 0);
    entry
}

const END: [u8; 1024] = [0; 1024];

#[test]
fn only_plain_files_are_read() {
    let kinds = [
        (EntryType::Symlink, "test_batch.bin: found a link, expected a regular file. Delete it"),
        (EntryType::Link, "test_batch.bin: found a link, expected a regular file"),
        (EntryType::Directory, "test_batch.bin: found a folder, expected a regular file"),
        (EntryType::GNUSparse, "test_batch.bin: found a special file, expected a regular file"),
        (EntryType::Fifo, "test_batch.bin: found a special file"),
    ];
    let dir = tempfile::tempdir().unwrap();
    for (kind, message) in kinds {
        // With all that a regular file would have.
        let mut entry = header("x/test_batch.bin", kind, FILE_BYTES as u64);
        entry.set_link_name("/etc/passwd").unwrap();
        entry.set_cksum();
        pack(dir.path(), &[(entry.as_bytes(), 1), (&batch(0), 1), (&[0; 440], 1), (&END, 1)]);
        let (error, peak) = refusal(dir.path());
        assert_says(&error, &[message]);
        assert!(peak < BESIDE, "{kind:?} took {peak} bytes");
    }
}

#[test]
fn nothing_leaves_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    let (inner, outside) = (dir.path().join("inner"), dir.path().join("outside"));
    fs::create_dir(&inner).unwrap();
    fs::create_dir(&outside).unwrap();
    let mut link = header("link", EntryType::Symlink, 0);
    link.set_link_name(&outside).unwrap();
    link.set_cksum();
    let absolute = format!("{}/absolute", outside.display());
    let names = ["../outside/dotted", "link/through", "link/test_batch.bin.part", absolute.as_str()];
    let mut entries = link.as_bytes().to_vec();
    for name in names {
        entries.extend(header(name, EntryType::Regular, 512).as_bytes());
        entries.extend([7; 512]);
    }
    pack(&inner, &[(&entries, 1), (&whole(), 1), (&END, 1)]);
    assert_eq!(Cifar10::load_test_from(&inner).unwrap().len(), 10_000);
    let names = |dir: &Path| fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    assert!(names(&outside).is_empty(), "{:?}", names(&outside));
    assert_eq!(names(&inner), [Cifar10::ARCHIVE]);
    assert_eq!(names(dir.path()).len(), 2);
}

#[test]
fn a_bomb_is_passed_over_only_so_far() {
    let dir = tempfile::tempdir().unwrap();
    let zeros = vec![0; 1 << 25];
    let expected = "found a damaged or truncated archive (it unpacks to more than twice what CIFAR-10 holds)";
    // Before the pictures, as an entry that goes on for ever; and behind them, where tar itself stops.
    let filler = header("filler", EntryType::Regular, 1 << 50);
    pack(dir.path(), &[(filler.as_bytes(), 1), (&zeros, 12)]);
    let (error, peak) = refusal(dir.path());
    assert_says(&error, &[expected]);
    assert!(peak < BESIDE, "{peak} bytes");
    pack(dir.path(), &[(&whole(), 1), (&END, 1), (&zeros, 12)]);
    assert_says(&refusal(dir.path()).0, &[expected]);
}

#[test]
fn long_names_are_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let (megabytes, zeros) = (96 << 20, vec![b'x'; 1 << 25]);
    for kind in [EntryType::GNULongName, EntryType::GNULongLink, EntryType::XHeader] {
        let name = header("././@LongLink", kind, megabytes);
        let plain = header("other", EntryType::Regular, 0);
        pack(dir.path(), &[(name.as_bytes(), 1), (&zeros, 3), (plain.as_bytes(), 1), (&END, 1)]);
        let (error, peak) = refusal(dir.path());
        assert_says(&error, &["found no test_batch.bin"]);
        assert!(peak < BESIDE, "{kind:?} took {peak} bytes");
    }
}

/// Programs that note a file's times do so in an entry of the file's own name.
#[test]
fn the_entry_before_a_file_that_bears_its_name_is_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let note = header("PaxHeaders/test_batch.bin", EntryType::XHeader, 512);
    pack(dir.path(), &[(note.as_bytes(), 1), (&[b' '; 512], 1), (&whole(), 1), (&END, 1)]);
    assert_eq!(Cifar10::load_test_from(dir.path()).unwrap().len(), 10_000);
}

#[test]
fn memory_is_taken_only_for_what_can_be_there() {
    let dir = tempfile::tempdir().unwrap();
    pack(dir.path(), &[(header("test_batch.bin", EntryType::Regular, FILE_BYTES as u64).as_bytes(), 1)]);
    let size = fs::metadata(dir.path().join(Cifar10::ARCHIVE)).unwrap().len();
    let (error, peak) = refusal(dir.path());
    let found = format!("cifar-10-binary.tar.gz: found {size} bytes, expected 29777 or more: gzip packs 1032 to 1");
    assert_says(&error, &[&found]);
    assert!(peak < BESIDE, "{peak} bytes");

    // In the folder, the last of five is too short.
    write_zeros(dir.path());
    write(dir.path(), TRAIN[4], b"short");
    let (result, peak) = peak_of(|| Cifar10::load_from(dir.path()));
    assert_says(&result.unwrap_err(), &["data_batch_5.bin: found 5 bytes, 30729995 too few"]);
    assert!(peak < BESIDE, "{peak} bytes");
}

/// The most that gzip packs, an archive of zeros, is still let in.
#[test]
fn what_is_packed_well_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    let header = &mut header("", EntryType::Regular, FILE_BYTES as u64);
    tar.append_data(header, "test_batch.bin", std::io::repeat(0).take(FILE_BYTES as u64)).unwrap();
    fs::write(dir.path().join(Cifar10::ARCHIVE), tar.into_inner().unwrap().finish().unwrap()).unwrap();
    assert_eq!(Cifar10::load_test_from(dir.path()).unwrap().len(), 10_000);
}
