//! Several runs read from a folder: what is compared of them, and what is said of those that can't be read.

use crate::common::assert_refused;
use gan_nb::display::film;
use gan_nb::runs::{Run, Runs};
use gan_nb::train::{Game, Gan, GanConfig, History, fixed_noise};
use std::fs;
use tempfile::TempDir;

/// A run of networks as they begin, with a record of `steps` iterations of these losses.
fn save(dir: &TempDir, name: &str, config: GanConfig, steps: usize, g_loss: fn(usize) -> f32) {
    let mut gan = Gan::new(config).unwrap();
    gan.history = History::new(steps, steps, gan.metrics()).unwrap();
    (0..steps).for_each(|i| gan.history.push(&[0.5, 0.25, 1.0, 1.0, g_loss(i)], 2.0).unwrap());
    Run::create(dir.path().join(name)).unwrap().save(&mut gan, 8).unwrap();
}

fn base() -> GanConfig {
    GanConfig { latent_dim: 2, ..GanConfig::dcgan() }
}

/// Three runs that differ in one setting or two, saved in another order than that of their names.
fn folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    save(&dir, "c", GanConfig { seed: 1, real_label: 1.0, ..base() }, 20, |_| 3.0);
    save(&dir, "a", GanConfig { learning_rate: 0.01, ..base() }, 20, |i| if i < 18 { 9.0 } else { i as f32 });
    save(&dir, "b", base(), 40, |_| f32::NAN);
    dir
}

#[test]
fn the_table_has_what_differs_and_how_each_ended() {
    let dir = folder();
    let runs = Run::list(dir.path()).unwrap().measure("parámetros", |run| Ok(run.config()?.seed as f64)).unwrap();
    assert_eq!(runs.names(), ["a", "b", "c"]);
    let text = runs.table().to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].ends_with("Lo habitual: learning_rate = 0.0002, real_label = 0.9, seed = 42"), "{text}");
    let cells = |row: usize| lines[3 + row].split("  ").map(str::trim).filter(|c| !c.is_empty()).collect::<Vec<_>>();
    // The last tenth of a: 18 and 19.
    let rest = ["0.50", "1.00", "25 %", "100 %"];
    let expected = [&["a", "learning_rate = 0.01", "20", "40 s", "18.50"][..], &rest[..], &["42.0"]].concat();
    assert_eq!(cells(0), expected);
    assert_eq!(cells(1), [&["b", "—", "40", "1 min 20 s", "NaN"][..], &rest[..], &["42.0"]].concat());
    assert_eq!(cells(2)[1], "real_label = 1.0, seed = 1");
    // Of two runs neither is usual: the first is what the other is compared with.
    let pair = runs.only(&["c", "b"]).unwrap().table().to_string();
    assert!(pair.contains("Lo habitual: real_label = 1.0, seed = 1\n") && pair.contains("real_label = 0.9, seed = 42"));
    assert!(!runs.only(&["c"]).unwrap().table().to_string().contains("habitual"));
}

#[test]
fn each_grid_is_of_its_own_generator_and_noise() {
    let dir = folder();
    let runs = Run::list(dir.path()).unwrap();
    let html = runs.grids().unwrap().to_html().to_string();
    let grid = |name: &str| {
        let (generator, _) = runs.get(name).unwrap().models().unwrap();
        let seed = runs.get(name).unwrap().config().unwrap().seed;
        let images = generator.predict(&fixed_noise(seed, &generator).unwrap().narrow(0, 0, 16)).unwrap();
        let figure = gan_nb::display::ImageGrid::new(4).scale(2).gap(2).draw(&images).unwrap();
        film(&[("", figure)]).to_html().split("base64,").nth(1).unwrap().split('"').next().unwrap().to_string()
    };
    let places: Vec<_> = ["a", "b", "c"].map(|name| html.find(&grid(name))).to_vec();
    assert!(places[0].is_some() && places[0] <= places[1] && places[1] < places[2], "{places:?}");
    assert!(html.contains(">c (real_label = 1.0, seed = 1)<"), "its caption");
}

#[test]
fn six_runs_make_a_plot_and_seven_do_not() {
    let dir = folder();
    let runs = Run::list(dir.path()).unwrap();
    let figure = runs.only(&["c", "a", "b", "a", "a", "a"]).unwrap().plot().unwrap();
    // Twenty values of 3, and the mean of the last tenth of a.
    assert!(figure.text().contains("Pérdida de G (entropía cruzada (nats)): c 3.00 · a 19.0 · b"), "{}", figure.text());
    assert!(
        figure.alt().contains("a; pérdida de G 18.5; aciertos, reales 25.0; aciertos, generadas 100"),
        "{}",
        figure.alt()
    );
    assert_refused(runs.only(&["a"; 7]).unwrap().plot(), &["runs in one plot is 7", "1 to 6", "only("]);
}

#[test]
fn a_long_line_is_drawn_in_means() {
    let dir = tempfile::tempdir().unwrap();
    save(&dir, "long", base(), 400, |i| (i % 2) as f32);
    let figure = Run::list(dir.path()).unwrap().plot().unwrap();
    assert!(figure.text().contains("long 0.500"), "{}", figure.text());
}

#[test]
fn what_is_no_run_is_named_and_left_out() {
    let dir = folder();
    fs::create_dir(dir.path().join("empty")).unwrap();
    fs::create_dir(dir.path().join(".hidden")).unwrap();
    fs::write(dir.path().join("notes.txt"), "no folder").unwrap();
    fs::write(dir.path().join("b/history.jsonl"), "{\n").unwrap();
    let runs = Run::list(dir.path()).unwrap();
    assert_eq!(runs.names(), ["a", "c"]);
    let [broken, empty] = runs.skipped() else { unreachable!("{:?}", runs.skipped()) };
    assert!(broken.contains("history.jsonl: found EOF") && empty.contains("empty: found no config.json"), "{broken}");
    let table = runs.table().to_string();
    assert!(table.contains(broken) && table.contains(empty), "{table}");

    assert_refused(runs.get("b"), &["the run is 'b'", "one of a, c"]);
    assert_refused(runs.only(&["a", "b"]), &["the run is 'b'"]);
    assert_refused(Run::list(dir.path().join("nowhere")), &["nowhere", "can't list the folder"]);
    let none = Run::list(dir.path().join("empty")).unwrap();
    assert!(none.is_empty() && none.table().to_string().starts_with("Medias"));
    assert_refused(none.plot(), &["runs in one plot is 0", "1 to 6"]);
    assert_refused(Runs::only(&none, &["x"]), &["'x'"]);
}
