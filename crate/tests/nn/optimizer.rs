//! What a training asks of any optimizer: gradients and steps apart, rates that change, settings that a file keeps.

use super::common::{assert_close, assert_refused, device, noise, numbers, single, tensor, weights};
use gan_nb::Result;
use gan_nb::nn::{Adam, Dense, Gradients, Optimizer, Unreached};
use serde_json::{Value, json};
use tch::{Kind, Tensor};

fn variable(values: &[f32]) -> Tensor {
    tensor(values, &[values.len() as i64]).set_requires_grad(true)
}

fn sum(x: Tensor) -> Tensor {
    x.sum(Kind::Float)
}

/// w ← w − α g, as someone else would write it.
#[derive(Debug)]
struct Descent {
    weights: Vec<Tensor>,
    rate: f64,
    steps: u64,
}

impl Optimizer for Descent {
    fn weights(&self) -> &[Tensor] {
        &self.weights
    }
    fn compute_gradients_of(&self, loss: &Tensor, unreached: Unreached) -> Result<Gradients> {
        Gradients::compute(loss, &self.weights, unreached, None)
    }
    fn apply_gradients(&mut self, gradients: Gradients) -> Result<()> {
        tch::no_grad(|| {
            for (weight, gradient) in self.weights.iter_mut().zip(gradients.tensors()) {
                if let Some(gradient) = gradient {
                    let _ = weight.f_sub_(&gradient.f_mul_scalar(self.rate)?)?;
                }
            }
            self.steps += 1;
            Ok(())
        })
    }
    fn learning_rate(&self) -> f64 {
        self.rate
    }
    fn set_learning_rate(&mut self, learning_rate: f64) -> Result<()> {
        self.rate = learning_rate;
        Ok(())
    }
    fn steps(&self) -> u64 {
        self.steps
    }
    fn set_steps(&mut self, steps: u64) {
        self.steps = steps;
    }
    fn state(&self) -> Vec<(String, Tensor)> {
        Vec::new()
    }
    fn settings(&self) -> Value {
        json!({"kind": "Descent", "learning_rate": self.rate})
    }
    fn load_settings(&mut self, _: &Value) -> Result<()> {
        Ok(())
    }
    fn scale_loss(&mut self) {}
    fn is_scaling_loss(&self) -> bool {
        false
    }
}

#[test]
fn an_optimizer_of_one_s_own_takes_the_place_of_adam() {
    let w = variable(&[1.0, 2.0]);
    let descent = Descent { weights: vec![w.shallow_clone()], rate: 0.5, steps: 0 };
    let mut optimizers: Vec<Box<dyn Optimizer>> = vec![Box::new(descent), Box::new(Adam::new(vec![w.shallow_clone()]))];
    optimizers[0].minimize(&sum(w.square())).unwrap();
    assert_eq!(numbers(&w), [0.0, 0.0]);
    for optimizer in &mut optimizers {
        optimizer.minimize(&sum(w.square())).unwrap();
        assert_eq!((optimizer.len(), optimizer.is_empty()), (1, false));
    }
    let names = optimizers.iter().map(|optimizer| optimizer.settings()["kind"].as_str().unwrap().to_string());
    assert_eq!(names.collect::<Vec<_>>(), ["Descent", "Adam"]);
    let other = optimizers[0].settings();
    let parts = ["the optimizer of these settings is Descent, expected Adam", "another optimizer"];
    assert_refused(optimizers[1].load_settings(&other), &parts);
}

#[test]
fn minimize_is_gradients_and_a_step() {
    let [at_once, in_two] = [false, true].map(|in_two| {
        let w = variable(&[0.5, -1.0]);
        let mut adam = Adam::new(vec![w.shallow_clone()]);
        for _ in 0..3 {
            let loss = sum(w.square());
            if in_two {
                let gradients = adam.compute_gradients(&loss).unwrap();
                assert_close(&numbers(gradients.tensors()[0].as_ref().unwrap()), &doubled(&w), 1e-6, "gradient");
                adam.apply_gradients(gradients).unwrap();
            } else {
                adam.minimize(&loss).unwrap();
            }
        }
        assert_eq!(adam.steps(), 3);
        numbers(&w)
    });
    assert_eq!(at_once, in_two);
}

fn doubled(w: &Tensor) -> Vec<f64> {
    numbers(w).iter().map(|w| 2.0 * f64::from(*w)).collect()
}

