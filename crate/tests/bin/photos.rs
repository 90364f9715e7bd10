//! Photos of one's own, and MNIST, on the command line.
#![cfg(feature = "cli")]

use crate::command_line::{gan_nb, prints, refuses, text, with_data};
use crate::common::assert_same_bits;
use crate::common::photos::{BLUE, GREEN, RED, solid, write_idx};
use gan_nb::runs::Run;
use std::fs;
use std::path::Path;

/// Eight photos in two classes, and what is none.
fn with_photos() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for i in 0..4 {
        solid(&dir.path().join(format!("photos/cats/{i}.png")), 90, 70, GREEN);
        solid(&dir.path().join(format!("photos/dogs/{i}.jpg")), 70, 90, BLUE);
    }
    fs::write(dir.path().join("photos/dogs/broken.jpg"), "x").unwrap();
    dir
}

fn options(settings: &str) -> String {
    format!("--iterations 1 --batch-size 2 --sample-interval 1 --settings {settings}")
}

fn config(dir: &Path, run: &str) -> (i64, i64, Vec<String>) {
    let config = Run::open(dir.join(run)).unwrap().config().unwrap();
    let gan = config.gan().unwrap();
    (gan.size, gan.modern.classes, config.data.unwrap().class_names())
}

#[test]
fn a_run_learns_from_photos_is_resumed_and_sampled_by_the_folders_names() {
    let data = with_photos();
    let dir = data.path();
    let arguments = format!("train {} --data photos --size 64 --out run", options("modern-tutorial-networks"));
    let output = gan_nb(dir, &arguments).output().unwrap();
    let (told, printed) = (text(&output.stderr), text(&output.stdout));
    assert!(output.status.success(), "{told}");
    assert!(printed.contains("photos: 8 images of 64x64x3, 2 classes"), "{printed}");
    assert!(told.contains("8 photos, and 1 left out:\n  dogs/broken.jpg: something else"), "{told}");
    assert_eq!(config(dir, "run"), (64, 2, vec!["cats".into(), "dogs".into()]));
    assert_eq!(fs::read_dir(dir.join("cache/gan_nb/photos")).unwrap().count(), 1, "kept in the cache folder");

    let seen = |name: &str| fs::read(dir.join(name)).unwrap();
    prints(dir, "sample --run run --count 4 --class dogs --out dogs.png");
    prints(dir, "sample --run run --count 4 --class 1 --out ones.png");
    prints(dir, "sample --run run --count 4 --class cats --out cats.png");
    assert_same_bits(&seen("dogs.png"), &seen("ones.png"), "by name and by number");
    assert_ne!(seen("dogs.png"), seen("cats.png"));
    refuses(dir, "sample --run run --class bird --out no.png", &["--class is bird", "cats, dogs"]);

    // The run's own size, whatever the folder is called by now.
    fs::rename(dir.join("photos"), dir.join("moved")).unwrap();
    refuses(
        dir,
        "train --resume --iterations 2 --data moved --size 64 --out run",
        &["--size can't be used with --resume"],
    );
    let parts = ["run: the run in it learned from photos, so name that with --data"];
    refuses(dir, "train --resume --iterations 2 --out run", &parts);
    let printed = prints(dir, "train --resume --iterations 2 --data moved --out run");
    assert!(printed.contains("moved: 8 images of 64x64x3") && printed.contains("2 of 2 iterations"), "{printed}");
    solid(&dir.join("moved/cats/0.png"), 90, 70, RED);
    let parts = ["these are not the pictures that the run in run learned from, 8 of", "with the checksum"];
    refuses(dir, "train --resume --iterations 3 --data moved --out run", &parts);
}

