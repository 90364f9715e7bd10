//! Samples for other programs: NumPy's files, and folders of PNG files.
#![cfg(feature = "cli")]

use crate::command_line::{prints, refuses, with_data};
use crate::common::photos::{BLUE, GREEN, RED, solid};
use crate::common::{assert_same_bits, keeps_bits};
use std::fs;
use std::path::Path;

/// The shape and the bytes of a .npy file of format 1.0, as NumPy reads it.
fn npy(path: &Path) -> ([usize; 4], Vec<u8>) {
    let file = fs::read(path).unwrap();
    assert_eq!(file[..8], *b"\x93NUMPY\x01\0");
    let length = usize::from(u16::from_le_bytes([file[8], file[9]]));
    assert_eq!((10 + length) % 64, 0);
    let header = std::str::from_utf8(&file[10..10 + length]).unwrap();
    assert!(header.ends_with('\n'));
    let shape = header.trim_end().strip_prefix("{'descr': '|u1', 'fortran_order': False, 'shape': (").unwrap();
    let shape = shape.strip_suffix("), }").unwrap().split(", ").map(|side| side.parse().unwrap());
    let shape: [usize; 4] = shape.collect::<Vec<_>>().try_into().unwrap();
    let bytes = file[10 + length..].to_vec();
    assert_eq!(bytes.len(), shape.iter().product::<usize>());
    (shape, bytes)
}

#[test]
fn a_file_a_folder_and_a_grid_hold_the_same_images() {
    let data = with_data();
    let dir = data.path();
    prints(dir, "train --iterations 1 --batch-size 2 --sample-interval 1 --data data --out run");
    let printed = prints(dir, "sample --run run --count 104 --npy a.npy --folder pngs --out grid.png");
    for place in ["a.npy", "pngs", "grid.png"] {
        assert!(printed.contains(&format!("104 images in {place}\n")), "{printed}");
    }
    let (shape, bytes) = npy(&dir.join("a.npy"));
    assert_eq!(shape, [104, 32, 32, 3]);
    let mut names: Vec<_> = fs::read_dir(dir.join("pngs")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names.len(), 104);
    for (i, (name, image)) in names.iter().zip(bytes.chunks_exact(32 * 32 * 3)).enumerate() {
        assert_eq!(name.to_str(), Some(&*format!("{i:05}.png")));
        let png = image::open(dir.join("pngs").join(name)).unwrap();
        assert_eq!((png.color(), png.width(), png.height()), (image::ColorType::Rgb8, 32, 32));
        assert!(png.into_rgb8().into_raw() == image, "{i}");
    }
    // Each alone, and the grid as it is without them.
    prints(dir, "sample --run run --count 104 --npy b.npy");
    prints(dir, "sample --run run --count 104 --folder more/pngs");
    prints(dir, "sample --run run --count 104 --out alone.png");
    assert_same_bits(&npy(&dir.join("b.npy")).1, &bytes, "the array alone");
    let files = ["more/pngs/00103.png", "pngs/00103.png", "alone.png", "grid.png"];
    let [alone, together, grid_alone, grid] = files.map(|name| fs::read(dir.join(name)).unwrap());
    assert_same_bits(&[alone, grid_alone], &[together, grid], "each alone");
    // Another seed draws others.
    prints(dir, "sample --run run --count 4 --seed 7 --npy b.npy");
    let (shape, others) = npy(&dir.join("b.npy"));
    assert!(shape[0] == 4 && others != bytes[..others.len()]);
    assert_eq!(
        fs::read_dir(dir)
            .unwrap()
            .flatten()
            .filter(|it| it.path().extension().is_some_and(|end| end == "part"))
            .count(),
        0
    );
}

/// Images are drawn some at a time, and the classes' turn goes on where it was.
#[test]
fn all_classes_come_in_turn() {
    let data = tempfile::tempdir().unwrap();
    let dir = data.path();
    for (name, colour) in [("cats", RED), ("dogs", GREEN), ("owls", BLUE)] {
        solid(&dir.join(format!("photos/{name}/1.png")), 8, 8, colour);
    }
    let options = "--iterations 1 --batch-size 2 --sample-interval 1 --settings modern-tutorial-networks";
    prints(dir, &format!("train {options} --data photos --size 8 --out run"));
    const COUNT: usize = 250;
    let images = |options: &str| {
        prints(dir, &format!("sample --run run --count {COUNT} {options} --npy a.npy"));
        let (shape, bytes) = npy(&dir.join("a.npy"));
        assert_eq!(shape, [COUNT, 8, 8, 3]);
        bytes
    };
    let of_class = ["cats", "dogs", "owls"].map(|class| images(&format!("--class {class}")));
    assert!(of_class[0] != of_class[1] && of_class[1] != of_class[2]);
    let bits = keeps_bits("all_classes_come_in_turn");
    for (i, image) in images("").chunks_exact(8 * 8 * 3).enumerate() {
        let expected = &of_class[i % 3][i * 8 * 8 * 3..][..8 * 8 * 3];
        assert!(!bits || image == expected, "image {i} is of class {}", i % 3);
    }
    // A grid has columns of one class.
    for (options, columns) in [("--count 16", 3), ("--count 30", 6), ("--count 16 --class cats", 4), ("--count 2", 2)] {
        prints(dir, &format!("sample --run run {options} --out grid.png"));
        let width = image::image_dimensions(dir.join("grid.png")).unwrap().0;
        assert_eq!((width + 4) / (64 + 4), columns, "{options}: {width} pixels");
    }
}

#[test]
fn what_can_not_be_written_is_refused() {
    let data = with_data();
    let dir = data.path();
    prints(dir, "train --iterations 1 --batch-size 2 --sample-interval 1 --data data --out run");
    refuses(dir, "sample --run run --count 5", &["--out", "--npy", "--folder"]);
    refuses(dir, "sample --run run --count 100001 --npy a.npy", &["--count is 100001, expected 1 to 100000"]);
    refuses(dir, "sample --run run --count 10001 --npy a.npy --out a.png", &["--count is 10001, expected 1 to 10000"]);
    fs::create_dir(dir.join("full")).unwrap();
    fs::write(dir.join("full/00007.png"), "another run's").unwrap();
    refuses(dir, "sample --run run --count 2 --folder full", &["full: found files in it", "a new or empty folder"]);
    assert_eq!(fs::read_dir(dir.join("full")).unwrap().count(), 1);
    refuses(dir, "sample --run run --count 2 --folder run/config.json", &["config.json: can't make the folder"]);
    refuses(dir, "sample --run run --count 2 --npy nowhere/a.npy", &["a.npy: can't write the file"]);
    assert!(!dir.join("a.npy").exists());
}
