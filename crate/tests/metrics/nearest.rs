//! Nearest pictures, and the labels that go with a batch.

use crate::common::{assert_refused, bytes, device};
use gan_nb::data::{Dataset, Shapes};
use gan_nb::imaging::normalize;
use gan_nb::metrics::{Neighbour, nearest};
use gan_nb::random::stream;
use rand::{Rng, SeedableRng, rngs::StdRng};
use tch::{Kind, Tensor};

/// Random pictures of 2x2x3, more than two blocks of them.
fn many(count: usize) -> Dataset {
    let mut rng = StdRng::seed_from_u64(3);
    let bytes = (0..count * 12).map(|_| rng.r#gen()).collect();
    Dataset::new("Many", bytes, vec![0; count], (2, 2, 3), &["one"]).unwrap()
}

/// All distances from one sample, computed the plain way, the nearest first.
fn by_hand(sample: &[u8], data: &Dataset) -> Vec<Neighbour> {
    let all = data.images(&(0..data.len()).collect::<Vec<_>>()).unwrap();
    let bytes: Vec<u8> = Vec::try_from(all.flatten(0, -1)).unwrap();
    let mut found: Vec<Neighbour> = bytes
        .chunks(sample.len())
        .enumerate()
        .map(|(index, picture)| {
            let squares = picture.iter().zip(sample).map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2));
            Neighbour { index, distance: (squares.sum::<f64>() / sample.len() as f64).sqrt() }
        })
        .collect();
    found.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    found
}

#[test]
fn finds_what_a_plain_search_finds_over_all_blocks() {
    let data = many(5000);
    let samples: Vec<u8> = (0..600 * 12).map(|i| (i * 37 % 251) as u8).collect();
    let found = nearest(&bytes(&samples, &[600, 2, 2, 3]), &data, 3).unwrap();
    assert_eq!(found.len(), 600);
    for (sample, found) in samples.chunks(12).zip(&found) {
        let expected = &by_hand(sample, &data)[..3];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found.distance - expected.distance).abs() < 1e-3, "{found:?} {expected:?}");
        }
        assert_eq!(found[0].index, expected[0].index);
    }
    assert!(found.iter().any(|found| found[0].index >= 4096), "nothing from the last block");
}

#[test]
fn a_copy_is_at_zero_as_bytes_and_as_floats() {
    let data = Shapes::generate(40, 4).unwrap();
    let bytes = data.images(&[11, 30]).unwrap();
    for samples in [normalize(&bytes).unwrap(), bytes] {
        let found = nearest(&samples, &data, 40).unwrap();
        assert_eq!((found[0][0], found[1][0].index), (Neighbour { index: 11, distance: 0.0 }, 30));
        assert_eq!(found[0].len(), 40);
        assert!(found[0].windows(2).all(|pair| pair[0].distance <= pair[1].distance));
    }
}

#[test]
fn distance_is_in_levels() {
    let data = Dataset::new("Flat", [[100; 12], [220; 12]].concat(), vec![0; 2], (2, 2, 3), &["one"]).unwrap();
    let sample = bytes(&[110; 12], &[1, 2, 2, 3]);
    let distances: Vec<f64> = nearest(&sample, &data, 2).unwrap()[0].iter().map(|found| found.distance).collect();
    assert_eq!(distances, [10.0, 110.0]);
}

#[test]
fn refuses_what_can_not_be_compared() {
    let data = many(5);
    let sample = Tensor::zeros([1, 2, 2, 3], (Kind::Uint8, device()));
    assert_refused(nearest(&sample, &data, 0), &["k is 0", "1 to 5", "Many"]);
    assert_refused(nearest(&sample, &data, 6), &["k is 6", "1 to 5"]);
    assert_refused(nearest(&sample.get(0), &data, 1), &["[2, 2, 3]", "[N, 2, 2, 3]"]);
    assert_refused(nearest(&sample.narrow(0, 0, 0), &data, 1), &["[0, 2, 2, 3]"]);
    assert_refused(nearest(&sample.to_kind(Kind::Int64), &data, 1), &["Int64", "float"]);
}

#[test]
fn labels_are_those_of_the_pictures() {
    let data = Shapes::generate(30, 1).unwrap();
    let labels = data.labels(&[0, 13, 9]).unwrap();
    assert_eq!((labels.kind(), Vec::<i64>::try_from(&labels).unwrap()), (Kind::Int64, vec![0, 3, 9]));
    let one_hot = labels.onehot(10);
    assert_eq!((one_hot.size(), one_hot.kind()), (vec![3, 10], Kind::Float));
    assert_eq!(one_hot.double_value(&[1, 3]), 1.0);
    assert_refused(data.labels(&[30]), &["index is 30", "less than 30"]);
}

/// So that a loop of one's own, with labels, sees the same pictures as the tutorial's.
#[test]
fn a_random_batch_is_that_of_its_indices() {
    let data = Shapes::generate(100, 1).unwrap();
    let indices = data.random_indices(16, &mut stream(5, "batches")).unwrap();
    let batch = data.random_batch(16, &mut stream(5, "batches")).unwrap();
    assert_eq!(data.batch(&indices).unwrap(), batch);
    let mut rng = stream(5, "batches");
    assert_eq!(indices, (0..16).map(|_| rng.gen_range(0..100)).collect::<Vec<usize>>());
}
