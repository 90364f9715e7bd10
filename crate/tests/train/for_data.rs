//! Networks of the size and the classes of their data.

use crate::common::assert_refused;
use gan_nb::data::{Dataset, Shapes};
use gan_nb::nn::Sequential;
use gan_nb::train::{Game, Gan, GanConfig, History, Notice, Observer, Samples};

fn data(shape: (usize, usize, usize), classes: &[&str]) -> Dataset {
    let labels: Vec<u8> = (0..8).map(|i| (i % classes.len()) as u8).collect();
    let (h, w, c) = shape;
    let images = (0..8 * h * w * c).map(|i| (i * i / 5) as u8).collect();
    Dataset::new("mine", images, labels, shape, classes).unwrap()
}

struct Silent;

impl Observer for Silent {
    fn iteration(&mut self, _: &History) {}
    fn sample(&mut self, _: &str, _: &Samples) -> gan_nb::Result<()> {
        Ok(())
    }
    fn notice(&mut self, _: &Notice) {}
}

#[test]
fn each_setting_takes_the_datas_size_and_classes() {
    let classes = ["cats", "dogs", "owls"];
    for (config, told) in [
        (GanConfig::tutorial(), 0),
        (GanConfig::dcgan(), 0),
        (GanConfig::modern(), 3),
        (GanConfig::modern_tutorial_networks(), 3),
    ] {
        for size in [8, 24] {
            let x_train = data((size, size, 3), &classes);
            let config = config.clone().for_data(&x_train).unwrap();
            assert_eq!((config.size, config.modern.classes), (size as i64, told));
            let mut gan = Gan::new(config).unwrap();
            let history = gan.train_observed(&x_train, 1, 2, 1, &mut Silent).unwrap();
            assert_eq!(
                (history.len(), gan.sample_images().unwrap().fixed.size()),
                (1, vec![if told == 3 { 36 } else { 25 }, size as i64, size as i64, 3])
            );
        }
        // One class alone tells nothing.
        let config = config.for_data(&data((16, 16, 3), &["all"])).unwrap();
        assert_eq!((config.size, config.modern.classes), (16, 0));
        Gan::new(config).unwrap();
    }
}

#[test]
fn at_32_pixels_nothing_changes() {
    let shapes = Shapes::generate(20, 1).unwrap();
    for config in [GanConfig::tutorial(), GanConfig::modern(), GanConfig::modern_tutorial_networks()] {
        assert_eq!(config.clone().for_data(&shapes).unwrap(), config);
        let settings = Gan::new(config).unwrap().settings().unwrap();
        assert!(!settings.to_string().contains("size"), "runs saved before are the same: {settings}");
    }
    let tutorial = GanConfig::tutorial().for_data(&data((64, 64, 3), &["all"])).unwrap();
    assert!(Gan::new(tutorial).unwrap().settings().unwrap().to_string().contains("\"size\":64"));
}

/// The tutorial's layers, with as many weights as the size asks for.
#[test]
fn the_tutorials_networks_grow_with_the_images() {
    let config = GanConfig { size: 64, ..GanConfig::tutorial() };
    let count = |model: &Sequential| model.weights().iter().map(|(_, weight)| weight.value.numel()).sum::<usize>();
    let tutorial = GanConfig::tutorial();
    let difference = |network: fn(&GanConfig) -> Sequential| count(&network(&config)) - count(&network(&tutorial));
    // Dense from noise to 16 × 16 in place of 8 × 8, and from 8 × 8 in place of 4 × 4 to the score.
    assert_eq!(difference(|config| config.build_generator("g").unwrap()), (256 - 64) * 256 * 101);
    assert_eq!(difference(|config| config.build_discriminator().unwrap()), (64 - 16) * 256);
}

#[test]
fn data_that_networks_can_not_learn_from_is_refused() {
    for (shape, found) in [((32, 24, 3), "32x24x3"), ((32, 32, 1), "32x32x1")] {
        let parts = ["the shape of mine is", found, "expected a square in three channels"];
        assert_refused(GanConfig::modern().for_data(&data(shape, &["all"])), &parts);
    }
    assert_refused(GanConfig::dcgan().for_data(&data((20, 20, 3), &["all"])), &["size is 20", "a multiple of 8"]);

    // Forgetting for_data is an error before anything is trained.
    let train = |config: GanConfig, x_train: &Dataset| {
        let mut gan = Gan::new(config).unwrap();
        gan.train_observed(x_train, 1, 2, 1, &mut Silent)
    };
    let parts = ["the shape of mine is (None, 64, 64, 3)", "expected (None, 32, 32, 3)", "config.for_data(&x_train)"];
    assert_refused(train(GanConfig::dcgan(), &data((64, 64, 3), &["all"])), &parts);
    let few = GanConfig::modern_tutorial_networks().classes(2);
    let parts = ["the classes of mine is 3", "at most 2, as many as the networks are told", "config.for_data"];
    assert_refused(train(few, &data((32, 32, 3), &["a", "b", "c"])), &parts);
}
