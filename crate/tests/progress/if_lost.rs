//! What a kept training leaves for the reader of a process that ends. The environment belongs to a process, so each case
//! asks one of its own.

use std::env;

use crate::common::{LIVE, Line, lines, printed_by, tiny_gan};
use gan_nb::data::Shapes;
use gan_nb::progress::NotebookObserver;
use gan_nb::runs::Run;
use gan_nb::train::GanConfig;

/// As a notebook that is opened again, and then asks for more.
#[test]
#[ignore = "started by the other tests"]
fn is_kept_and_resumed() {
    let x_train = Shapes::generate(8, 1).unwrap();
    for iterations in [5, 7] {
        let run = Run::create(env::var_os("FOLDER").unwrap()).unwrap().checkpoint_every(2);
        let mut gan = tiny_gan(GanConfig::dcgan()).keep_in(run);
        gan.train_observed(&x_train, iterations, 4, 9, &mut NotebookObserver::without_samples()).unwrap();
        println!("\nend of the cell");
    }
}

#[test]
fn after_each_checkpoint_a_live_kernel_knows_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().display().to_string();
    let printed = printed_by("if_lost::is_kept_and_resumed", &[LIVE, ("FOLDER", &folder)]);
    let words = |line| match line {
        Line::IfLost(text) => Some(text),
        Line::Text(text) => (text == "end of the cell").then_some(text),
        Line::Shown { .. } => None,
    };
    let found: Vec<_> = lines(&printed).into_iter().filter_map(words).collect();
    let told = |iteration| {
        format!(
            "El último punto de control guardado está en {folder} (iteración {iteration}): vuelve a ejecutar las celdas que \
             crean las redes y la que las entrena, y el entrenamiento seguirá desde ahí."
        )
    };
    let end = || "end of the cell".to_string();
    // The second cell knows of the first one's before it has written any.
    assert_eq!(found, [told(2), told(4), told(5), end(), told(5), told(6), told(7), end()]);
}

#[test]
fn other_kernels_and_trainings_that_are_not_kept_say_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let plain = printed_by("if_lost::is_kept_and_resumed", &[("FOLDER", &folder.path().display().to_string())]);
    assert!(!plain.contains("if_lost\"") && !plain.contains("punto de control"), "{plain}");
    let not_kept = printed_by("live::trains_five", &[LIVE]);
    assert!(!not_kept.contains("if_lost\""), "{not_kept}");
}
