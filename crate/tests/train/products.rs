//! Which convolutions of a run are matrix products. Environment and cache folder belong to a process, so each case asks one of its
//! own.
#![cfg(target_os = "linux")] // Elsewhere the cache folder has no variable.

use crate::common::kept::Stopper;
use crate::common::{assert_passed, command_of, is_on_cpu, tiny_gan, weights};
use gan_nb::data::Shapes;
use gan_nb::train::GanConfig;
use std::path::Path;

/// What the cases below run in a process of its own: a training of `ITERATIONS` with networks that begin as `BEGIN` says.
#[test]
#[ignore = "started by the other tests"]
fn child() {
    let variable = |name: &str| std::env::var(name).unwrap();
    let x_train = Shapes::generate(4, 1).unwrap();
    let mut gan = tiny_gan(GanConfig::tutorial());
    match &*variable("BEGIN") {
        "mixed" => gan = gan.mixed_precision(),
        begin => {
            gan.generator.set_products(begin == "products");
            gan.discriminator.set_products(begin == "products");
        }
    }
    let iterations = variable("ITERATIONS").parse().unwrap();
    gan.fit(&x_train)
        .iterations(iterations)
        .batch_size(2)
        .sample_interval(1000)
        .observed_by(&mut Stopper::never())
        .unwrap();
    println!("sum {:?}", weights(&gan.generator).concat().iter().map(|w| u64::from(w.to_bits())).sum::<u64>());
}

/// What became of the weights, with this variable and this cache folder.
fn train(variable: Option<&str>, begin: &str, iterations: usize, cache: &Path) -> String {
    let mut command = command_of("products::child");
    command.env_remove("GAN_NB_PRODUCTS").envs(variable.map(|value| ("GAN_NB_PRODUCTS", value)));
    command.env("XDG_CACHE_HOME", cache).env("BEGIN", begin).env("ITERATIONS", iterations.to_string());
    let printed = assert_passed("products::child", &command.output().unwrap());
    printed.lines().find_map(|line| line.split_once("sum ")).unwrap().1.into()
}

#[test]
fn the_variable_decides_for_all() {
    if !is_on_cpu("the_variable_decides_for_all", "products are computed on the CPU alone") {
        return;
    }
    let cache = tempfile::tempdir().unwrap();
    let [plain, products] = ["plain", "products"].map(|begin| train(None, begin, 3, cache.path()));
    assert_ne!(plain, products, "the two ways give the same bits");
    assert_eq!(train(Some("1"), "plain", 3, cache.path()), products);
    assert_eq!(train(Some("0"), "products", 3, cache.path()), plain);
    assert_eq!(train(Some("perhaps"), "products", 3, cache.path()), products, "ignored");
}

#[test]
fn only_a_long_run_in_float32_measures() {
    if !is_on_cpu("only_a_long_run_in_float32_measures", "products are computed on the CPU alone") {
        return;
    }
    let measures = |variable, begin, iterations| {
        let cache = tempfile::tempdir().unwrap();
        train(variable, begin, iterations, cache.path());
        cache.path().join("gan_nb/convolutions.json").exists()
    };
    assert!(measures(None, "plain", 200));
    assert!(!measures(None, "plain", 199));
    assert!(!measures(None, "mixed", 200));
    assert!(!measures(Some("0"), "plain", 200));
    assert!(!measures(Some("1"), "plain", 200));
}

/// What is known of a processor is not measured again, and decides.
#[test]
fn what_was_measured_is_read() {
    if !is_on_cpu("what_was_measured_is_read", "products are computed on the CPU alone") {
        return;
    }
    let cache = tempfile::tempdir().unwrap();
    let plain = train(Some("0"), "plain", 200, cache.path());
    let products = train(Some("1"), "plain", 200, cache.path());
    train(None, "plain", 200, cache.path());
    let path = cache.path().join("gan_nb/convolutions.json");
    let text = std::fs::read_to_string(&path).unwrap();
    for (bits, expected) in [("0", plain), ("7", products)] {
        let is_choice = |line: &str| line.contains(" batch 2\": ");
        assert_eq!(text.lines().filter(|line| is_choice(line)).count(), 2, "{text}");
        let set = |line: &str| match line.rsplit_once(": ") {
            Some((name, rest)) if is_choice(line) => format!("{name}: {bits}{}", &rest[1..]),
            _ => line.to_string(),
        };
        let kept = text.lines().map(set).collect::<Vec<_>>().join("\n");
        std::fs::write(&path, &kept).unwrap();
        assert_eq!(train(None, "plain", 200, cache.path()), expected, "{bits}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), kept, "measured again");
    }
}
