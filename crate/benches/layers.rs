//! Each layer of the tutorial's networks with its own shapes, batch of 32: forward in training, inference, and
//! backward.
//!
//! ```text
//! cargo bench --package gan_nb --bench layers
//! ```
#![allow(clippy::unwrap_used)] // A benchmark that can't build its layer has nothing to say.

use divan::Bencher;
use gan_nb::nn::{
    Activation, BatchNormalization, Conv2D, Conv2DTranspose, Dense, LayerConfig, LeakyReLU, Padding::Same, Sequential,
};
use gan_nb::{Device, random};
use std::fmt;
use tch::{Kind, Tensor, no_grad};

const BATCH: i64 = 32;

fn main() {
    divan::main();
}

/// A layer at its place in the network, with a batch of 32 inputs of this shape.
struct Place {
    name: &'static str,
    input: &'static [i64],
    add: fn(&mut Sequential),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Place {
    const fn new(name: &'static str, input: &'static [i64], add: fn(&mut Sequential)) -> Self {
        Self { name, input, add }
    }

    fn model(&self) -> Sequential {
        let mut model = Sequential::new("bench", self.input, 42);
        (self.add)(&mut model);
        model
    }

    fn input(&self) -> Tensor {
        let shape = [&[BATCH], self.input].concat();
        random::normal(&mut random::stream(42, "bench"), &shape, Device::best().tch).unwrap()
    }
}

fn add(model: &mut Sequential, layer: impl LayerConfig) {
    model.add(layer).unwrap();
}

const PLACES: [Place; 12] = [
    Place::new("G dense, relu", &[100], |m| add(m, Dense::new(8 * 8 * 256).activation(Activation::Relu))),
    Place::new("G batch_norm 8x8x256", &[8, 8, 256], |m| add(m, BatchNormalization::new().momentum(0.8))),
    Place::new("G transpose 256-128", &[8, 8, 256], |m| add(m, Conv2DTranspose::new(128, 4).strides(2).padding(Same))),
    Place::new("G leaky 16x16x128", &[16, 16, 128], |m| add(m, LeakyReLU::new(0.2))),
    Place::new("G batch_norm 16x16x128", &[16, 16, 128], |m| add(m, BatchNormalization::new().momentum(0.8))),
    Place::new("G transpose 128-64", &[16, 16, 128], |m| add(m, Conv2DTranspose::new(64, 4).strides(2).padding(Same))),
    Place::new("G batch_norm 32x32x64", &[32, 32, 64], |m| add(m, BatchNormalization::new().momentum(0.8))),
    Place::new("G conv 64-3, tanh", &[32, 32, 64], |m| {
        add(m, Conv2D::new(3, 3).padding(Same).activation(Activation::Tanh));
    }),
    Place::new("D conv 3-64", &[32, 32, 3], |m| add(m, Conv2D::new(64, 3).strides(2).padding(Same))),
    Place::new("D conv 64-128", &[16, 16, 64], |m| add(m, Conv2D::new(128, 3).strides(2).padding(Same))),
    Place::new("D conv 128-256", &[8, 8, 128], |m| add(m, Conv2D::new(256, 3).strides(2).padding(Same))),
    Place::new("D dense", &[4096], |m| add(m, Dense::new(1))),
];

#[divan::bench(args = &PLACES)]
fn forward(bencher: Bencher, place: &Place) {
    let (model, x) = (place.model(), place.input());
    bencher.bench_local(|| model.forward(&x, true).unwrap());
}

#[divan::bench(args = &PLACES)]
fn inference(bencher: Bencher, place: &Place) {
    let (model, x) = (place.model(), place.input());
    bencher.bench_local(|| model.predict(&x).unwrap());
}

/// Gradients of the weights and of the input, for an output gradient of all ones.
#[divan::bench(args = &PLACES)]
fn backward(bencher: Bencher, place: &Place) {
    let (model, x) = (place.model(), place.input().set_requires_grad(true));
    let mut wanted = model.trainable_weights();
    wanted.push(x.shallow_clone());
    bencher
        .with_inputs(|| {
            let y = model.forward(&x, true).unwrap();
            let ones = no_grad(|| y.ones_like());
            (y * ones).sum(Kind::Float) // a gradient in memory, as the next layer would provide
        })
        .bench_local_values(|loss| Tensor::run_backward(&[loss], &wanted, false, false));
}
