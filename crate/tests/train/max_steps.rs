//! GAN_NB_MAX_STEPS caps a training run. The environment belongs to a process, so each case asks one of its own.

use crate::common::{printed_by, tiny_gan};
use gan_nb::data::Shapes;
use gan_nb::train::GanConfig;

const ASKED: usize = 3;

/// What the cases below run in a process of its own.
#[test]
#[ignore = "started by the other tests"]
fn child() {
    let x_train = Shapes::generate(4, 1).unwrap();
    match tiny_gan(GanConfig::tutorial()).train_gan(&x_train, ASKED, 2, 1) {
        Ok(history) => println!("trained {} of {}", history.len(), history.planned),
        Err(error) => println!("refused: {error}"),
    }
}

/// What training prints under this value of the variable.
fn train(cap: Option<&str>) -> String {
    printed_by("max_steps::child", cap.map(|cap| ("GAN_NB_MAX_STEPS", cap)).as_slice())
}

#[test]
fn a_smaller_cap_ends_the_run_and_says_so() {
    let printed = train(Some("2"));
    assert!(printed.contains("GAN_NB_MAX_STEPS está puesta: 2 iteraciones en lugar de 3."), "{printed}");
    assert!(printed.contains("trained 2 of 2"), "{printed}");
}

#[test]
fn no_cap_or_a_larger_one_changes_nothing() {
    for cap in [None, Some("3"), Some("100")] {
        let printed = train(cap);
        assert!(printed.contains("trained 3 of 3"), "{printed}");
        assert!(!printed.contains("GAN_NB_MAX_STEPS"), "{printed}");
    }
}

#[test]
fn a_value_that_is_no_count_is_an_error() {
    for cap in ["0", "-1", "1.5", "a few"] {
        let printed = train(Some(cap));
        let expected = format!("refused: GAN_NB_MAX_STEPS is {cap:?}, expected a whole number above 0");
        assert!(printed.contains(&expected), "{printed}");
        assert!(!printed.contains("[D loss"), "{printed}");
    }
}
