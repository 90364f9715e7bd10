//! A folder of photos as people have them: classes, links, odd names. Odd files are in photo_files.rs, the cache in photos_kept.rs.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::photos::{BLUE, GREEN, RED, solid};
use crate::common::{assert_refused, mounts};
use gan_nb::data::{Dataset, Photos};
use gan_nb::imaging::open_square;
use image::{Rgb, RgbImage};
use tempfile::TempDir;

/// A folder of photos, and one beside it for what is kept.
pub fn case() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let photos = dir.path().join("photos");
    fs::create_dir(&photos).unwrap();
    (dir, photos)
}

pub fn load(photos: &Path, size: u32) -> gan_nb::Result<Dataset> {
    let kept = photos.parent().unwrap().join("kept");
    Photos::in_folder(photos).size(size).kept_in(kept).load_with(&mut |_| ())
}

/// The colour in the middle of each picture.
pub fn colours(data: &Dataset) -> Vec<[u8; 3]> {
    let [h, w, _] = data.image_shape();
    let middle = |i: usize| {
        let pixel = data.images(&[i]).unwrap().select(1, h / 2).select(1, w / 2).reshape([-1]);
        Vec::<u8>::try_from(pixel).unwrap().try_into().unwrap()
    };
    (0..data.len()).map(middle).collect()
}

pub fn skipped(data: &Dataset) -> Vec<String> {
    data.skipped().iter().map(ToString::to_string).collect()
}

pub fn is_near(found: [u8; 3], expected: [u8; 3]) -> bool {
    found.iter().zip(expected).all(|(found, expected)| found.abs_diff(expected) <= 4)
}

#[test]
fn sub_folders_are_classes_and_all_is_in_order() {
    let (_dir, photos) = case();
    solid(&photos.join("dogs/b.png"), 20, 20, BLUE);
    solid(&photos.join("dogs/a.bmp"), 20, 20, RED);
    solid(&photos.join("cats/more/even more/z.webp"), 20, 20, GREEN);
    solid(&photos.join("cats/y.gif"), 20, 20, BLUE);
    solid(&photos.join("cats/A.JPEG"), 40, 40, RED);
    // None of these counts.
    fs::create_dir_all(photos.join("empty/too")).unwrap();
    fs::create_dir_all(photos.join("words")).unwrap();
    fs::write(photos.join("words/notes.txt"), "no photo").unwrap();
    fs::write(photos.join("cats/labels.csv"), "1,2").unwrap();
    solid(&photos.join("cats/.hidden.png"), 20, 20, RED);
    solid(&photos.join(".thumbnails/1.png"), 20, 20, RED);
    solid(&photos.join("dogs/.cache/1.png"), 20, 20, RED);

    let data = load(&photos, 16).unwrap();
    assert_eq!(data.to_string(), "photos: 5 images of 16x16x3, 2 classes");
    assert_eq!((data.class_names(), data.classes()), (&["cats", "dogs"].map(String::from)[..], 2));
    let labels: Vec<usize> = (0..5).map(|i| data.label(i).unwrap()).collect();
    assert_eq!(labels, [0, 0, 0, 1, 1]);
    // cats/A.JPEG, cats/more/even more/z.webp, cats/y.gif, dogs/a.bmp, dogs/b.png
    let found = colours(&data);
    assert!(is_near(found[0], RED), "{found:?}");
    assert_eq!(found[1..], [GREEN, BLUE, RED, BLUE]);
    assert!(skipped(&data).is_empty());
}

#[test]
fn without_sub_folders_there_is_nothing_to_tell_apart() {
    let (_dir, photos) = case();
    solid(&photos.join("1.png"), 8, 8, RED);
    solid(&photos.join("2.png"), 8, 8, GREEN);
    fs::create_dir(photos.join("empty")).unwrap();
    let data = load(&photos, 32).unwrap();
    assert_eq!((data.len(), data.classes(), data.image_shape()), (2, 0, [32, 32, 3]));
    assert_eq!(data.to_string(), "photos: 2 images of 32x32x3, 1 class");

    // Nor is there with one sub-folder only.
    fs::remove_file(photos.join("1.png")).unwrap();
    fs::remove_file(photos.join("2.png")).unwrap();
    solid(&photos.join("all of them/1.png"), 8, 8, BLUE);
    let data = load(&photos, 32).unwrap();
    assert_eq!((data.classes(), data.class_names(), colours(&data)), (0, &["all of them".into()][..], vec![BLUE]));
}

#[test]
fn photos_beside_the_classes_are_named() {
    let (_dir, photos) = case();
    solid(&photos.join("preview.png"), 8, 8, RED);
    solid(&photos.join("cats/1.png"), 8, 8, GREEN);
    solid(&photos.join("dogs/1.png"), 8, 8, BLUE);
    let data = load(&photos, 8).unwrap();
    assert_eq!(colours(&data), [GREEN, BLUE]);
    assert_eq!(skipped(&data), ["preview.png: it lies beside the sub-folders, which are the classes"]);
}

/// The same pixels as the one photo read by itself, wherever the square is.
#[test]
fn a_photo_is_cut_and_scaled_as_open_square_does_it() {
    let (_dir, photos) = case();
    let drawing = RgbImage::from_fn(90, 61, |x, y| Rgb([(3 * x) as u8, (4 * y) as u8, (x * y) as u8]));
    drawing.save(photos.join("a.png")).unwrap();
    drawing.save(photos.join("b.jpg")).unwrap();
    for size in [8, 32, 64] {
        let data = load(&photos, size).unwrap();
        for (i, name) in ["a.png", "b.jpg"].into_iter().enumerate() {
            assert_eq!(data.images(&[i]).unwrap(), open_square(photos.join(name), size).unwrap(), "{name} at {size}");
        }
    }
}

