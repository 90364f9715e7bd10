//! Photos are read once, and kept: until one changes, or what is kept is damaged.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::common::photos::{BLUE, GREEN, RED, solid};
use crate::common::printed_by;
use crate::photos::{case, colours, load};
use gan_nb::data::{Dataset, News, Photos};

/// The pictures, and whether the photos were read for them.
fn loaded(photos: &Path, size: u32) -> (Dataset, bool) {
    let mut was_read = false;
    let kept = photos.parent().unwrap().join("kept");
    let data = Photos::in_folder(photos).size(size).kept_in(kept).load_with(&mut |news| match news {
        News::Reading { .. } => was_read = true,
        News::NotKept { reason } => panic!("{reason}"),
        _ => {}
    });
    (data.unwrap(), was_read)
}

fn kept_files(photos: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(photos.parent().unwrap().join("kept/photos")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn three_photos() -> (tempfile::TempDir, PathBuf) {
    let (dir, photos) = case();
    solid(&photos.join("cats/1.png"), 8, 8, RED);
    solid(&photos.join("cats/2.png"), 8, 8, GREEN);
    solid(&photos.join("dogs/1.png"), 8, 8, BLUE);
    fs::write(photos.join("dogs/2.png"), "damaged").unwrap();
    (dir, photos)
}

#[test]
fn the_second_time_nothing_is_read() {
    let (_dir, photos) = three_photos();
    let (first, was_read) = loaded(&photos, 16);
    assert!(was_read);
    let (second, was_read) = loaded(&photos, 16);
    assert!(!was_read);
    assert_eq!(kept_files(&photos).len(), 1);
    assert_eq!((first.md5(), first.to_string()), (second.md5(), second.to_string()));
    assert_eq!((first.class_names(), first.skipped()), (second.class_names(), second.skipped()));
    assert_eq!((colours(&second), second.skipped().len()), (vec![RED, GREEN, BLUE], 1));
    assert!(loaded(&photos, 24).1, "another size");
    assert!(!loaded(&photos, 16).1 && !loaded(&photos, 24).1, "both are kept");
}

#[test]
fn a_changed_folder_is_read_anew() {
    let (_dir, photos) = three_photos();
    loaded(&photos, 16);
    let is_read_anew = |what: &str, expected: &[[u8; 3]]| {
        let (data, was_read) = loaded(&photos, 16);
        assert!(was_read, "{what}");
        assert_eq!(colours(&data), expected, "{what}");
        assert!(!loaded(&photos, 16).1, "{what}: kept");
        assert_eq!(kept_files(&photos).len(), 1, "{what}: in place of what was kept before");
    };
    solid(&photos.join("cats/3.png"), 8, 8, BLUE);
    is_read_anew("a photo more", &[RED, GREEN, BLUE, BLUE]);
    fs::remove_file(photos.join("cats/1.png")).unwrap();
    is_read_anew("a photo less", &[GREEN, BLUE, BLUE]);
    fs::rename(photos.join("cats/3.png"), photos.join("dogs/3.png")).unwrap();
    is_read_anew("a photo in another class", &[GREEN, BLUE, BLUE]);
    // As long as before.
    let path = photos.join("dogs/4.bmp");
    solid(&path, 8, 8, GREEN);
    is_read_anew("a photo more", &[GREEN, BLUE, BLUE, GREEN]);
    let before = fs::metadata(&path).unwrap().len();
    solid(&path, 8, 8, RED);
    assert_eq!(fs::metadata(&path).unwrap().len(), before);
    let later = SystemTime::now() + Duration::from_secs(5);
    fs::File::options().write(true).open(&path).unwrap().set_modified(later).unwrap();
    is_read_anew("a photo with other contents", &[GREEN, BLUE, BLUE, RED]);
}

#[test]
fn a_damaged_file_is_made_anew() {
    let (_dir, photos) = three_photos();
    let (whole, _) = loaded(&photos, 8);
    let path = kept_files(&photos).remove(0);
    let bytes = fs::read(&path).unwrap();
    let is_made_anew = |damaged: &[u8], what: &str| {
        fs::write(&path, damaged).unwrap();
        let (data, was_read) = loaded(&photos, 8);
        assert!(was_read, "{what}");
        assert_eq!((data.md5(), data.skipped()), (whole.md5(), whole.skipped()), "{what}");
        assert!(fs::read(&path).unwrap() == bytes, "{what}: whole again");
    };
    for at in (0..bytes.len()).step_by(13).chain([bytes.len() - 1]) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        is_made_anew(&damaged, &format!("another bit at {at} of {}", bytes.len()));
    }
    for length in [0, 1, 40, 100, bytes.len() - 1] {
        is_made_anew(&bytes[..length], &format!("{length} bytes"));
    }
    is_made_anew(&[&bytes[..], b"x"].concat(), "a byte more");
}

#[test]
fn a_folder_that_can_not_keep_them_is_told_and_ends_nothing() {
    let (dir, photos) = three_photos();
    fs::write(dir.path().join("kept"), "a file in the folder's place").unwrap();
    let mut told = String::new();
    let data = Photos::in_folder(&photos).size(8).kept_in(dir.path().join("kept")).load_with(&mut |news| {
        if let News::NotKept { reason } = news {
            told = reason.to_string();
        }
    });
    assert_eq!(colours(&data.unwrap()), [RED, GREEN, BLUE]);
    assert!(told.contains("can't keep the prepared photos"), "{told:?}");
}

/// A file that can be opened and gives an error when it is read.
#[test]
#[cfg(target_os = "linux")]
fn nothing_is_kept_while_the_system_refuses_a_file() {
    let (dir, photos) = three_photos();
    std::os::unix::fs::symlink("/proc/self/mem", photos.join("cats/0.png")).unwrap();
    let (data, _) = loaded(&photos, 8);
    assert_eq!(colours(&data), [RED, GREEN, BLUE]);
    assert!(data.skipped()[0].to_string().starts_with("cats/0.png: Input/output error"), "{:?}", data.skipped());
    assert!(!dir.path().join("kept").exists());
}

/// What the system refuses now it may give the next time, without any change that shows.
#[test]
#[cfg(unix)]
fn what_was_refused_for_now_is_tried_again() {
    let (_dir, photos) = three_photos();
    let link = photos.join("cats/0.png");
    std::os::unix::fs::symlink(photos.join("later.png"), &link).unwrap();
    assert_eq!(colours(&load(&photos, 8).unwrap()), [RED, GREEN, BLUE]);
    solid(&photos.parent().unwrap().join("later.png"), 8, 8, BLUE);
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(photos.parent().unwrap().join("later.png"), &link).unwrap();
    assert_eq!(colours(&load(&photos, 8).unwrap()), [BLUE, RED, GREEN, BLUE]);
}

#[test]
fn progress_comes_one_by_one() {
    let (_dir, photos) = case();
    (0..40).for_each(|i| solid(&photos.join(format!("{i}.bmp")), 8, 8, [i; 3]));
    let mut told = Vec::new();
    let kept = photos.parent().unwrap().join("kept");
    let data = Photos::in_folder(&photos).size(8).kept_in(kept).load_with(&mut |news| {
        if let News::Reading { done, total } = news {
            told.push((done, total));
        }
    });
    assert_eq!(told, (0..=40).map(|done| (done, 40)).collect::<Vec<_>>());
    // By name: 0, 1, 10, 11, …
    let firsts: Vec<u8> = colours(&data.unwrap()).iter().map(|colour| colour[0]).collect();
    let mut names: Vec<u8> = (0..40).collect();
    names.sort_by_key(|i| format!("{i}.bmp"));
    assert_eq!(firsts, names);
}

#[test]
#[ignore = "started by the next test"]
fn is_stopped() {
    let button = std::env::var("EVCXR_LIVE_INTERRUPT").unwrap();
    let (_dir, photos) = case();
    (0..2_000).for_each(|i| solid(&photos.join(format!("{i}.bmp")), 8, 8, RED));
    let kept = photos.parent().unwrap().join("kept");
    let error = Photos::in_folder(&photos).size(8).kept_in(&kept).load_with(&mut |news| {
        if matches!(news, News::Reading { done: 5, .. }) {
            fs::write(&button, "").unwrap();
        }
    });
    let error = error.unwrap_err();
    assert!(matches!(error, gan_nb::Error::Stopped { .. }), "{error}");
    assert!(error.to_string().starts_with("reading the photos was stopped at "), "{error}");
    assert!(error.to_string().contains(" of 2000. Run the cell again"), "{error}");
    assert!(!kept.exists(), "half of the photos is not kept");
}

#[test]
fn the_stop_button_ends_the_reading() {
    let dir = tempfile::tempdir().unwrap();
    let button = dir.path().join("button");
    printed_by("photos_kept::is_stopped", &[("EVCXR_LIVE_INTERRUPT", button.to_str().unwrap())]);
}
