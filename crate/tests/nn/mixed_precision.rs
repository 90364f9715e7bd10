//! Mixed precision: what is kept in 32 bits, and the scale of the loss. On the CPU 16 bits are bfloat16.

use super::common::{assert_close, noise, numbers, tensor, tiny_discriminator, tiny_generator, weights};
use gan_nb::nn::{Adam, Optimizer};
use gan_nb::train::{Gan, GanConfig};
use tch::{Kind, Tensor};

#[test]
fn a_model_computes_in_16_bits_and_keeps_its_weights_and_results_in_32() {
    let mut model = tiny_generator(1);
    let z = noise(2, &[6, 4]);
    let full = model.forward(&z, true).unwrap();
    model.set_mixed_precision(true);
    let mixed = model.forward(&z, true).unwrap();
    assert_eq!(mixed.kind(), Kind::Float);
    let difference = (&full - &mixed).abs().max().double_value(&[]);
    assert!(difference > 0.0 && difference < 0.05, "bfloat16 has 8 bits: {difference}");
    assert!(model.weights().iter().all(|(_, weight)| weight.value.kind() == Kind::Float));
    let gradients = Tensor::run_backward(&[mixed.square().mean(Kind::Float)], &model.trainable_weights(), false, false);
    for (gradient, weight) in gradients.iter().zip(model.trainable_weights()) {
        assert_eq!((gradient.kind(), gradient.size()), (Kind::Float, weight.size()));
        assert!(gradient.abs().max().double_value(&[]) > 0.0);
    }
    model.set_mixed_precision(false);
    assert_eq!(numbers(&model.predict(&z).unwrap()).len(), 6 * 32 * 32 * 3);
    // Nothing of it is left behind for other models.
    assert_eq!(tensor(&[1.0; 4], &[2, 2]).matmul(&tensor(&[1.0; 4], &[2, 2])).kind(), Kind::Float);
}

#[test]
fn a_scaled_loss_gives_the_same_steps() {
    let steps = [false, true].map(|scaled| {
        let w = tensor(&[0.5, -1.0, 2.0], &[3]).set_requires_grad(true);
        let adam = Adam::new(vec![w.shallow_clone()]);
        let mut adam = if scaled { adam.with_scaled_loss() } else { adam };
        for gradient in [[1e-3, -0.5, 20.0], [2.0, 0.25, 0.0]] {
            adam.minimize(&(&w * tensor(&gradient, &[3])).sum(Kind::Float)).unwrap();
        }
        numbers(&w)
    });
    assert_close(&steps[1], &steps[0].iter().map(|w| f64::from(*w)).collect::<Vec<_>>(), 1e-7, "a power of two");
}

#[test]
fn a_step_that_overflows_is_left_out_and_the_scale_halved_until_it_fits() {
    let w = tensor(&[0.5, -1.0], &[2]).set_requires_grad(true);
    let mut adam = Adam::new(vec![w.shallow_clone()]).with_scaled_loss();
    let mut moved = Vec::new();
    for _ in 0..6 {
        let before = numbers(&w);
        // 1e35 times 2^15 is more than float32 holds; times 2^11 it fits.
        adam.minimize(&(&w * tensor(&[1e35, 1.0], &[2])).sum(Kind::Float)).unwrap();
        moved.push(numbers(&w) != before);
        assert!(numbers(&w).iter().all(|value| value.is_finite()));
    }
    assert_eq!(moved, [false, false, false, false, true, true]);
}

#[test]
fn a_gan_learns_in_mixed_precision_what_it_learns_in_full() {
    let losses = [false, true].map(|mixed| {
        let gan = Gan::compile(tiny_generator(1), tiny_discriminator(2), GanConfig::dcgan()).unwrap();
        let mut gan = if mixed { gan.mixed_precision() } else { gan };
        let scales = [&gan.d_optimizer, &gan.g_optimizer].map(|optimizer| optimizer.is_scaling_loss());
        assert_eq!(scales, [false; 2], "bfloat16 has float32's range");
        let before = weights(&gan.generator);
        let step = gan.train_on_batch(&noise(3, &[8, 32, 32, 3]).tanh(), &noise(4, &[8, 4]), &noise(5, &[8, 4]));
        let step = step.unwrap().read().unwrap();
        assert_ne!(weights(&gan.generator), before);
        [0, 2, 4].map(|loss| step[loss])
    });
    assert_ne!(losses[0], losses[1]);
    assert_close(&losses[1], &losses[0].map(f64::from), 0.02, "losses of the first step");
}
