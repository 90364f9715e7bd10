//! The settings of a run and its record.

use crate::common::{assert_close, assert_refused, numbers, tiny_gan, weight};
use gan_nb::train::{Game, Gan, GanConfig, GanGame, History, MetricList, ModernConfig, Quantity};

/// d_loss_real, d_acc_real, d_loss_fake, d_acc_fake, g_loss.
fn row(i: usize) -> [f32; 5] {
    let i = i as f32;
    [0.5 + i, 0.25, 1.0, 1.0, 2.0 * i]
}

fn history(steps: usize) -> History {
    let mut history = History::new(10, 5, GanGame::metric_list()).unwrap();
    (0..steps).for_each(|i| history.push(&row(i), 0.5).unwrap());
    history
}

#[test]
fn dcgan_differs_in_four_settings() {
    let tutorial = GanConfig::tutorial();
    let keras = GanConfig {
        seed: 42,
        learning_rate: 1e-3,
        beta_1: 0.9,
        fakes_in_training_mode: false,
        real_label: 1.0,
        latent_dim: 100,
        size: 32,
        batch_norm_momentum: 0.8,
        modern: ModernConfig::default(),
    };
    assert_eq!(tutorial, keras);
    assert_eq!(GanConfig::default(), tutorial);
    let dcgan =
        GanConfig { learning_rate: 2e-4, beta_1: 0.5, fakes_in_training_mode: true, real_label: 0.9, ..tutorial };
    assert_eq!(GanConfig::dcgan(), dcgan);
    dcgan.validate().unwrap();
    keras.validate().unwrap();
}

#[test]
fn settings_out_of_range_are_named() {
    let with = |change: fn(&mut GanConfig)| {
        let mut config = GanConfig::tutorial();
        change(&mut config);
        config
    };
    for (config, parts) in [
        (with(|c| c.learning_rate = 0.0), ["learning_rate is 0", "above 0, at most 1"]),
        (with(|c| c.learning_rate = 1.5), ["learning_rate is 1.5", "above 0, at most 1"]),
        (with(|c| c.learning_rate = f64::NAN), ["learning_rate is NaN", "above 0, at most 1"]),
        (with(|c| c.beta_1 = 1.0), ["beta_1 is 1", "at least 0, below 1"]),
        (with(|c| c.beta_1 = -0.5), ["beta_1 is -0.5", "at least 0, below 1"]),
        (with(|c| c.real_label = 0.5), ["real_label is 0.5", "above 0.5, at most 1"]),
        (with(|c| c.real_label = 1.1), ["real_label is 1.1", "above 0.5, at most 1"]),
        (with(|c| c.latent_dim = 0), ["latent_dim is 0", "1 to 10000"]),
        (with(|c| c.latent_dim = i64::MAX), ["latent_dim is 9", "1 to 10000"]),
        (with(|c| c.size = 0), ["size is 0", "a multiple of 8, 8 to 1024"]),
        (with(|c| c.size = 36), ["size is 36", "a multiple of 8, 8 to 1024"]),
        (with(|c| c.size = 1 << 20), ["size is 1048576", "a multiple of 8, 8 to 1024"]),
        (with(|c| c.batch_norm_momentum = 1.0), ["batch_norm_momentum is 1", "at least 0, below 1"]),
        (with(|c| c.batch_norm_momentum = f64::NAN), ["batch_norm_momentum is NaN", "at least 0, below 1"]),
    ] {
        assert_refused(config.validate(), &parts);
        assert_refused(Gan::new(config), &parts);
    }
}

#[test]
fn the_generator_has_the_settings_size_and_momentum() {
    let gan = |latent_dim, batch_norm_momentum| {
        Gan::new(GanConfig { latent_dim, batch_norm_momentum, ..GanConfig::tutorial() }).unwrap()
    };
    let gans = [gan(3, 0.0), gan(3, 0.5)];
    assert_eq!((gans[0].generator.input_shape(), gans[0].fixed_z.size()), (&[3][..], vec![25, 3]));
    // After one batch the moving statistics hold that much of it: all, and a half.
    let moving_mean = |gan: &Gan| {
        let _ = gan.generator.forward(&gan.fixed_z, true).unwrap();
        weight(&gan.generator, "batch_normalization/moving_mean")
    };
    let [whole, half] = [moving_mean(&gans[0]), moving_mean(&gans[1])];
    assert!(whole.abs().max().double_value(&[]) > 0.0);
    assert_close(
        &numbers(&half),
        &numbers(&(whole * 0.5)).into_iter().map(f64::from).collect::<Vec<_>>(),
        1e-6,
        "moving mean",
    );
}

