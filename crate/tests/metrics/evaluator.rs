//! The classifier and the evaluator, on drawn shapes that a small one learns in a moment.

use super::common::{assert_refused, assert_same_bits, device, integers, keeps_bits, noise, numbers, tensor};
use gan_nb::data::{Dataset, Shapes};
use gan_nb::metrics::{Classifier, Evaluator, Quality, Recipe};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use tch::{Kind, Tensor};

/// A small one.
pub fn recipe() -> Recipe {
    Recipe {
        filters: [8, 16, 16, 24],
        epochs: 6,
        batch_size: 25,
        learning_rate: 1e-2,
        flips: false,
        ..Recipe::default()
    }
}

pub fn shapes(seed: u64) -> Dataset {
    Shapes::generate(600, seed).unwrap()
}

fn train() -> Classifier {
    Classifier::train(&shapes(1), &recipe(), &mut |_, _| {}).unwrap()
}

fn evaluator() -> Evaluator {
    Evaluator::new(train(), &shapes(2)).unwrap()
}

fn batch(data: &Dataset) -> (Tensor, Tensor) {
    let all: Vec<usize> = (0..data.len()).collect();
    (data.batch(&all).unwrap().to_device(device()), data.labels(&all).unwrap().to_device(device()))
}

/// Of all kinds of images, measured once.
static MEASURED: LazyLock<[Quality; 5]> = LazyLock::new(|| {
    let evaluator = evaluator();
    let (images, labels) = batch(&shapes(3));
    let measure = |images: &Tensor| evaluator.measure_images(images, Some(&labels)).unwrap();
    let one_class = images.index_select(0, &integers(&(0..600).map(|i| i / 10 * 10).collect::<Vec<_>>()));
    [
        measure(&images),
        measure(&(&images * 0.3 + noise(4, &images.size()) * 0.7).clamp(-1.0, 1.0)),
        measure(&one_class),
        measure(&images.zeros_like()),
        evaluator.measure_images(&images, None).unwrap(),
    ]
});

#[test]
fn it_learns_the_classes_the_same_way_each_time() {
    let mut steps = Vec::new();
    let classifier = Classifier::train(&shapes(1), &recipe(), &mut |step, all| steps.push((step, all))).unwrap();
    assert_eq!(steps, (1..=144).map(|step| (step, 144)).collect::<Vec<_>>());
    let (images, labels) = batch(&shapes(2));
    let features = classifier.features(&images).unwrap();
    assert_eq!((features.size(), features.kind()), (vec![600, 24], Kind::Float));
    let accuracy = classifier.accuracy(&shapes(2), &features).unwrap();
    assert!(accuracy > 0.6, "{accuracy}, where chance is 0.1");
    let probabilities = classifier.probabilities(&images).unwrap();
    assert!((probabilities.sum_dim_intlist(1, false, Kind::Float) - 1.0).abs().max().double_value(&[]) < 1e-5);
    let right = probabilities.argmax(1, false).eq_tensor(&labels).to_kind(Kind::Double).mean(Kind::Double);
    assert!((right.double_value(&[]) - accuracy).abs() < 1e-9);
    let part = images.narrow(0, 0, 50);
    let again = train().features(&part).unwrap();
    assert_same_bits(&numbers(&again), &numbers(&classifier.features(&part).unwrap()), "a classifier trained again");
}

#[test]
fn each_setting_of_the_recipe_counts() {
    let base = Recipe { epochs: 1, ..recipe() };
    let md5 = |recipe: &Recipe| Classifier::train(&shapes(1), recipe, &mut |_, _| {}).unwrap().md5().unwrap();
    let others = [
        Recipe { filters: [8, 16, 16, 16], ..base.clone() },
        Recipe { epochs: 2, ..base.clone() },
        Recipe { batch_size: 30, ..base.clone() },
        Recipe { learning_rate: 2e-3, ..base.clone() },
        Recipe { shifts: 0, ..base.clone() },
        Recipe { flips: true, ..base.clone() },
        Recipe { seed: 1, ..base.clone() },
    ];
    let sums = [&base].into_iter().chain(&others).map(md5).collect::<BTreeSet<_>>();
    assert_eq!(sums.len(), 1 + others.len(), "a setting without effect");
    if keeps_bits("each_setting_of_the_recipe_counts") {
        assert!(sums.contains(&md5(&base)), "the same recipe, the same classifier");
    }
}

#[test]
fn real_images_are_nearest_to_real_ones() {
    let [real, noisy, one_class, gray, _] = &*MEASURED;
    for (worse, name) in [(noisy, "noisy"), (one_class, "one class"), (gray, "gray")] {
        let (near, far) = (real.frechet_distance, worse.frechet_distance);
        assert!(far > 3.0 * near, "{name}: Frechet distance {far}, of real ones {near}");
        assert!(worse.kernel_distance.value > 5.0 * real.kernel_distance.value.abs(), "{name}: {worse}\n{real}");
    }
    let (best, once) = (&real.precision_recall, &one_class.precision_recall);
    assert!(best.precision > 0.6 && best.recall > 0.6, "{best:?}");
    assert!(once.recall < 0.5 * best.recall && once.precision > noisy.precision_recall.precision, "{once:?}");
}