#[test]
fn gradients_are_measured_clipped_and_added_up() {
    let (a, b) = (variable(&[3.0, 0.0]), variable(&[4.0]));
    let adam = Adam::new(vec![a.shallow_clone(), b.shallow_clone()]);
    let gradients = || adam.compute_gradients(&(sum(a.square()) + sum(b.square()))).unwrap();
    let norm = |gradients: &Gradients| numbers(&gradients.global_norm().unwrap())[0];
    let mut clipped = gradients();
    assert_eq!(norm(&clipped), 10.0);
    clipped.clip_by_global_norm(20.0).unwrap();
    assert_eq!(norm(&clipped), 10.0, "short enough");
    clipped.clip_by_global_norm(5.0).unwrap();
    let values = |gradients: &Gradients| {
        let all = gradients.tensors().iter().map(|gradient| gradient.as_ref().map(numbers));
        all.collect::<Vec<_>>()
    };
    assert_eq!(values(&clipped), [Some(vec![3.0, 0.0]), Some(vec![4.0])]);
    assert_refused(clipped.clip_by_global_norm(0.0), &["clip_by_global_norm's max is 0", "above 0"]);
    let mut total = adam.compute_gradients_of(&sum(a.square()), Unreached::Allowed).unwrap();
    assert_eq!(values(&total), [Some(vec![6.0, 0.0]), None]);
    total.accumulate(gradients()).unwrap();
    assert_eq!(values(&total), [Some(vec![12.0, 0.0]), Some(vec![8.0])]);
    let other = Adam::new(vec![b.shallow_clone()]).compute_gradients(&sum(b.square())).unwrap();
    assert_refused(total.accumulate(other), &["the other gradients' shapes", "one optimizer"]);
    let mut small = Adam::new(vec![b.shallow_clone()]);
    assert_refused(small.apply_gradients(total), &["the number of gradients is 2, expected 1"]);
    assert_eq!((numbers(&b), small.steps()), (vec![4.0], 0));
}

#[test]
fn weights_that_a_loss_does_not_reach_keep_their_values_and_moments() {
    let (a, b) = (variable(&[1.0]), variable(&[2.0]));
    let mut adam = Adam::new(vec![a.shallow_clone(), b.shallow_clone()]);
    adam.minimize(&(sum(a.square()) + sum(b.square()))).unwrap();
    let moments = |adam: &Adam| adam.state().iter().map(|(_, moment)| numbers(moment)[0]).collect::<Vec<_>>();
    let (before, kept) = (moments(&adam), numbers(&b));
    let only_a = || sum(a.square());
    assert_refused(adam.minimize(&only_a()), &["independent of 1 of the optimizer's 2 weights"]);
    assert_eq!(adam.steps(), 1);
    adam.minimize_reached(&only_a()).unwrap();
    let after = moments(&adam);
    assert_eq!((adam.steps(), numbers(&b)), (2, kept));
    assert_eq!([after[1], after[3]], [before[1], before[3]], "the moments of b");
    assert!(after[0] != before[0] && after[2] != before[2], "those of a");
    let neither = sum(variable(&[1.0]).square());
    assert_refused(adam.minimize_reached(&neither), &["independent of 2 of the optimizer's 2 weights"]);
}

#[test]
fn losses_that_can_t_be() {
    let model = single(Dense::new(2), &[3]);
    let before = weights(&model);
    let mut adam = Adam::new(model.trainable_weights());
    let y = model.forward(&noise(1, &[4, 3]), true).unwrap();
    let parts = ["the loss is a tensor of shape [4, 2], expected a single number", "loss.mean("];
    assert_refused(adam.minimize(&y), &parts);
    let on = format!("{:?}", device());
    let parts = [&*format!("the loss is Double on {on}, expected Float on {on}, as the weights"), "to_kind"];
    assert_refused(adam.minimize(&y.mean(Kind::Double)), &parts);
    assert_refused(adam.minimize(&Tensor::new()), &["the loss is undefined"]);
    adam.minimize(&y.mean(Kind::Float).reshape([1, 1])).unwrap(); // one number, whatever its shape
    assert_ne!(weights(&model), before);
}

#[test]
fn a_learning_rate_that_is_set_holds_from_the_next_step_on() {
    let w = variable(&[0.0]);
    let mut adam = Adam::new(vec![w.shallow_clone()]);
    let step = |adam: &mut Adam| {
        let before = numbers(&w)[0];
        adam.minimize(&sum(&w * 1.0)).unwrap();
        before - numbers(&w)[0]
    };
    assert_close(&[step(&mut adam)], &[1e-3], 1e-8, "Keras's default");
    let adam_ref: &mut dyn Optimizer = &mut adam;
    adam_ref.set_learning_rate(0.25).unwrap();
    assert_eq!(adam_ref.learning_rate(), 0.25);
    for wrong in [-0.1, 1.5, f64::NAN, f64::INFINITY] {
        assert_refused(adam_ref.set_learning_rate(wrong), &["Adam's learning_rate is", "0 to 1"]);
    }
    assert_eq!(adam_ref.learning_rate(), 0.25);
    assert_close(&[step(&mut adam)], &[0.25], 1e-5, "the new rate");
    adam.set_learning_rate(0.0).unwrap();
    assert_eq!(step(&mut adam), 0.0);
}

#[test]
fn beta_2_and_epsilon_are_those_of_the_formula() {
    let w = variable(&[0.0]);
    let mut adam = Adam::new(vec![w.shallow_clone()]).learning_rate(0.1).beta_1(0.5).beta_2(0.75).epsilon(1.0);
    let (mut expected, mut m, mut v) = (0.0, 0.0, 0.0f64);
    for t in 1..=3 {
        adam.minimize(&sum(&w * 2.0)).unwrap();
        m += (1.0 - 0.5) * (2.0 - m);
        v += (1.0 - 0.75) * (4.0 - v);
        expected -= 0.1 * (1.0 - 0.75f64.powi(t)).sqrt() / (1.0 - 0.5f64.powi(t)) * m / (v.sqrt() + 1.0);
        assert_close(&numbers(&w), &[expected], 1e-7, &format!("step {t}"));
    }
}