#[test]
fn networks_of_your_own_set_the_size_of_the_noise() {
    assert_eq!(*tiny_gan(GanConfig::tutorial()).config(), GanConfig { latent_dim: 4, ..GanConfig::tutorial() });
}

#[test]
fn settings_of_older_runs_are_the_tutorials_where_they_say_nothing() {
    let older = r#"{"seed":1,"learning_rate":0.1,"beta_1":0.2,"fakes_in_training_mode":true,"real_label":0.9}"#;
    let config: GanConfig = serde_json::from_str(older).unwrap();
    assert_eq!((config.seed, config.latent_dim, config.batch_norm_momentum), (1, 100, 0.8));
    let message = serde_json::from_str::<GanConfig>(&older.replace("\"beta_1\":0.2,", "")).unwrap_err().to_string();
    assert!(message.contains("missing field `beta_1`"), "{message}");
}

#[test]
fn log_lines_have_the_tutorials_form_and_the_two_accuracies() {
    let (history, gan) = (history(2), tiny_gan(GanConfig::tutorial()));
    let expected = "1 [D loss: 1.2500 | D accuracy: 62.5] [G loss: 2.0000] (real 25 %, fake 100 %)";
    assert_eq!(gan.log_line(&history, 1), expected);
    assert_eq!(gan.log_line(&history, 2), "2 [not trained]");
    let names = "1 [d_loss_real: 1.5000] [d_loss_fake: 1.0000] [g_loss: 2.0000] [d_acc_real: 25 %] [d_acc_fake: 100 %]";
    let shown = format!("2 of 10 iterations in 1 s (0.500 s each); the last: {names}");
    assert_eq!(history.to_string(), shown);
    assert_eq!(self::history(0).to_string(), "no iterations yet");
}

#[test]
fn metrics_are_found_by_name() {
    let history = history(20);
    assert_eq!(history.series("d_loss_real").unwrap()[..2], [0.5, 1.5]);
    assert_eq!(history.last_mean("g_loss").unwrap(), 37.0); // of 18 and 19, doubled
    assert_refused(history.series("loss"), &["the name of a metric is \"loss\"", "one of d_loss_real, d_acc_real"]);
    let mut short = self::history(0);
    assert_refused(short.push(&[1.0], 0.1), &["the metrics of an iteration is 1, expected 5"]);
    assert!(short.is_empty() && short.last_mean("g_loss").unwrap().is_nan());
    assert_refused(History::new(1, 1, MetricList::default()), &["the number of metrics is 0"]);
}

/// What a game says of its numbers is what a plot shows.
#[test]
fn names_units_and_lines_of_a_plot_come_from_the_game() {
    let list = MetricList::losses(&["crítico", "G"]).accuracy("aciertos").unit("bisagra");
    let list = list.reference(Quantity::Loss, 1.0, "margen").reference(Quantity::Accuracy, 0.5, "chance");
    let mut history = History::new(10, 5, list).unwrap();
    (0..10).for_each(|i| history.push(&[1.0, i as f32, 0.75], 0.5).unwrap());
    let text = history.plot().unwrap().text().to_string();
    for part in ["bisagra", "crítico 1.00", "G 9.00", "aciertos 75.0"] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert!(!text.contains("entropía") && !text.contains("ln 2"), "{text}");
}

#[test]
fn short_histories_can_be_drawn() {
    let mut diverged = history(2);
    diverged.push(&[f32::INFINITY, 0.25, 1.0, 1.0, f32::NAN], 0.5).unwrap();
    for (history, title) in [(history(0), "0 iteraciones"), (history(1), "1 iteraciones"), (diverged, "3 iteraciones")]
    {
        let figure = history.plot().unwrap();
        assert!(figure.png().starts_with(b"\x89PNG"));
        assert!(figure.alt().contains(title) || figure.text().contains(title), "{} {}", figure.alt(), figure.text());
    }
}

/// A run that was kept is resumed only if its settings are the same, and then bit for bit: no digit may be lost in
/// config.json. (0.22222222222222202 came back as 0.222222222222222: crate/fuzz found it.)
#[test]
fn settings_come_back_from_json_to_the_last_bit() {
    for beta_1 in [0.22222222222222202, 0.1 + 0.2, f64::MIN_POSITIVE, 1.0 - f64::EPSILON] {
        let config = GanConfig { beta_1, learning_rate: beta_1 / 3.0, ..GanConfig::tutorial() };
        let json = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<GanConfig>(&json).unwrap(), config);
    }
}
