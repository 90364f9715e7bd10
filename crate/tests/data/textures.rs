//! The drawn textures, windows cut from them, and paintings of pictures.

use gan_nb::data::{Shapes, Textures, brushstrokes};
use gan_nb::imaging::random_crops;
use gan_nb::{Error, Result, random};
use tch::{Kind, Tensor};

type Draw = fn(usize, u64) -> Result<Tensor>;
const ALL: [(&str, Draw); 3] =
    [("stones", Textures::stones), ("cloth", Textures::cloth), ("ripples", Textures::ripples)];

fn bytes(x: &Tensor) -> Vec<u8> {
    Vec::try_from(x.contiguous().flatten(0, -1)).unwrap()
}

/// How far two pictures are from each other, per value.
fn difference(a: &Tensor, b: &Tensor) -> f64 {
    (a.to_kind(Kind::Float) - b.to_kind(Kind::Float)).abs().mean(Kind::Float).double_value(&[])
}

fn says(result: Result<Tensor>, words: &str) {
    let message = result.unwrap_err().to_string();
    assert!(message.contains(words), "'{words}' is not in: {message}");
}

#[test]
fn a_texture_follows_its_seed() {
    for (name, draw) in ALL {
        let picture = draw(96, 1).unwrap();
        assert_eq!((picture.size(), picture.kind()), (vec![1, 96, 96, 3], Kind::Uint8), "{name}");
        assert_eq!(bytes(&picture), bytes(&draw(96, 1).unwrap()), "{name}");
        assert!(difference(&picture, &draw(96, 2).unwrap()) > 5.0, "{name}: seeds 1 and 2 draw the same");
    }
}

/// The step from the last line of pixels to the first, as a share of the largest step between neighbouring lines.
fn seam(picture: &Tensor, axis: i64) -> f64 {
    let line = |i| picture.narrow(axis, i, 1);
    let last = picture.size()[axis as usize] - 1;
    let largest = (0..last).map(|i| difference(&line(i), &line(i + 1))).fold(0.0, f64::max);
    difference(&line(0), &line(last)) / largest
}

#[test]
fn a_texture_tiles_without_a_seam() {
    for (name, draw) in ALL {
        for seed in 0..3 {
            let picture = draw(128, seed).unwrap();
            let seams = [1, 2].map(|axis| seam(&picture, axis));
            assert!(seams.iter().all(|&seam| seam <= 1.05), "{name}, seed {seed}: {seams:?}");
        }
    }
    // What the test would see without wrapping round: a part of the picture has a seam.
    let part = Textures::stones(128, 0).unwrap().narrow(1, 0, 90).narrow(2, 0, 90);
    assert!([1, 2].iter().all(|&axis| seam(&part, axis) > 1.05));
}

#[test]
fn a_texture_looks_alike_everywhere() {
    for (name, draw) in ALL {
        let quarters = draw(128, 5).unwrap().to_kind(Kind::Float).unfold(1, 64, 64).unfold(2, 64, 64);
        let means =
            Vec::<f64>::try_from(quarters.mean_dim([0, 3, 4, 5].as_slice(), false, Kind::Double).flatten(0, -1));
        let means = means.unwrap();
        let spread = means.iter().fold(0.0, |most: f64, mean| most.max((mean - means[0]).abs()));
        assert!(spread < 20.0, "{name}: mean brightness of the quarters {means:?}");
    }
}

#[test]
fn sides_out_of_range_are_refused() {
    for (_, draw) in ALL {
        says(draw(31, 0), "side is 31, expected 32 to 1024");
        says(draw(1025, 0), "side is 1025");
    }
}

#[test]
fn crops_are_windows_of_the_picture() {
    // Each value tells its place: 10 × row + column.
    let picture = Tensor::arange(60, (Kind::Uint8, tch::Device::Cpu)).view([1, 6, 10, 1]);
    let crops = random_crops(&picture, 200, 4, &mut random::stream(1, "crops")).unwrap();
    assert_eq!((crops.size(), crops.kind()), (vec![200, 4, 4, 1], Kind::Uint8));
    let mut corners = std::collections::BTreeSet::new();
    for crop in bytes(&crops).chunks(16) {
        let expected: Vec<u8> = (0..16).map(|i| crop[0] + i / 4 * 10 + i % 4).collect();
        assert_eq!(crop, expected);
        corners.insert(crop[0]);
    }
    assert_eq!(corners.len(), 3 * 7, "all places come, the last row and column too");
    let again = random_crops(&picture, 200, 4, &mut random::stream(1, "crops")).unwrap();
    assert_eq!(bytes(&crops), bytes(&again));
}

#[test]
fn crops_that_do_not_fit_are_refused() {
    let (picture, mut rng) = (Textures::stones(32, 0).unwrap(), random::stream(1, "crops"));
    says(random_crops(&picture, 1, 33, &mut rng), "side is 33, expected 1 to 32");
    says(random_crops(&picture, 1, 0, &mut rng), "side is 0");
    says(random_crops(&picture, 0, 8, &mut rng), "count is 0");
    says(random_crops(&picture.squeeze_dim(0), 1, 8, &mut rng), "[32, 32, 3], expected [1, H, W, C]");
}

#[test]
fn a_painting_keeps_the_place_of_its_colours() {
    // Left half dark blue, right half orange.
    let half = |colour: [f32; 3]| Tensor::from_slice(&colour).view([1, 1, 1, 3]).expand([1, 32, 16, 3], false);
    let photo = Tensor::cat(&[half([-0.8, -0.6, 0.2]), half([0.8, 0.2, -0.7])], 2);
    let painting = brushstrokes(&photo, &mut random::stream(1, "strokes")).unwrap();
    let mean =
        |from| Vec::<f32>::try_from(painting.narrow(2, from, 14).mean_dim([0, 1, 2].as_slice(), false, Kind::Float));
    let (left, right) = (mean(0).unwrap(), mean(18).unwrap());
    assert!(left[2] > left[0] + 0.2 && right[0] > right[2] + 0.2, "left {left:?}, right {right:?}");
}

#[test]
fn a_painting_is_of_strokes_and_never_twice_the_same() {
    let photo = Tensor::zeros([1, 32, 32, 3], tch::kind::FLOAT_CPU);
    let mut rng = random::stream(1, "strokes");
    let [first, second] = [(); 2].map(|()| brushstrokes(&photo, &mut rng).unwrap());
    assert!(first.std(false).double_value(&[]) > 0.15, "an even grey becomes dots on a light canvas");
    assert!((&first - &second).abs().mean(Kind::Float).double_value(&[]) > 0.1, "other dots each time");
    let again = brushstrokes(&photo, &mut random::stream(1, "strokes")).unwrap();
    assert_eq!(first, again, "the same stream gives the same dots");
    assert!(first.abs().max().double_value(&[]) <= 1.0);
}

#[test]
fn paintings_are_of_any_size_and_of_colour_pictures_only() {
    let large = Tensor::zeros([2, 40, 96, 3], tch::kind::FLOAT_CPU);
    assert_eq!(brushstrokes(&large, &mut random::stream(1, "strokes")).unwrap().size(), large.size());
    let grey = Tensor::zeros([1, 32, 32, 1], tch::kind::FLOAT_CPU);
    says(brushstrokes(&grey, &mut random::stream(1, "strokes")), "expected [B, H, W, 3]");
    let bytes = Shapes::generate(1, 0).unwrap().images(&[0]).unwrap();
    assert!(matches!(brushstrokes(&bytes, &mut random::stream(1, "strokes")), Err(Error::Value { .. })));
}
