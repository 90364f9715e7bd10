//! The parts of a training iteration apart from its layers, and the whole iteration.
//!
//! ```text
//! cargo bench --package gan_nb --bench training
//! ```
#![allow(clippy::unwrap_used)] // A benchmark that can't build its networks has nothing to say.

use divan::Bencher;
use gan_nb::data::{Dataset, Shapes};
use gan_nb::loss::binary_crossentropy;
use gan_nb::random;
use gan_nb::train::{Gan, GanConfig};
use tch::Kind;

const BATCH: usize = 32;

fn main() {
    divan::main();
}

fn gan() -> Gan {
    Gan::new(GanConfig::tutorial()).unwrap()
}

fn data() -> Dataset {
    Shapes::generate(10_000, 0).unwrap()
}

/// One iteration of the tutorial, for each batch size.
#[divan::bench(args = [8, 32, 128], sample_count = 20)]
fn iteration(bencher: Bencher, batch_size: usize) {
    let (mut gan, data) = (gan(), data());
    bencher.bench_local(|| gan.train_iteration(&data, batch_size).unwrap());
}

/// Drawing 32 images and converting them to floats.
#[divan::bench]
fn batch_assembly(bencher: Bencher) {
    let (mut gan, data) = (gan(), data());
    bencher.bench_local(|| gan.real_batch(&data, BATCH).unwrap());
}

#[divan::bench]
fn noise(bencher: Bencher) {
    let mut gan = gan();
    bencher.bench_local(|| gan.noise(BATCH).unwrap());
}

#[divan::bench(args = [32, 256])]
fn generate(bencher: Bencher, count: usize) {
    let mut gan = gan();
    let z = gan.noise(count).unwrap();
    bencher.bench_local(|| gan.generator.predict(&z).unwrap());
}

/// Adam for the generator's 2.3 million weights. Its loss is their sum, whose gradient costs next to nothing.
#[divan::bench]
fn adam_of_the_generator(bencher: Bencher) {
    let mut gan = gan();
    let weights = gan.generator.trainable_weights();
    bencher
        .with_inputs(|| weights.iter().map(|w| w.sum(Kind::Float)).reduce(|a, b| a + b).unwrap())
        .bench_local_values(|loss| gan.g_optimizer.minimize(&loss).unwrap());
}

/// The discriminator's half on one batch: forward, backward, Adam.
#[divan::bench]
fn discriminator_step(bencher: Bencher) {
    let (mut gan, data) = (gan(), data());
    let real = gan.real_batch(&data, BATCH).unwrap();
    bencher.bench_local(|| {
        let loss = binary_crossentropy(1.0, &gan.discriminator.logits(&real, true).unwrap()).unwrap();
        gan.d_optimizer.minimize(&loss).unwrap();
    });
}

/// The generator's half: through the discriminator and back.
#[divan::bench]
fn generator_step(bencher: Bencher) {
    let mut gan = gan();
    let z = random::normal(&mut random::stream(42, "bench"), &[BATCH as i64, 100], gan.generator.device()).unwrap();
    bencher.bench_local(|| {
        let images = gan.generator.forward(&z, true).unwrap();
        let loss = binary_crossentropy(1.0, &gan.discriminator.logits(&images, true).unwrap()).unwrap();
        gan.g_optimizer.minimize(&loss).unwrap();
    });
}