#[test]
fn all_settings_learn_from_photos_of_any_size() {
    let data = with_photos();
    let dir = data.path();
    for (settings, size, classes) in [("tutorial", 24, 0), ("dcgan", 40, 0), ("modern", 16, 2)] {
        prints(dir, &format!("train {} --data photos --size {size} --out {settings}", options(settings)));
        assert_eq!(config(dir, settings), (size, classes, vec!["cats".into(), "dogs".into()]), "{settings}");
        prints(dir, &format!("sample --run {settings} --count 2 --out {settings}.png"));
        let printed = prints(dir, &format!("train --resume --iterations 2 --data photos --out {settings}"));
        assert!(printed.contains("2 of 2 iterations"), "{settings}: {printed}");
    }
    // Without classes the networks are told none; without --size photos become as large as CIFAR-10's.
    prints(dir, &format!("train {} --data photos/cats --out plain", options("modern-tutorial-networks")));
    assert_eq!(config(dir, "plain"), (32, 0, vec![]));
    refuses(dir, "sample --run plain --class 0 --out no.png", &["the class is 0, expected none"]);
}

#[test]
fn info_counts_the_photos_and_names_what_is_left_out() {
    let dir = with_photos();
    for i in 0..5 {
        fs::write(dir.path().join(format!("photos/cats/x{i}.gif")), "x").unwrap();
    }
    let printed = prints(dir.path(), "data info --data photos --size 48");
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[0], "photos: 8 images of 48x48x3, 2 classes");
    assert_eq!(lines[1].split_whitespace().collect::<Vec<_>>(), ["cats", "4", "images"]);
    assert_eq!(lines[2].split_whitespace().collect::<Vec<_>>(), ["dogs", "4", "images"]);
    let left_out = ["cats/x0.gif", "cats/x1.gif", "cats/x2.gif", "cats/x3.gif", "cats/x4.gif", "dogs/broken.jpg"];
    assert_eq!(lines[3..], left_out.map(|file| format!("left out: {file}: something else")));
}

#[test]
fn sizes_that_make_no_sense_are_refused() {
    let photos = with_photos();
    let dir = photos.path();
    let refuses_size =
        |size: u32, parts: &[&str]| refuses(dir, &format!("train --data photos --size {size} --out run"), parts);
    refuses_size(30, &["the photos' size is 30, expected a multiple of 8"]);
    refuses_size(0, &["the photos' size is 0"]);
    let cifar10 = with_data();
    let parts = ["--size is 64", "CIFAR-10's pictures are 32 x 32", "a folder of photos"];
    refuses(cifar10.path(), "train --data data --size 64 --out run", &parts);
    refuses(dir, "train --size 64 --out run", &parts);
    refuses(dir, "train --data mnist --size 64 --out run", &["--size is 64", "MNIST's pictures are 32 x 32"]);
    fs::create_dir(dir.join("empty")).unwrap();
    refuses(dir, "train --data empty --size 64 --out run", &["empty: found no photos"]);
    fs::write(dir.join("empty/1.png"), "x").unwrap();
    refuses(dir, "train --data empty --out run", &["no photo that can be read (1.png: something else)"]);
}

#[test]
fn mnist_is_a_word() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache/gan_nb");
    for (folder, count) in [("mnist", 20), ("fashion-mnist", 30)] {
        write_idx(&cache.join(folder), "train", count);
        write_idx(&cache.join(folder), "t10k", 10);
    }
    let printed = prints(dir.path(), "data info --data mnist");
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[..2], ["MNIST: 20 images of 32x32x3, 10 classes", "MNIST test: 10 images of 32x32x3, 10 classes"]);
    assert_eq!(lines[2].split_whitespace().collect::<Vec<_>>(), ["0", "2", "training", "images"]);
    prints(dir.path(), &format!("train {} --data fashion-mnist --out run", options("modern-tutorial-networks")));
    let (size, classes, names) = config(dir.path(), "run");
    assert_eq!((size, classes, &*names[6]), (32, 10, "shirt"));
    prints(dir.path(), "sample --run run --count 1 --class shirt --out shirt.png");
    let printed = prints(dir.path(), "train --resume --iterations 2 --data fashion-mnist --out run");
    assert!(printed.contains("Fashion-MNIST: 30 images"), "{printed}");
    let parts = ["these are not the pictures", "30 of Fashion-MNIST"];
    refuses(dir.path(), "train --resume --iterations 3 --data mnist --out run", &parts);
    fs::remove_dir_all(&cache).unwrap();
    refuses(dir.path(), "train --data mnist --out other", &["train-images-idx3-ubyte.gz", "no answer"]);
}
