//! What config.json says of the pictures, and what it said of them before.

use crate::common::kept::Stopper;
use crate::common::tiny_gan;
use gan_nb::data::{Dataset, Shapes};
use gan_nb::runs::{DataConfig, Run};
use gan_nb::train::GanConfig;
use serde_json::Value;
use std::fs;

fn photos(name: &str) -> Dataset {
    let images = (0..6 * 32 * 32 * 3).map(|i| (i % 251) as u8).collect();
    Dataset::new(name, images, vec![0, 1, 0, 1, 0, 1], (32, 32, 3), &["cats", "dogs"]).unwrap()
}

#[test]
fn the_classes_are_named_where_only_the_folder_knows_them() {
    let config = DataConfig::of(&photos("mine"));
    assert_eq!(
        (&config.classes, config.class_names()),
        (&vec!["cats".to_string(), "dogs".into()], config.classes.clone())
    );
    // A folder may be called as a known data set is.
    assert_eq!(DataConfig::of(&photos("MNIST")).class_names(), ["cats", "dogs"]);
    let shapes = DataConfig::of(&Shapes::generate(5, 1).unwrap());
    assert!(shapes.classes.is_empty(), "config.json stays as it was");
    assert_eq!(shapes.class_names(), Shapes::CLASSES);
    let one = Dataset::new("mine", vec![0; 12], vec![0], (2, 2, 3), &["all"]).unwrap();
    assert!(DataConfig::of(&one).class_names().is_empty());
}

#[test]
fn the_pictures_decide_and_not_their_name() {
    assert_eq!(DataConfig::of(&photos("mine")), DataConfig::of(&photos("renamed")));
    let other = Dataset::new("mine", vec![0; 6 * 32 * 32 * 3], vec![0; 6], (32, 32, 3), &["cats", "dogs"]).unwrap();
    assert_ne!(DataConfig::of(&photos("mine")), DataConfig::of(&other));
}

/// A run that was saved before classes were named goes on.
#[test]
fn an_older_config_is_read_and_its_run_resumed() {
    let dir = tempfile::tempdir().unwrap();
    let x_train = photos("mine");
    let train = |stop_at: Option<usize>| {
        let mut gan = tiny_gan(GanConfig::dcgan()).keep_in(Run::create(dir.path()).unwrap());
        let mut observer = stop_at.map_or_else(Stopper::never, Stopper::at);
        gan.train_observed(&x_train, 4, 2, 4, &mut observer).unwrap();
        observer
    };
    train(Some(2));
    let path = dir.path().join("config.json");
    let mut config: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let classes = config["data"].as_object_mut().unwrap().remove("classes");
    assert_eq!(classes, Some(serde_json::json!(["cats", "dogs"])));
    fs::write(&path, config.to_string()).unwrap();
    let data = Run::open(dir.path()).unwrap().config().unwrap().data.unwrap();
    assert_eq!((data.name.as_str(), data.class_names().len(), data == DataConfig::of(&x_train)), ("mine", 0, true));
    let observer = train(None);
    assert_eq!((observer.first_iteration, observer.notices), (Some(3), vec![]));
}
