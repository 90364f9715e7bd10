//! All that these tests ask of the library's networks and optimizers beyond their forward passes.

use crate::reference::{Reference, Step};
use gan_nb::loss::binary_crossentropy;
use gan_nb::models::{build_discriminator, build_generator};
use gan_nb::nn::{Adam, Sequential};
use gan_nb::train::{Gan, GanConfig};
use tch::{Kind, Tensor};

/// What one iteration takes: the real images and the noise for each half.
pub struct Inputs {
    pub real: Tensor,
    pub z_d: Tensor,
    pub z_g: Tensor,
}

/// The tutorial's two networks, their optimizers fresh, with the weights of the formula `offset` further on.
pub fn untrained(reference: &Reference, offset: i64, kind: Kind) -> Gan {
    let (mut g, mut d) = (build_generator(1).unwrap(), build_discriminator(1).unwrap());
    for (network, k0) in [(&mut g, 1), (&mut d, 101)] {
        compute_in(network, kind);
        reference.set_weights(network, k0 + offset);
    }
    Gan::compile(g, d, GanConfig::tutorial()).unwrap()
}

/// From now on the network computes in this kind of number. Its layers keep their handles: what these point to is
/// exchanged.
fn compute_in(network: &Sequential, kind: Kind) {
    for (_, mut weight) in network.weights() {
        let values = weight.value.detach().to_kind(kind);
        weight.value.set_data(&values);
    }
}

/// The network that a step changes.
pub fn network(gan: &Gan, step: Step) -> &Sequential {
    if step == Step::G { &gan.generator } else { &gan.discriminator }
}

/// The optimizer that does the step.
pub fn optimizer(gan: &mut Gan, step: Step) -> &mut Adam {
    if step == Step::G { &mut gan.g_optimizer } else { &mut gan.d_optimizer }
}

/// The weights that a step changes, in Keras's order. (These handles share their values with the network.)
pub fn weights(gan: &Gan, step: Step) -> Vec<Tensor> {
    network(gan, step).weights().into_iter().filter(|(_, w)| w.trainable).map(|(_, w)| w.value).collect()
}

/// The loss that a step goes down.
pub fn loss(gan: &Gan, step: Step, inputs: &Inputs) -> Tensor {
    let (label, images) = match step {
        Step::DReal => (1.0, inputs.real.shallow_clone()),
        Step::DFake => (0.0, gan.generator.predict(&inputs.z_d).unwrap()),
        Step::G => (1.0, gan.generator.forward(&inputs.z_g, true).unwrap()),
    };
    binary_crossentropy(label, &gan.discriminator.logits(&images, true).unwrap()).unwrap()
}

/// Its gradients for those weights. The graph is kept for the optimizer.
pub fn gradients(gan: &Gan, step: Step, loss: &Tensor) -> Vec<Tensor> {
    Tensor::f_run_backward(&[loss], &weights(gan, step), true, false).unwrap()
}