#[test]
fn classes_are_counted() {
    let [real, _, one_class, _, unlabelled] = &*MEASURED;
    assert!(real.classes.iter().map(|class| class.name.as_str()).eq(Shapes::CLASSES));
    for quality in [real, one_class, unlabelled] {
        assert_eq!(quality.classes.iter().map(|class| class.seen).sum::<usize>(), 600);
    }
    assert!(real.classes.iter().all(|class| class.made == 60 && class.obeyed <= class.made));
    let accuracy = evaluator().accuracy();
    assert!((real.obedience().unwrap() - accuracy).abs() < 0.1, "{:?}, accuracy {accuracy}", real.obedience());
    // All are circles, whatever they were made for.
    assert!(one_class.classes[0].seen > 400, "{one_class}");
    assert!(one_class.obedience().unwrap() < 0.2, "{one_class}");
    assert!(one_class.classes[0].obedience().unwrap() > 0.5, "{one_class}");
    assert_eq!((unlabelled.obedience(), unlabelled.classes[0].obedience()), (None, None));
    assert_eq!(unlabelled.frechet_distance, real.frechet_distance, "labels change nothing else");
}

#[test]
fn images_come_a_few_at_a_time_and_in_order() {
    let evaluator = evaluator();
    let (images, labels) = batch(&shapes(3));
    let mut asked = Vec::new();
    let quality = evaluator.measure(250, |start, count| {
        asked.push((start, count));
        let part = |all: &Tensor| all.narrow(0, start as i64, count as i64);
        Ok((part(&images), Some(part(&labels))))
    });
    assert_eq!(asked, [(0, 100), (100, 100), (200, 50)]);
    let together = evaluator.measure_dataset(&shapes(3), 250).unwrap();
    assert_eq!(quality.unwrap(), together);
    assert_eq!(together.images, 250);
    // Larger pictures are resized.
    let large = images.repeat_interleave_self_int(2, 1, None).repeat_interleave_self_int(2, 2, None);
    let of_large = evaluator.measure_images(&large, None).unwrap();
    assert!(of_large.frechet_distance < MEASURED[1].frechet_distance, "{of_large}");
}

#[test]
fn it_prints_a_table_and_keeps_it_as_json() {
    let quality = &MEASURED[0];
    let text = quality.to_string();
    for part in ["600 images\n", "Frechet distance   ", "precision ", "class obedience ", "\n  circle    ", " ± "] {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    assert!(!MEASURED[4].to_string().contains("obedience"));
    let json = serde_json::to_string(quality).unwrap();
    assert_eq!(serde_json::from_str::<Quality>(&json).unwrap(), *quality, "{json}");
}

#[test]
fn what_can_t_be_trained_or_measured() {
    let too_many = Recipe { batch_size: 601, ..recipe() };
    let train = |recipe: &Recipe| Classifier::train(&shapes(1), recipe, &mut |_, _| {});
    assert_refused(train(&too_many), &["batch_size is 601", "1 to 600"]);
    assert_refused(train(&Recipe { epochs: 0, ..recipe() }), &["Recipe's epochs is 0", "1 or more"]);
    assert_refused(train(&Recipe { filters: [8, 0, 8, 8], ..recipe() }), &["Recipe's filters is 0"]);
    assert_refused(train(&Recipe { learning_rate: 2.0, ..recipe() }), &["learning_rate is 2"]);
    let evaluator = evaluator();
    let (images, labels) = batch(&shapes(3));
    let refused = |images: &Tensor, classes: Option<&Tensor>, parts: &[&str]| {
        assert_refused(evaluator.measure_images(images, classes), parts);
    };
    refused(&images.narrow(0, 0, 19), None, &["kernel_distance", "[19, 24]", "20 points"]);
    refused(&images.narrow(3, 0, 1), None, &["the classifier", "[100, 32, 32, 1]", "width, 3]"]);
    refused(&images.to_kind(Kind::Uint8), None, &["Uint8", "normalize"]);
    refused(&(&images * f64::NAN), None, &["NaN", "diverge"]);
    refused(&images, Some(&(labels + 1)), &["the class of an image is 10", "0 to 9"]);
    refused(&tensor(&[0.5], &[1, 1, 1, 1]), None, &["the classifier"]);
    assert_refused(
        evaluator.measure(30, |_, _| Ok((images.shallow_clone(), None))),
        &["the number of images is 600", "30"],
    );
    assert_refused(evaluator.measure(0, |_, _| Ok((images.shallow_clone(), None))), &["[0, "]);
}
