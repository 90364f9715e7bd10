//! A run whose convolutions are matrix products, resumed: that is part of what a checkpoint holds.

use crate::common::kept::{self, Stopper, fresh, outcome, train};
use crate::common::{assert_refused, assert_same_bits, is_on_cpu, numbers, tiny_gan, weights};
use gan_nb::nn::Sequential;
use gan_nb::runs::Run;
use gan_nb::train::{Gan, GanConfig};
use std::fs;
use std::path::Path;

const WHY: &str = "products are computed on the CPU alone";

fn set_products(gan: &mut Gan, products: bool) {
    gan.generator.set_products(products);
    gan.discriminator.set_products(products);
}

fn unbroken(folder: &Path, products: bool) -> Gan {
    let mut gan = fresh(folder);
    set_products(&mut gan, products);
    train(&mut gan, &mut Stopper::never()).unwrap();
    gan
}

/// A run that is stopped, and resumed with networks that would compute the other way.
fn check_resumed(products: bool) {
    let dir = tempfile::tempdir().unwrap();
    let [whole, other, folder, copy] = ["whole", "other", "run", "copy"].map(|name| dir.path().join(name));
    let expected = outcome(&unbroken(&whole, products), &whole);
    assert_ne!(outcome(&unbroken(&other, !products), &other).0, expected.0, "the two ways give the same bits");
    let mut gan = fresh(&folder);
    set_products(&mut gan, products);
    train(&mut gan, &mut Stopper::at(7)).unwrap();
    drop(gan);
    kept::copy(&folder, &copy);
    let with_other_ways = |mut gan: Gan| {
        set_products(&mut gan, !products);
        gan
    };
    let restored = with_other_ways(tiny_gan(GanConfig::dcgan())).restore(&folder).unwrap();
    for (folder, mut gan) in [(&folder, restored), (&copy, with_other_ways(fresh(&copy)))] {
        train(&mut gan, &mut Stopper::never()).unwrap();
        assert_same_bits(&outcome(&gan, folder), &expected, &format!("products: {products}"));
    }
}

#[test]
fn a_resumed_run_computes_as_it_began() {
    if is_on_cpu("a_resumed_run_computes_as_it_began", WHY) {
        check_resumed(true);
    }
}

/// Nothing in the file, as in files that are older than products.
#[test]
fn a_checkpoint_that_names_no_products_has_none() {
    if is_on_cpu("a_checkpoint_that_names_no_products_has_none", WHY) {
        check_resumed(false);
    }
}

#[test]
fn the_networks_of_a_checkpoint_compute_as_in_the_run() {
    if !is_on_cpu("the_networks_of_a_checkpoint_compute_as_in_the_run", WHY) {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut gan = Gan::new(GanConfig::dcgan()).unwrap().keep_in(Run::create(dir.path()).unwrap());
    set_products(&mut gan, true);
    gan.train_observed(&kept::data(), 1, 4, 4, &mut Stopper::never()).unwrap();
    let resumed = Gan::resume(dir.path()).unwrap();
    assert_eq!(weights(&resumed.generator), weights(&gan.generator));
    let (models, z) = (Run::open(dir.path()).unwrap().models().unwrap(), gan.fixed_z.copy());
    let images = |generator: &Sequential| numbers(&generator.predict(&z).unwrap());
    let expected = images(&gan.generator);
    assert!(images(&resumed.generator) == expected, "resumed: other bits");
    assert!(images(&models.0) == expected, "read: other bits");
    set_products(&mut gan, false);
    assert!(images(&gan.generator) != expected, "the two ways give the same bits");
}

/// Bits of no known part are refused before any weight is changed.
#[test]
fn unknown_products_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut gan = fresh(dir.path());
    set_products(&mut gan, true);
    train(&mut gan, &mut Stopper::at(5)).unwrap();
    let path = dir.path().join("checkpoints/000005.safetensors");
    let mut bytes = fs::read(&path).unwrap();
    let (from, to) = (&br#"\"products\":{\"discriminator\":[7]"#[..], br#"\"products\":{\"discriminator\":[8]"#);
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    bytes[at..at + to.len()].copy_from_slice(to);
    super::folder::seal(&mut bytes);
    fs::write(&path, &bytes).unwrap();
    let parts = ["000005.safetensors", "a convolution of discriminator that is computed in no known way"];
    assert_refused(tiny_gan(GanConfig::dcgan()).restore(&path), &parts);
}
