//! The modern settings: what they build, how they train, and what they draw.

use crate::common::kept::Stopper;
use crate::common::{assert_refused, assert_same_bits, model, noise, numbers, weights};
use gan_nb::data::Shapes;
use gan_nb::imaging::DiffAugment;
use gan_nb::models::{Networks, Pair, build_generator};
use gan_nb::nn::{Dense, Flatten};
use gan_nb::runs::Run;
use gan_nb::train::{Game, Gan, GanConfig, Loss, ModernConfig, Notice};
use tch::Kind;

/// Small enough for a test.
fn small() -> GanConfig {
    let config = GanConfig { latent_dim: 4, ..GanConfig::modern() };
    config.networks(Networks::Residual { width: 2 })
}

fn trained(config: GanConfig, iterations: usize) -> Gan {
    let mut gan = Gan::new(config).unwrap();
    gan.train_gan(&Shapes::generate(40, 1).unwrap(), iterations, 4, 100).unwrap();
    gan
}

#[test]
fn without_anything_modern_it_is_the_tutorial() {
    assert!(GanConfig::tutorial().modern == ModernConfig::default());
    let plain = Pair {
        networks: Networks::Tutorial,
        seed: 42,
        latent_dim: 100,
        classes: 0,
        size: 32,
        batch_norm_momentum: 0.8,
        spectral_normalization: false,
    };
    assert_eq!(weights(&plain.generator("generator").unwrap()), weights(&build_generator(42).unwrap()));
    let json = serde_json::to_string(&GanConfig::dcgan()).unwrap();
    assert!(!json.contains("modern"), "files of the tutorial's runs stay as they were: {json}");
}

#[test]
fn presets_build_what_they_say() {
    let modern = Gan::new(GanConfig::modern()).unwrap();
    assert_eq!((modern.generator.input_shape(), modern.generator.output_shape()), (&[128][..], &[32, 32, 3][..]));
    assert_eq!(modern.generator.count_params(), 959_907);
    assert_eq!(modern.discriminator.count_params(), 832_513);
    let tutorial = Gan::new(GanConfig::modern_tutorial_networks()).unwrap();
    assert_eq!(tutorial.generator.input_shape(), [100]);
    assert_eq!(tutorial.config().modern.networks, Networks::Tutorial);
    let normalized = Gan::new(GanConfig::modern_tutorial_networks().spectral_normalization()).unwrap();
    assert_eq!(normalized.discriminator.weights().iter().filter(|(name, _)| name.ends_with("/u")).count(), 3);
    for config in [GanConfig::modern(), GanConfig::modern_tutorial_networks()] {
        config.validate().unwrap();
        let json = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<GanConfig>(&json).unwrap(), config);
    }
}

#[test]
fn networks_grow_with_the_size() {
    for networks in [Networks::Tutorial, Networks::Residual { width: 4 }] {
        for size in [8, 32, 40, 64] {
            let pair = Pair {
                networks,
                seed: 1,
                latent_dim: 4,
                classes: 3,
                size,
                batch_norm_momentum: 0.9,
                spectral_normalization: true,
            };
            let (generator, discriminator) = (pair.generator("g").unwrap(), pair.discriminator().unwrap());
            assert_eq!(generator.output_shape(), [size, size, 3]);
            assert_eq!((discriminator.input_shape(), discriminator.output_shape()), (&[size, size, 3][..], &[1][..]));
            let odd = Pair { size: size + 4, ..pair };
            assert_refused(odd.generator("g"), &["the images' size", "a multiple of 8"]);
            assert_refused(odd.discriminator(), &["the images' size"]);
        }
    }
}

