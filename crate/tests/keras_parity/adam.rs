//! Adam by its formula in float64, against Keras's numbers and against the library's optimizers.
//!
//! Both start each time from the very gradients that were used, so that nothing of one step's rounding grows in the
//! next.

use crate::library;
use crate::reference::{Digest, Reference, Step};
use crate::threads::on_one_and_two;
use tch::{Kind, Tensor};

const LEARNING_RATE: f64 = 1e-3;
const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-7;

/// How far a weight may be off, as a part of the largest step (the learning rate). Keras computes the corrected rate
/// in float32, which is worth 6e-6. (The worst of seven salts on one and two threads took 0.31 of this and the next
/// together.)
const OF_A_STEP: f64 = 1e-4;
/// And as a part of the weight itself, for each time that it is rounded to float32 (half of 2⁻²³, and as much to
/// spare).
const OF_A_WEIGHT: f64 = f32::EPSILON as f64;

/// The moments of some weights.
#[derive(Default)]
struct Adam {
    m: Vec<Tensor>,
    v: Vec<Tensor>,
    step: i32,
}

impl Adam {
    /// The weights after one more step, all in float64.
    fn step(&mut self, weights: &[Tensor], gradients: &[Tensor]) -> Vec<Tensor> {
        if self.step == 0 {
            self.m = weights.iter().map(Tensor::zeros_like).collect();
            self.v = weights.iter().map(Tensor::zeros_like).collect();
        }
        self.step += 1;
        let rate = LEARNING_RATE * (1.0 - BETA_2.powi(self.step)).sqrt() / (1.0 - BETA_1.powi(self.step));
        for ((m, v), g) in self.m.iter_mut().zip(&mut self.v).zip(gradients) {
            *m = BETA_1 * &*m + (1.0 - BETA_1) * g;
            *v = BETA_2 * &*v + (1.0 - BETA_2) * g * g;
        }
        let moments = self.m.iter().zip(&self.v);
        weights.iter().zip(moments).map(|(w, (m, v))| w - rate * m / (v.sqrt() + EPSILON)).collect()
    }
}

/// The largest distance between the formula's weights and others, 1 being the limit for so many steps.
fn worst(formula: &[Tensor], found: &[Tensor], steps: f64) -> f64 {
    assert_eq!(formula.len(), found.len());
    let errors = formula.iter().zip(found).map(|(formula, found)| {
        let limit = steps * (OF_A_STEP * LEARNING_RATE + OF_A_WEIGHT * formula.abs());
        let error = ((formula - found).abs() / limit).max().double_value(&[]);
        assert!(error.is_finite());
        error
    });
    errors.fold(0.0, f64::max)
}

fn in_float64(tensors: &[Tensor]) -> Vec<Tensor> {
    tensors.iter().map(|x| x.detach().to_kind(Kind::Double)).collect()
}

/// The recorded values of those weights that a gradient changes.
fn recorded(network: &gan_nb::nn::Sequential, digests: &[Digest]) -> Vec<Tensor> {
    let weights = network.weights().into_iter().zip(digests);
    weights.filter(|((_, weight), _)| weight.trainable).map(|(_, digest)| Tensor::from_slice(&digest.values)).collect()
}

/// Keras's weights follow from Keras's gradients by this formula: it is the one to hold the library to.
#[test]
fn keras_steps_by_the_formula() {
    let reference = Reference::load();
    let gan = library::untrained(&reference, 0, Kind::Float);
    let (mut g, mut d) = (Adam::default(), Adam::default());
    let start = |step, digests: &[Digest]| -> Vec<Tensor> {
        let all = library::network(&gan, step).weights().into_iter().zip(digests);
        let trainable = all.filter(|((_, weight), _)| weight.trainable);
        trainable.map(|((_, weight), digest)| Tensor::from_slice(&digest.values_of(&weight.value))).collect()
    };
    let first = &reference.iterations[0];
    let mut g_weights = start(Step::G, &first.generator_weights);
    let mut d_weights = start(Step::DReal, &first.discriminator_weights);
    for (t, iteration) in reference.iterations.iter().enumerate() {
        let Some(gradients) = &iteration.gradients else {
            return crate::common::skipped("keras_steps_by_the_formula", "this reference has no gradients");
        };
        let [real, fake, gradients] =
            Step::ALL.map(|step| gradients[step].iter().map(|g| Tensor::from_slice(g)).collect::<Vec<_>>());
        let d_formula = d.step(&d_weights, &real);
        let d_formula = d.step(&d_formula, &fake);
        let g_formula = g.step(&g_weights, &gradients);
        g_weights = recorded(&gan.generator, &iteration.generator_weights);
        d_weights = recorded(&gan.discriminator, &iteration.discriminator_weights);
        for (name, error) in [("D", worst(&d_formula, &d_weights, 2.0)), ("G", worst(&g_formula, &g_weights, 1.0))] {
            println!("Keras's {name} in iteration {t}: {error:.1e} of the limit");
            assert!(error <= 1.0, "Keras's {name} in iteration {t}: {error} times the limit");
        }
    }
}

#[test]
fn the_optimizers_step_by_the_formula() {
    let reference = Reference::load();
    on_one_and_two(|threads| {
        let mut gan = library::untrained(&reference, 0, Kind::Float);
        let (mut g, mut d) = (Adam::default(), Adam::default());
        for t in 0..3 {
            let inputs = reference.inputs(t, Kind::Float);
            for step in Step::ALL {
                let loss = library::loss(&gan, step, &inputs);
                let gradients = in_float64(&library::gradients(&gan, step, &loss));
                let before = in_float64(&library::weights(&gan, step));
                let formula = if step == Step::G { &mut g } else { &mut d }.step(&before, &gradients);
                library::optimizer(&mut gan, step).minimize(&loss).unwrap();
                let error = worst(&formula, &in_float64(&library::weights(&gan, step)), 1.0);
                println!("{step:?} in iteration {t}, threads {threads}: {error:.1e} of the limit");
                assert!(error <= 1.0, "{step:?} in iteration {t} on {threads} threads: {error} times the limit");
            }
        }
    });
}