#[test]
fn a_folder_without_photos_is_an_error_that_says_what_is_there() {
    let (_dir, photos) = case();
    assert_refused(load(&photos.join("none"), 32), &["none: found no folder, expected a folder of photos"]);
    assert_refused(load(&photos, 32), &["photos: found no photos, expected photos: files named .jpg"]);
    fs::write(photos.join("notes.txt"), "x").unwrap();
    assert_refused(load(&photos.join("notes.txt"), 32), &["notes.txt: found a file, expected a folder of photos"]);
    assert_refused(load(&photos, 32), &["found no photos"]);
    for i in 0..5 {
        fs::write(photos.join(format!("{i}.jpg")), "x").unwrap();
    }
    assert_refused(load(&photos, 32), &["found no photo that can be read (0.jpg: something else; ", "and 2 more)"]);
    solid(&photos.join("good.png"), 8, 8, RED);
    for size in [0, 4, 20, 1032] {
        let found = format!("the photos' size is {size}, expected a multiple of 8");
        assert_refused(load(&photos, size), &[&found, "32, 64 and 96"]);
    }
}

#[test]
fn more_classes_than_labels_can_name_are_refused() {
    let (_dir, photos) = case();
    (0..256).for_each(|i| solid(&photos.join(format!("{i:03}/1.bmp")), 1, 1, [i as u8; 3]));
    let data = load(&photos, 8).unwrap();
    assert_eq!((data.classes(), data.label(255).unwrap(), colours(&data)[255]), (256, 255, [255; 3]));
    solid(&photos.join("256/1.bmp"), 1, 1, RED);
    assert_refused(load(&photos, 8), &["257 sub-folders with photos", "at most 256 classes"]);
}

#[test]
#[cfg(unix)]
fn links_are_followed_once() {
    use std::os::unix::fs::symlink;
    let (dir, photos) = case();
    solid(&photos.join("cats/1.png"), 8, 8, GREEN);
    solid(&dir.path().join("elsewhere/2.png"), 8, 8, BLUE);
    symlink(dir.path().join("elsewhere"), photos.join("dogs")).unwrap();
    symlink(photos.join("cats"), photos.join("cats/again")).unwrap();
    symlink(&photos, photos.join("cats/everything")).unwrap();
    symlink("itself.png", photos.join("cats/itself.png")).unwrap();
    symlink("nowhere.png", photos.join("cats/lost.png")).unwrap();
    let data = load(&photos, 8).unwrap();
    assert_eq!(colours(&data), [GREEN, BLUE]);
    let told = skipped(&data);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].starts_with("cats/itself.png: it can't be read (") && told[1].starts_with("cats/lost.png: it can't")
    );
}

/// A pipe would be waited for, and a path of more than 4,096 bytes can't be opened by anyone.
#[test]
#[cfg(target_os = "linux")]
fn special_files_and_folders_that_can_not_be_read_are_named() {
    let (_dir, photos) = case();
    solid(&photos.join("cats/1.png"), 8, 8, GREEN);
    let script = r#"mkfifo cats/pipe.png; cd cats; for i in $(seq 20); do mkdir "$1"; cd -P "$1"; done"#;
    let long = "x".repeat(250);
    let made =
        std::process::Command::new("sh").args(["-c", script, "sh", &long]).current_dir(&photos).status().unwrap();
    assert!(made.success());
    let data = load(&photos, 8).unwrap();
    assert_eq!(colours(&data), [GREEN]);
    let told = skipped(&data);
    assert_eq!((told.len(), &*told[0]), (2, "cats/pipe.png: not a regular file"), "{told:?}");
    assert!(told[1].contains("xxx: the folder can't be read (File name too long"), "{told:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn names_need_not_be_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let (_dir, photos) = case();
    let odd = photos.join(OsStr::from_bytes(b"ni\xf1os \xff"));
    fs::create_dir(&odd).unwrap();
    for (name, colour) in [(&b"\xe9t\xe9.png"[..], RED), ("夏 😀 \n.png".as_bytes(), BLUE)] {
        solid(&photos.join("plain.png"), 8, 8, colour);
        fs::rename(photos.join("plain.png"), odd.join(OsStr::from_bytes(name))).unwrap();
    }
    fs::write(odd.join(OsStr::from_bytes(b"\xff.jpg")), "").unwrap();
    solid(&photos.join("cats/1.png"), 8, 8, GREEN);
    for _ in 0..2 {
        let data = load(&photos, 8).unwrap(); // the second time from the cache
        assert_eq!(colours(&data), [GREEN, BLUE, RED]);
        assert_eq!(data.class_names(), ["cats", "ni\u{fffd}os \u{fffd}"]);
        assert_eq!(skipped(&data), ["ni\u{fffd}os \u{fffd}/\u{fffd}.jpg: something else"]);
    }
}

/// As a user who may not read one of them.
#[test]
#[cfg(target_os = "linux")]
fn folders_without_permission_are_named() {
    use std::os::unix::fs::PermissionsExt;
    let (_dir, photos) = case();
    solid(&photos.join("cats/1.png"), 8, 8, GREEN);
    solid(&photos.join("dogs/1.png"), 8, 8, BLUE);
    let permit = |mode| fs::set_permissions(photos.join("dogs"), fs::Permissions::from_mode(mode)).unwrap();
    permit(0);
    if fs::read_dir(photos.join("dogs")).is_ok() {
        permit(0o700);
        return mounts::skip("folders_without_permission_are_named: root may read everything");
    }
    let data = load(&photos, 8).unwrap();
    permit(0o700);
    assert_eq!(colours(&data), [GREEN]);
    assert_eq!(skipped(&data), ["dogs: the folder can't be read (Permission denied (os error 13))"]);
}
