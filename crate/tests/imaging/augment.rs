//! Flips, shifts and DiffAugment.

use super::common::{assert_refused, floats, noise, numbers};
use gan_nb::imaging::{DiffAugment, random_flips, random_shifts};
use gan_nb::random::{Stream, stream};
use tch::{Kind, Tensor};

const NONE: DiffAugment = DiffAugment { colour: false, translation: false, cutout: false };

fn rng() -> Stream {
    stream(1, "augment")
}

/// Images whose values say where they stand: 1 + row + 100 · column, in each of three channels.
fn places(batch: i64, side: i64) -> Tensor {
    let line = Tensor::arange(side, floats());
    let image: Tensor = line.view([side, 1]) + line.view([1, side]) * 100 + 1;
    image.view([1, side, side, 1]).repeat([batch, 1, 1, 3])
}

#[test]
fn flips_mirror_half_of_the_images() {
    let x = places(400, 4);
    let y = random_flips(&x, &mut rng()).unwrap();
    let mirrored = x.flip([2]);
    let count = (0..400)
        .filter(|i| {
            let one = y.get(*i);
            let (plain, other) = (one == x.get(*i), one == mirrored.get(*i));
            assert!(plain != other, "image {i} is neither");
            other
        })
        .count();
    assert!((150..250).contains(&count), "{count} of 400");
    assert_eq!(numbers(&y), numbers(&random_flips(&x, &mut rng()).unwrap()), "from the stream");
    assert_refused(
        random_flips(&x.get(0), &mut rng()),
        &["random_flips", "[4, 4, 3]", "(batch, height, width, channels)"],
    );
}

#[test]
fn without_a_kind_nothing_changes() {
    assert!(NONE.is_none() && !DiffAugment { cutout: true, ..NONE }.is_none());
    let x = noise(1, &[2, 8, 8, 3]);
    assert_eq!(numbers(&NONE.apply(&x, &mut rng()).unwrap()), numbers(&x));
}

/// Fails unless each image was moved by whole pixels, with gray coming in, and all 25 shifts by up to two occur.
fn assert_shifted(y: &Tensor) {
    let mut shifts = std::collections::BTreeSet::new();
    for i in 0..300 {
        let middle = y.get(i).get(8).get(8).double_value(&[0]);
        let (column, row) = ((middle / 100.0).floor() as i64, ((middle - 1.0) % 100.0) as i64);
        let (down, right) = (row - 8, column - 8);
        shifts.insert((down, right));
        for (r, c) in [(0, 0), (3, 12), (15, 15)] {
            let inside = (0..16).contains(&(r + down)) && (0..16).contains(&(c + right));
            let expected = if inside { (1 + r + down + 100 * (c + right)) as f64 } else { 0.0 };
            let found = y.get(i).get(r).get(c);
            assert_eq!([found.double_value(&[0]), found.double_value(&[2])], [expected; 2], "image {i}, ({r}, {c})");
        }
    }
    assert!(shifts.iter().all(|(down, right)| down.abs() <= 2 && right.abs() <= 2), "{shifts:?}");
    assert_eq!(shifts.len(), 25, "all of them occur in 300");
}

#[test]
fn translation_shifts_each_image_by_an_eighth_at_most() {
    assert_shifted(&DiffAugment { translation: true, ..NONE }.apply(&places(300, 16), &mut rng()).unwrap());
}

#[test]
fn shifts_reach_as_far_as_they_are_told() {
    assert_shifted(&random_shifts(&places(300, 16), 2, &mut rng()).unwrap());
    let x = places(4, 16);
    assert_eq!(random_shifts(&x, 0, &mut rng()).unwrap(), x);
    assert_refused(random_shifts(&x, -1, &mut rng()), &["random_shifts' reach is -1", "0 or more"]);
    assert_refused(random_shifts(&x.get(0), 1, &mut rng()), &["random_shifts", "[16, 16, 3]"]);
}

#[test]
fn cutout_leaves_a_gray_square() {
    let x = Tensor::ones([200, 16, 12, 3], floats());
    let y = DiffAugment { cutout: true, ..NONE }.apply(&x, &mut rng()).unwrap();
    let mut largest = 0;
    for i in 0..200 {
        let hole = y.get(i).eq(0.0);
        let rows = hole.any_dims(Some(&[1i64, 2][..]), false).sum(Kind::Int64).int64_value(&[]);
        let columns = hole.any_dims(Some(&[0i64, 2][..]), false).sum(Kind::Int64).int64_value(&[]);
        assert_eq!(hole.sum(Kind::Int64).int64_value(&[]), 3 * rows * columns, "image {i}: a rectangle");
        assert!((4..=8).contains(&rows) && (3..=6).contains(&columns), "image {i}: {rows} × {columns}");
        largest = largest.max(rows * columns);
    }
    assert_eq!(largest, 48, "a quarter of the image where it lies within");
}

#[test]
fn colours_move_together() {
    let x = noise(1, &[100, 4, 4, 3]) * 0.3;
    let y = DiffAugment { colour: true, ..NONE }.apply(&x, &mut rng()).unwrap();
    let brightness = (&y - &x).mean_dim(Some(&[1i64, 2, 3][..]), false, None::<Kind>);
    let (least, most) = (brightness.min().double_value(&[]), brightness.max().double_value(&[]));
    assert!(least > -0.5001 && least < -0.4 && most < 0.5001 && most > 0.4, "{least} to {most}");
    let spread = |x: &Tensor| x.var_dim(Some(&[1i64, 2, 3][..]), true, false).sqrt();
    let gray = |x: &Tensor| x.mean_dim(Some(&[3i64][..]), true, None::<Kind>);
    let contrast = spread(&gray(&y)) / spread(&gray(&x));
    let (least, most) = (contrast.min().double_value(&[]), contrast.max().double_value(&[]));
    assert!((0.5..0.6).contains(&least) && (1.4..=1.5001).contains(&most), "{least} to {most}");
    let colour = |x: &Tensor| spread(&(x - gray(x)));
    let saturation = colour(&y) / colour(&x) / contrast;
    let (least, most) = (saturation.min().double_value(&[]), saturation.max().double_value(&[]));
    assert!((0.0..0.15).contains(&least) && (1.85..2.001).contains(&most), "{least} to {most}");
}

/// The generator learns through it: no gradient for what was cut away, and the whole one for what stayed.
#[test]
fn gradients_pass_through() {
    let x = noise(1, &[3, 8, 8, 3]).set_requires_grad(true);
    let all = DiffAugment { colour: true, translation: true, cutout: true };
    let y = all.apply(&x, &mut rng()).unwrap();
    let gradient = Tensor::run_backward(&[y.square().sum(Kind::Float)], &[&x], false, false).pop().unwrap();
    assert!(gradient.abs().max().double_value(&[]) > 0.0);
    let moved = DiffAugment { translation: true, ..NONE };
    let y = moved.apply(&x, &mut rng()).unwrap();
    let gradient = Tensor::run_backward(&[y.sum(Kind::Float)], &[&x], false, false).pop().unwrap();
    let values = numbers(&gradient);
    assert!(values.iter().all(|value| [0.0, 1.0].contains(value)) && values.contains(&1.0));
}
