//! Steps that a scaled loss skips: they move nothing, and do not count.

use super::common::{assert_close, numbers, tensor};
use gan_nb::nn::{Adam, Optimizer, Schedule};
use tch::{Kind, Tensor};

fn variable() -> Tensor {
    tensor(&[0.5, -1.0], &[2]).set_requires_grad(true)
}

fn loss(w: &Tensor, gradient: &[f32; 2]) -> Tensor {
    (w * tensor(gradient, &[2])).sum(Kind::Float)
}

const FINITE: [[f32; 2]; 3] = [[1e-6, 1.0], [-2e-6, 0.25], [1e-6, -20.0]];

fn after(adam: impl Fn(Vec<Tensor>) -> Adam, gradients: &[[f32; 2]]) -> (Vec<f32>, u64) {
    let w = variable();
    let mut adam = adam(vec![w.shallow_clone()]);
    for gradient in gradients {
        adam.minimize(&loss(&w, gradient)).unwrap();
    }
    (numbers(&w), adam.steps())
}

/// The second gradient, 1e-6, is near epsilon, where the correction of v for one step too many shows.
#[test]
fn a_step_after_a_skipped_one_is_a_first_step() {
    let scaled = |weights| Adam::new(weights).with_scaled_loss();
    for count in 1..=3 {
        let skipped = [&[[f32::INFINITY, 1.0]], &FINITE[..count]].concat();
        let (found, steps) = after(scaled, &skipped);
        assert_eq!((&found, steps), (&after(scaled, &FINITE[..count]).0, count as u64), "{count} that count");
        let plain: Vec<f64> = after(Adam::new, &FINITE[..count]).0.into_iter().map(f64::from).collect();
        assert_close(&found, &plain, 1e-7, "as without a scale");
    }
}

#[test]
fn a_skipped_step_does_not_move_the_schedule() {
    let adam = |weights| Adam::new(weights).learning_rate(0.1).schedule(Schedule::linear(1, 3)).with_scaled_loss();
    let skipped = [FINITE[0], [f32::NAN, 0.0], FINITE[1], [0.0, f32::NEG_INFINITY], FINITE[2]];
    assert_eq!(after(adam, &skipped), after(adam, &FINITE));
}

#[test]
fn steps_that_are_set_are_those_that_are_counted() {
    let w = variable();
    let mut adam = Adam::new(vec![w.shallow_clone()]);
    adam.minimize(&loss(&w, &FINITE[0])).unwrap();
    adam.scale_loss();
    assert_eq!(adam.steps(), 1, "those before it was scaled count");
    adam.minimize(&loss(&w, &FINITE[1])).unwrap();
    let plain: Vec<f64> = after(Adam::new, &FINITE[..2]).0.into_iter().map(f64::from).collect();
    assert_close(&numbers(&w), &plain, 1e-7, "scaled from the second step on");
    adam.set_steps(1 << 33);
    adam.minimize(&loss(&w, &[f32::NAN, 1.0])).unwrap();
    assert_eq!(adam.steps(), 1 << 33);
    adam.minimize(&loss(&w, &FINITE[2])).unwrap();
    assert_eq!(adam.steps(), (1 << 33) + 1);
}

/// A sum has one gradient for both of its terms, and that of a sum of elements is one number, repeated.
#[test]
fn gradients_that_share_memory_are_scaled_back_once() {
    let [plain, scaled] = [false, true].map(|scaled| {
        let (a, b) = (variable(), variable());
        let adam = Adam::new(vec![a.shallow_clone(), b.shallow_clone()]);
        let mut adam = if scaled { adam.with_scaled_loss() } else { adam };
        let gradients = adam.compute_gradients(&(&a + &b).sum(Kind::Float)).unwrap();
        let values: Vec<_> = gradients.tensors().iter().map(|gradient| numbers(gradient.as_ref().unwrap())).collect();
        adam.apply_gradients(gradients).unwrap();
        assert_eq!(numbers(&a), numbers(&b));
        values
    });
    assert_eq!((&plain, &scaled), (&vec![vec![1.0; 2]; 2], &plain));
}

#[test]
fn a_sum_of_gradients_is_skipped_with_any_of_them() {
    let w = variable();
    let mut adam = Adam::new(vec![w.shallow_clone()]).with_scaled_loss();
    let of = |adam: &Adam, gradient: &[f32; 2]| adam.compute_gradients(&loss(&w, gradient)).unwrap();
    for (first, second, steps) in
        [([1.0, 1.0], [f32::NAN, 1.0], 0), ([f32::INFINITY, 1.0], [1.0, 1.0], 0), ([1.0, 1.0], [2.0, 1.0], 1)]
    {
        let mut gradients = of(&adam, &first);
        gradients.accumulate(of(&adam, &second)).unwrap();
        adam.apply_gradients(gradients).unwrap();
        assert_eq!(adam.steps(), steps);
        assert_eq!(numbers(&w) == [0.5, -1.0], steps == 0);
    }
}

#[test]
fn the_names_of_its_state_are_those_of_saved_checkpoints() {
    let adam = Adam::new(vec![variable(), variable()]).with_scaled_loss();
    let names: Vec<String> = adam.state().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["m/0", "m/1", "v/0", "v/1", "loss_scale", "growth_tracker"]);
}
