//! The dataset, its batches, and the drawn shapes.

use crate::common::cifar_files::assert_says;
use gan_nb::data::{Dataset, Shapes};
use gan_nb::imaging::{denormalize, normalize};
use rand::{SeedableRng, rngs::StdRng};
use tch::{Device, Kind, Tensor};

/// Three pictures of 2x2x1, counting from 0 to 11.
fn small() -> Dataset {
    Dataset::new("Small", (0..12).collect(), vec![1, 0, 1], (2, 2, 1), &["even", "odd"]).unwrap()
}

fn bytes(x: &Tensor) -> Vec<u8> {
    Vec::try_from(x.flatten(0, -1)).unwrap()
}

#[test]
fn says_what_it_holds() {
    let data = small();
    assert_eq!((data.name(), data.len(), data.is_empty(), data.image_shape()), ("Small", 3, false, [2, 2, 1]));
    assert_eq!(data.class_names(), ["even", "odd"]);
    assert_eq!((data.label(0).unwrap(), data.label(1).unwrap()), (1, 0));
    assert_eq!(data.to_string(), "Small: 3 images of 2x2x1, 2 classes");
    assert_eq!(format!("{data:?}"), data.to_string());
}

#[test]
fn gives_the_pictures_asked_for() {
    let images = small().images(&[2, 0, 2]).unwrap();
    assert_eq!((images.size(), images.kind()), (vec![3, 2, 2, 1], Kind::Uint8));
    assert_eq!(bytes(&images), [8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11]);
    let batch = small().batch(&[1]).unwrap();
    assert_eq!((batch.size(), batch.kind()), (vec![1, 2, 2, 1], Kind::Float));
    assert_eq!(Vec::<f32>::try_from(batch.flatten(0, -1)).unwrap(), [4.0, 5.0, 6.0, 7.0].map(|x| (x - 127.5) / 127.5));
}

#[test]
fn random_batches_follow_the_seed() {
    let data = Shapes::generate(50, 1).unwrap();
    let draw = |seed| bytes(&denormalize(&data.random_batch(8, &mut StdRng::seed_from_u64(seed)).unwrap()).unwrap());
    assert_eq!(draw(5), draw(5));
    assert_ne!(draw(5), draw(6));
}

#[test]
fn random_batches_draw_with_replacement_from_all_pictures() {
    let data = Dataset::new("Ten", (0..10).collect(), vec![0; 10], (1, 1, 1), &["one"]).unwrap();
    let mut rng = StdRng::seed_from_u64(2);
    let batches: Vec<Vec<u8>> =
        (0..20).map(|_| bytes(&denormalize(&data.random_batch(10, &mut rng).unwrap()).unwrap())).collect();
    assert!((0..10).all(|picture| batches.iter().any(|batch| batch.contains(&picture))));
    assert!(batches.iter().any(|batch| (0..10).any(|picture| !batch.contains(&picture))), "never a picture twice");
}

#[test]
fn refuses_what_does_not_fit() {
    let data = small();
    let mut rng = StdRng::seed_from_u64(0);
    assert_says(&data.images(&[0, 3]).unwrap_err(), &["index is 3", "less than 3", "Small"]);
    assert_says(&data.batch(&[9]).unwrap_err(), &["index is 9"]);
    assert_says(&data.label(3).unwrap_err(), &["index is 3", "less than 3"]);
    assert_says(&data.random_batch(0, &mut rng).unwrap_err(), &["batch_size is 0", "1 to 3"]);
    assert_says(&data.random_batch(4, &mut rng).unwrap_err(), &["batch_size is 4", "1 to 3"]);
    let new = |n, labels, shape| Dataset::new("Bad", vec![0; n], labels, shape, &["only"]).unwrap_err();
    assert_says(&new(11, vec![0; 3], (2, 2, 1)), &["images.len() is 11", "expected 3 labels x 2 x 2 x 1"]);
    assert_says(&new(0, vec![0; 3], (usize::MAX, 2, 1)), &["images.len() is 0", "x 2 x 1"]);
    assert_says(&new(0, vec![0; 3], (2, 0, 1)), &["shape is (2, 0, 1)", "1 or more"]);
    assert_says(&new(8, vec![0, 1], (2, 2, 1)), &["labels[1] is 1", "less than 1"]);
    assert_says(&Shapes::generate(0, 0).unwrap_err(), &["count is 0", "1 to 1000000"]);
    assert_says(&Shapes::generate(usize::MAX, 0).unwrap_err(), &["1 to 1000000"]);
}

