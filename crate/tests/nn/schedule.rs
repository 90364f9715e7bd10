//! Learning-rate schedules against Keras's formulas, and that the steps follow them.

use super::common::{assert_close, assert_refused, numbers, tensor};
use gan_nb::nn::{Adam, Optimizer, Schedule};
use tch::{Kind, Tensor};

fn factors(schedule: &Schedule, steps: &[u64]) -> Vec<f32> {
    steps.iter().map(|step| schedule.factor(*step) as f32).collect()
}

#[test]
fn schedules_are_keras_s() {
    // tf.keras.optimizers.schedules: PolynomialDecay(1, 10, 0.1, power=2), ExponentialDecay(1, 10, 0.5),
    // CosineDecay(1, 10, alpha=0.1), worked out by their formulas.
    let polynomial = Schedule::PolynomialDecay { begin: 0, decay_steps: 10, end: 0.1, power: 2.0 };
    assert_close(&factors(&polynomial, &[0, 5, 9, 10, 99]), &[1.0, 0.325, 0.109, 0.1, 0.1], 1e-7, "polynomial");
    let exponential = |staircase| Schedule::ExponentialDecay { decay_steps: 10, decay_rate: 0.5, staircase };
    assert_close(&factors(&exponential(false), &[0, 5, 10, 20]), &[1.0, 0.5f64.sqrt(), 0.5, 0.25], 1e-7, "exponential");
    assert_close(&factors(&exponential(true), &[0, 9, 10, 25]), &[1.0, 1.0, 0.5, 0.25], 1e-7, "staircase");
    let cosine = Schedule::CosineDecay { decay_steps: 10, alpha: 0.1 };
    assert_close(&factors(&cosine, &[0, 5, 10, 99]), &[1.0, 0.55, 0.1, 0.1], 1e-7, "cosine");
    assert_close(
        &factors(&cosine.warm_up(4), &[0, 1, 3, 4, 9, 14]),
        &[0.25, 0.5, 1.0, 1.0, 0.55, 0.1],
        1e-7,
        "warm-up",
    );
    assert_close(&factors(&Schedule::linear(5, 10), &[0, 5, 7, 10, 11]), &[1.0, 1.0, 0.6, 0.0, 0.0], 1e-7, "linear");
    assert_eq!(factors(&Schedule::Constant, &[0, u64::MAX]), [1.0, 1.0]);
}

/// How far each step goes for gradients that are always 1: Adam's step is then the learning rate itself.
fn lengths(adam: Adam, w: &Tensor, count: usize) -> Vec<f32> {
    let mut adam = adam;
    let mut step = || {
        let before = numbers(w)[0];
        adam.minimize(&w.sum(Kind::Float)).unwrap();
        before - numbers(w)[0]
    };
    (0..count).map(|_| step()).collect()
}

#[test]
fn steps_follow_the_schedule_whether_the_loss_is_scaled_or_not() {
    for scaled in [false, true] {
        let w = tensor(&[0.0], &[1]).set_requires_grad(true);
        let adam = Adam::new(vec![w.shallow_clone()]).learning_rate(0.25).schedule(Schedule::linear(2, 4));
        let adam = if scaled { adam.with_scaled_loss() } else { adam };
        assert_close(&lengths(adam, &w, 5), &[0.25, 0.25, 0.25, 0.125, 0.0], 1e-5, &format!("scaled: {scaled}"));
    }
}

#[test]
fn a_rate_that_is_set_is_what_the_schedule_multiplies() {
    let w = tensor(&[0.0], &[1]).set_requires_grad(true);
    let mut adam = Adam::new(vec![w.shallow_clone()]).schedule(Schedule::linear(0, 2));
    adam.set_steps(1);
    adam.set_learning_rate(0.5).unwrap();
    assert_eq!(Optimizer::learning_rate(&adam), 0.5);
    // At step 2 a fresh moment is (1 − β) g: the correction for two steps makes less than g of it.
    let expected = 0.25 * (1.0 - 0.999f64.powi(2)).sqrt() / (1.0 - 0.81) * 0.1 / 0.001f64.sqrt();
    assert_close(&lengths(adam, &w, 1), &[expected], 1e-5, "half of the rate");
}

#[test]
fn schedules_that_can_t_be() {
    let refused = |schedule: Schedule, parts: &[&str]| assert_refused(schedule.validate(), parts);
    refused(Schedule::linear(9, 3), &["the schedule's decay_steps is 0", "1 or more"]);
    let polynomial = |end, power| Schedule::PolynomialDecay { begin: 0, decay_steps: 1, end, power };
    refused(polynomial(f64::NAN, 1.0), &["the schedule's end is NaN", "0 to 1"]);
    refused(polynomial(0.0, -1.0), &["the schedule's power is -1", "above 0"]);
    refused(Schedule::CosineDecay { decay_steps: 1, alpha: 1.1 }, &["the schedule's alpha is 1.1", "0 to 1"]);
    let exponential = Schedule::ExponentialDecay { decay_steps: 1, decay_rate: -0.5, staircase: false };
    refused(exponential.clone(), &["the schedule's decay_rate is -0.5"]);
    refused(exponential.warm_up(1), &["the schedule's decay_rate is -0.5"]);
    refused(Schedule::Constant.warm_up(0), &["the schedule's warm-up steps is 0"]);
}