#[test]
fn every_loss_trains_both_networks() {
    let losses = [Loss::CrossEntropy, Loss::Hinge, Loss::Wasserstein, Loss::Relativistic];
    let all = DiffAugment { colour: true, translation: true, cutout: true };
    for loss in losses {
        for config in [small().loss(loss), small().loss(loss).spectral_normalization().augment(all).classes(0)] {
            let fresh = Gan::new(config.clone()).unwrap();
            let gan = trained(config, 5);
            assert_eq!(gan.history.len(), 5);
            let both = [(&fresh.generator, &gan.generator), (&fresh.discriminator, &gan.discriminator)];
            for (before, after) in both {
                for ((name, old), (_, new)) in before.weights().iter().zip(after.weights()) {
                    // Where only differences of scores count, the last bias does not.
                    if ["dense/bias", "projection/bias"].contains(&&**name) && before.name() == "discriminator" {
                        continue;
                    }
                    let moved = numbers(&old.value) != numbers(&new.value);
                    assert!(moved || !old.trainable, "{loss:?}: {} of the {} stands still", name, before.name());
                }
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let [a, b, other] = [1, 1, 2].map(|seed| trained(GanConfig { seed, ..small() }, 6));
    assert_same_bits(&weights(&a.generator), &weights(&b.generator), "the weights of a seed");
    let [losses, others] = [&a, &b].map(|gan| gan.history.series("d_loss").unwrap());
    assert_same_bits(&losses, &others, "the losses of a seed");
    assert_ne!(weights(&a.generator), weights(&other.generator));
}

#[test]
fn a_penalty_comes_every_few_iterations() {
    let loss_after = |config: GanConfig, iterations| weights(&trained(config, iterations).discriminator);
    let never = small().gradient_penalty(0.0, 4);
    let [rare, plain] =
        [small().gradient_penalty(5.0, 3), never].map(|config| [1, 2, 3, 4].map(|n| loss_after(config.clone(), n)));
    assert_ne!(rare[0], plain[0], "the first iteration has one");
    let strong = loss_after(small().gradient_penalty(5.0, 1), 1);
    assert_ne!(strong, rare[0], "the rarer the stronger");
}

#[test]
fn learning_rates_fall_to_nothing() {
    let config = small().decay(2, 4);
    let (four, six) = (trained(config.clone(), 4), trained(config, 6));
    assert_same_bits(
        &weights(&four.discriminator),
        &weights(&six.discriminator),
        "from the fourth step on the rate is 0",
    );
    let (two, three) = (trained(small().decay(2, 4), 2), trained(small().decay(2, 4), 3));
    assert_ne!(weights(&two.discriminator), weights(&three.discriminator));
    let told = |iterations| {
        let (mut gan, mut listener) = (Gan::new(small().decay(2, 4)).unwrap(), Stopper::never());
        gan.train_observed(&Shapes::generate(40, 1).unwrap(), iterations, 4, 100, &mut listener).unwrap();
        listener.notices
    };
    assert_eq!(told(4), []);
    assert_eq!(told(6), [Notice::RatesAreZero { iteration: 4 }], "once");
}

#[test]
fn the_average_draws_the_samples() {
    let gan = trained(small(), 5);
    let average = gan.average.as_ref().unwrap();
    assert_eq!(average.steps, 5);
    assert_ne!(weights(&average.model), weights(&gan.generator));
    let z = noise(1, &[20, 4]);
    let drawn = gan.sample(&z).unwrap();
    assert_eq!(drawn.size(), [20, 32, 32, 3]);
    assert_eq!(numbers(&drawn), numbers(&gan.sample(&z).unwrap()), "measuring again changes nothing");
    // All classes in turn: the rows of one class are those that this class alone gives.
    let third = gan.draw(&z, Some(3)).unwrap();
    assert_eq!(numbers(&third.get(13)), numbers(&drawn.get(13)));
    assert_ne!(numbers(&third.get(12)), numbers(&drawn.get(12)));
    assert_refused(gan.draw(&z, Some(10)), &["the class is 10", "0 to 9"]);
    let unconditional = trained(small().classes(0), 1);
    assert_refused(unconditional.draw(&z, Some(0)), &["the class is 0, expected none", "GanConfig::classes"]);
    let plain = trained(small().average(0.0), 1);
    assert!(plain.average.is_none());
    assert_eq!(plain.draw(&z, None).unwrap().size(), [20, 32, 32, 3]);
}

#[test]
fn a_kept_run_is_resumed_to_the_same_bits() {
    let x_train = Shapes::generate(40, 1).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let kept = |name: &str| Run::create(dir.path().join(name)).unwrap().checkpoint_every(3);
    let all = || small().augment(DiffAugment { translation: true, ..DiffAugment::default() }).gradient_penalty(0.05, 2);
    let mut whole = Gan::new(all()).unwrap().keep_in(kept("whole"));
    whole.train_gan(&x_train, 9, 4, 3).unwrap();
    let mut first = Gan::new(all()).unwrap().keep_in(kept("parts"));
    first.train_gan(&x_train, 3, 4, 3).unwrap();
    drop(first);
    let mut rest = Gan::resume(dir.path().join("parts")).unwrap();
    rest.train_gan(&x_train, 9, 4, 3).unwrap();
    let of =
        |gan: &mut Gan| gan.network_weights().iter().map(|(name, w)| (name.clone(), numbers(w))).collect::<Vec<_>>();
    assert_same_bits(&of(&mut whole), &of(&mut rest), "a resumed run");
    // What a folder gives back is the average, measured as the run itself measures it.
    let run = Run::open(dir.path().join("whole")).unwrap();
    let (generator, discriminator) = run.models().unwrap();
    assert_eq!((generator.name(), discriminator.name()), ("generator_average", "discriminator"));
    let z = noise(1, &[10, 4]);
    let config = run.config().unwrap().gan().unwrap();
    let drawn = numbers(&config.draw(&generator, &z, None).unwrap());
    assert_same_bits(&drawn, &numbers(&whole.sample(&z).unwrap()), "the images of a folder");
}

#[test]
fn modern_settings_out_of_range_are_named() {
    for (config, parts) in [
        (small().classes(-1), ["GanConfig's classes is -1", "0 to 1000"]),
        (small().networks(Networks::Residual { width: 3 }), ["GanConfig's width is 3", "an even number"]),
        (small().networks(Networks::Residual { width: 1 << 40 }), ["GanConfig's width", "2 to 1024"]),
        (small().gradient_penalty(f64::NAN, 4), ["GanConfig's gamma is NaN", "0 to 1000"]),
        (small().gradient_penalty(1.0, 0), ["GanConfig's penalty_interval is 0", "1 or more"]),
        (small().learning_rates(1e-3, 0.0), ["GanConfig's d_learning_rate is 0", "above 0"]),
        (small().betas(0.0, 1.0), ["GanConfig's beta_2 is 1", "below 1"]),
        (small().decay(5, 5), ["GanConfig's decay_to is 5", "more than decay_from"]),
        (small().average(1.0), ["GanConfig's average is 1", "below 1"]),
    ] {
        assert_refused(config.validate(), &parts);
        assert_refused(Gan::new(config), &parts);
    }
    let (mut g, mut d) = (model("generator", &[4], 1), model("discriminator", &[4], 1));
    g.add(Dense::new(4)).unwrap();
    d.add(Flatten).unwrap().add(Dense::new(1)).unwrap();
    assert_refused(Gan::compile(g, d, small()), &["GanConfig's average", "0 for networks of your own"]);
}

/// The classes come in turn, so where a row has as many images as there are classes, or twice as many, each column is of one.
#[test]
fn each_column_of_a_sample_is_of_one_class() {
    for (classes, side) in [(0, 5), (2, 6), (3, 6), (5, 5), (7, 7), (10, 10), (11, 5)] {
        let gan = Gan::new(small().classes(classes)).unwrap();
        assert_eq!(gan.fixed_z.size(), [side * side, 4], "{classes} classes");
        assert!(!(2..=10).contains(&classes) || side % classes == 0);
    }
}

#[test]
fn mixed_precision_trains_it() {
    let mut gan = Gan::new(small()).unwrap().mixed_precision();
    let history = gan.train_gan(&Shapes::generate(40, 1).unwrap(), 6, 4, 3).unwrap();
    assert!(history.series("d_loss").unwrap().iter().all(|loss| loss.is_finite()));
    assert_eq!(gan.sample(&noise(1, &[2, 4])).unwrap().kind(), Kind::Float);
}
