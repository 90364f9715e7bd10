use super::*;
use std::path::PathBuf;

#[test]
fn as_people_say_them() {
    assert_eq!([0.4, 59.0, 754.0, 7260.0].map(duration), ["0 s", "59 s", "12 min 34 s", "2 h 01 min"]);
    assert_eq!([999, 9999, 10_000].map(count), ["999", "9999", "10 000"]);
}

#[test]
fn the_stop_button_is_answered() {
    assert_eq!(STOPPING, "se detiene al acabar la iteración; pulsa otra vez para cortar");
    assert_eq!(stopping(), "El entrenamiento se detiene al acabar la iteración; pulsa otra vez para cortar.");
}

#[test]
fn where_to_go_on_after_a_loss() {
    assert_eq!(
        if_lost(Path::new("../runs/mi_gan"), 12_500),
        "El último punto de control guardado está en ../runs/mi_gan (iteración 12 500): vuelve a ejecutar las celdas que \
         crean las redes y la que las entrena, y el entrenamiento seguirá desde ahí."
    );
}

/// Every notice has Spanish words of its own, with the numbers and names that it carries.
#[test]
fn notices_are_spanish() {
    let (folder, to) = (PathBuf::from("runs/a"), PathBuf::from("runs/a_1"));
    let one_sided = |d_acc_real, d_acc_fake| Notice::OneSided { iteration: 1200, lasted: 500, d_acc_real, d_acc_fake };
    for (said, words) in [
        (
            Notice::Collapse { iteration: 400, spread: 0.057 },
            &["tras 400 iteraciones", "5.7 %", "colapso de modos"][..],
        ),
        (one_sided(1.0, 0.999), &["tras 1200 iteraciones", "lleva 500", "100 % de las fotos", "Lo distingue todo"]),
        (
            Notice::Exploded { iteration: 3, name: "g_loss".into(), mean: 1.25e12 },
            &["tras 3 iteraciones", "pérdida del generador", "vale 1.2e12", "learning_rate"],
        ),
        (Notice::Exploded { iteration: 3, name: "crítico".into(), mean: -2e6 }, &["pérdida crítico", "-2.0e6"]),
        (Notice::RatesAreZero { iteration: 8_000 }, &["desde la iteración 8000", "valen 0", "GanConfig::decay"]),
        (one_sided(1.0, 0.0), &["un 0 % de las generadas", "Dice siempre lo mismo"]),
        (
            Notice::SetAside { folder: folder.clone(), to: to.clone() },
            &["En runs/a había otro", "ahora está en runs/a_1"],
        ),
        (Notice::Damaged { reason: "x.safetensors: found …".into() }, &["dañado", "x.safetensors", "el anterior"]),
        (Notice::AlreadyTrained { done: 10_000 }, &["ya estaba hecho", "10 000 iteraciones", "Pide más"]),
        (Notice::Branched { iteration: 5_000, to }, &["Se sigue desde la iteración 5000", "runs/a_1"]),
        (Notice::Capped { planned: 10_000, cap: 20 }, &["GAN_NB_MAX_STEPS", "20 iteraciones en lugar de 10 000"]),
        (Notice::NotKept { folder }, &["GAN_NB_MAX_STEPS", "runs/a", "no se guarda"]),
        (Notice::NotRecorded { why: "it waits".into() }, &["a la GPU por separado", "it waits"]),
        (Notice::Warning("El crítico se ha dormido.".into()), &["El crítico se ha dormido."]),
    ] {
        let text = notice(&said);
        for part in words {
            assert!(text.contains(part), "no {part:?} in {text:?}");
        }
        let english = said.to_string();
        assert!(matches!(said, Notice::Warning(_)) || text != english, "{english}");
    }
}

#[test]
fn the_tutorials_metrics_have_words_and_others_keep_their_names() {
    let tutorial = crate::train::GanGame::metric_list();
    let losses: Vec<_> = names(&tutorial, Quantity::Loss).iter().map(|name| (name.place, name.in_panel)).collect();
    assert_eq!(losses, [(4, "G"), (0, "D, reales"), (2, "D, generadas")]);
    let modern = MetricList::default().loss("d_loss").accuracy("d_acc").loss("g_loss");
    let in_tables = |quantity| names(&modern, quantity).iter().map(|name| name.in_table).collect::<Vec<_>>();
    assert_eq!(in_tables(Quantity::Loss), ["pérdida de G", "pérdida de D"]);
    assert_eq!(in_tables(Quantity::Accuracy), ["aciertos de D"]);
    let own = MetricList::losses(&["crítico", "g_loss", "ciclo"]);
    let names = names(&own, Quantity::Loss);
    assert_eq!(names.iter().map(|name| name.in_table).collect::<Vec<_>>(), ["pérdida de G", "crítico", "ciclo"]);
    let colours: std::collections::HashSet<_> = names.iter().map(|name| name.colour.rgb()).collect();
    assert_eq!(colours.len(), 3, "no colour twice");
}