#[test]
fn every_byte_comes_back_from_its_float() {
    let all: Vec<u8> = (0..=255).collect();
    let x = normalize(&Tensor::from_slice(&all)).unwrap();
    assert_eq!((x.kind(), x.min().double_value(&[]), x.max().double_value(&[])), (Kind::Float, -1.0, 1.0));
    assert_eq!(bytes(&denormalize(&x).unwrap()), all);
}

#[test]
fn denormalize_rounds_and_clamps() {
    let x = Tensor::from_slice(&[-3.0_f32, -1.0, 0.6 / 127.5, 1.0, 40.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY]);
    assert_eq!(bytes(&denormalize(&x).unwrap()), [0, 0, 128, 255, 255, 0, 255, 0]);
    let half = Tensor::zeros([2], (Kind::Half, Device::Cpu));
    assert_eq!(bytes(&denormalize(&half).unwrap()), [128, 128]);
}

#[test]
fn pixels_of_the_wrong_kind_are_refused() {
    let (byte, float) = (Tensor::from_slice(&[1_u8]), Tensor::from_slice(&[1.0_f32]));
    assert_says(&normalize(&float).unwrap_err(), &["Float", "expected Uint8"]);
    assert_says(&denormalize(&byte).unwrap_err(), &["Uint8", "expected a floating-point kind"]);
}

#[test]
fn shapes_follow_the_seed() {
    let draw = |seed| bytes(&Shapes::generate(20, seed).unwrap().images(&(0..20).collect::<Vec<_>>()).unwrap());
    assert_eq!(draw(3), draw(3));
    assert_ne!(draw(3), draw(4));
}

#[test]
fn shapes_are_ten_balanced_classes_of_distinct_pictures() {
    let data = Shapes::generate(100, 0).unwrap();
    assert_eq!(data.to_string(), "Shapes: 100 images of 32x32x3, 10 classes");
    for class in 0..10 {
        assert_eq!((0..100).filter(|&i| data.label(i).unwrap() == class).count(), 10);
    }
    let images = data.images(&(0..100).collect::<Vec<_>>()).unwrap();
    let mut pictures: Vec<Vec<u8>> = bytes(&images).chunks(3072).map(<[u8]>::to_vec).collect();
    pictures.sort();
    pictures.dedup();
    assert_eq!(pictures.len(), 100);
}

/// The middle of a circle is paint, that of a ring background; corners are always background.
#[test]
fn shapes_are_where_their_class_says() {
    let data = Shapes::generate(200, 9).unwrap();
    let far = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(&a, &b)| u32::from(a.abs_diff(b))).sum::<u32>() > 120;
    for i in 0..200 {
        let picture = bytes(&data.images(&[i]).unwrap());
        let at = |y: usize, x: usize| &picture[(y * 32 + x) * 3..][..3];
        // The background changes only from top to bottom.
        assert_eq!(at(0, 0), at(0, 31), "picture {i}");
        match data.class_names()[data.label(i).unwrap()].as_str() {
            "circle" | "square" | "cross" => assert!(far(at(16, 16), at(16, 0)), "picture {i}"),
            "ring" => assert_eq!(at(16, 16), at(16, 0), "picture {i}"),
            _ => {}
        }
    }
}
