//! An optimizer's settings: their ranges, and that a file keeps them to the last bit.

use super::common::{assert_refused, numbers, tensor};
use gan_nb::nn::{Adam, Optimizer, Schedule};
use serde_json::{Value, json};
use tch::{Kind, Tensor};

fn variable(values: &[f32]) -> Tensor {
    tensor(values, &[values.len() as i64]).set_requires_grad(true)
}

fn sum(x: Tensor) -> Tensor {
    x.sum(Kind::Float)
}

#[test]
fn settings_out_of_range_are_refused_before_the_first_step() {
    let refused = |change: fn(Adam) -> Adam, parts: &[&str]| {
        let w = variable(&[1.0]);
        let mut adam = change(Adam::new(vec![w.shallow_clone()]));
        assert_refused(adam.minimize(&sum(w.square())), parts);
        assert_eq!((numbers(&w), adam.steps()), (vec![1.0], 0));
    };
    refused(|adam| adam.learning_rate(-1.0), &["Adam's learning_rate is -1", "0 to 1"]);
    refused(|adam| adam.beta_1(1.0), &["Adam's beta_1 is 1", "below 1"]);
    refused(|adam| adam.beta_2(-0.1), &["Adam's beta_2 is -0.1", "at least 0"]);
    refused(|adam| adam.beta_2(1.0 - 1e-12), &["Adam's beta_2", "below 1"]); // 1 in float32
    refused(|adam| adam.epsilon(0.0), &["Adam's epsilon is 0", "1e-7"]);
    refused(|adam| adam.epsilon(f64::NAN), &["Adam's epsilon is NaN"]);
    refused(|adam| adam.schedule(Schedule::linear(5, 5)), &["the schedule's decay_steps is 0", "1 or more"]);
}

#[test]
fn settings_come_back_to_the_last_bit() {
    let w = variable(&[1.0]);
    let (third, tenth) = (1.0 / 3.0, 0.1 + 1e-17);
    let schedule = Schedule::CosineDecay { decay_steps: 77, alpha: third / 7.0 }.warm_up(3);
    let mut adam =
        Adam::new(vec![w.shallow_clone()]).learning_rate(third).beta_1(tenth).beta_2(third).epsilon(1e-9 / 3.0);
    adam = adam.schedule(schedule).with_scaled_loss();
    let written = serde_json::to_string(&adam.settings()).unwrap();
    let read: Value = serde_json::from_str(&written).unwrap();
    let mut other = Adam::new(vec![w.shallow_clone()]);
    other.load_settings(&read).unwrap();
    assert_eq!(other.settings(), adam.settings());
    assert!(other.is_scaling_loss());
    assert_eq!(Optimizer::learning_rate(&other).to_bits(), third.to_bits());
    let bits = |adam: &Adam| {
        format!("{adam:?}").split("settings").nth(1).unwrap().split("loss_scale").next().unwrap().to_string()
    };
    assert_eq!(bits(&other), bits(&adam));
}

#[test]
fn settings_that_can_t_be_are_refused_and_change_nothing() {
    let mut adam = Adam::new(vec![variable(&[1.0])]).learning_rate(0.5);
    let good = adam.settings();
    let with = |name: &str, value: Value| {
        let mut settings = good.clone();
        settings[name] = value;
        settings
    };
    for (settings, parts) in [
        (with("kind", json!("SGD")), ["is SGD, expected Adam", "another optimizer"]),
        (with("beta_1", json!(1.0)), ["Adam's beta_1 is 1", "below 1"]),
        (with("beta_1", json!("x")), ["the settings of Adam", "invalid type"]),
        (with("rho", json!(1.0)), ["the settings of Adam", "unknown field `rho`"]),
        (with("schedule", json!({"kind": "Sudden"})), ["the settings of Adam", "unknown variant `Sudden`"]),
        (json!({"kind": "Adam"}), ["the settings of Adam", "missing field"]),
        (json!(null), ["is not named, expected Adam", "another optimizer"]),
    ] {
        assert_refused(adam.load_settings(&settings), &parts);
        assert_eq!(adam.settings(), good);
    }
}
