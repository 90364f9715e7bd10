//! Where CIFAR-10 is looked for. The environment belongs to a process, so each case asks one of its own.
#![cfg(target_os = "linux")] // The cache folder is named by XDG_CACHE_HOME there only.

use std::path::Path;
use std::process::Command;

use crate::common::cifar_files::{TRAIN, batch, pack_zeros, write, write_zeros};
use crate::common::{LIVE, Line, lines};
use gan_nb::data::Dataset;

/// What the cases below run in a process of its own.
#[test]
#[ignore = "started by the other tests"]
fn child() {
    match Dataset::load() {
        Ok(data) => println!("loaded {data}"),
        Err(error) => println!("refused {error}"),
    }
}

#[test]
#[ignore = "started by the other tests"]
fn child_for_both() {
    let (train, test) = Dataset::load_train_and_test().unwrap();
    println!(
        "loaded {train} and {test}, starting alike: {}",
        train.images(&[0]).unwrap() == test.images(&[0]).unwrap()
    );
}

/// What `Dataset::load` prints there, with no way to the network.
fn load(gan_nb_data: &Path, cache: &Path) -> String {
    printed("lookup::child", gan_nb_data, cache)
}

fn printed(case: &str, gan_nb_data: &Path, cache: &Path) -> String {
    printed_with(case, gan_nb_data, cache, &[])
}

fn printed_with(case: &str, gan_nb_data: &Path, cache: &Path, variables: &[(&str, &str)]) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.env_remove("EVCXR_LIVE").envs(variables.iter().copied());
    child.args(["--exact", case, "--ignored", "--nocapture"]);
    child.env("GAN_NB_DATA", gan_nb_data).env("XDG_CACHE_HOME", cache);
    child.env("ALL_PROXY", "http://127.0.0.1:1").env_remove("NO_PROXY").env_remove("no_proxy");
    String::from_utf8(child.output().unwrap().stdout).unwrap()
}

#[test]
fn gan_nb_data_goes_first() {
    let (named, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_zeros(named.path());
    write(&cache.path().join("gan_nb"), "data_batch_1.bin", b"not looked at");
    let printed = load(named.path(), cache.path());
    assert!(printed.contains("loaded CIFAR-10: 50000 images of 32x32x3, 10 classes"), "{printed}");
}

#[test]
fn the_cache_goes_second() {
    let cache = tempfile::tempdir().unwrap();
    write_zeros(&cache.path().join("gan_nb"));
    for named in ["", "/no/such/folder"] {
        let printed = load(Path::new(named), cache.path());
        assert!(printed.contains("loaded CIFAR-10: 50000 images"), "{printed}");
    }
}

#[test]
fn damaged_data_is_an_error_and_no_shapes() {
    let (named, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(named.path(), "data_batch_1.bin", b"short");
    write_zeros(&cache.path().join("gan_nb"));
    let printed = load(named.path(), cache.path());
    assert!(printed.contains("refused") && printed.contains("found no data_batch_2.bin"), "{printed}");
    assert!(!printed.contains("images of"), "{printed}");
}

#[test]
fn without_data_and_network_come_shapes_and_a_line() {
    let (named, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let target = named.path().join("new");
    let printed = load(&target, cache.path());
    assert!(printed.contains("loaded Shapes: 10000 images of 32x32x3, 10 classes"), "{printed}");
    let notice = printed.lines().find(|line| line.contains("En lugar de CIFAR-10")).unwrap();
    assert!(notice.contains("cifar-10-binary.tar.gz") && notice.contains(&target.display().to_string()), "{notice}");
    assert!(notice.starts_with("Aviso: no hay CIFAR-10 en este equipo y no se ha podido descargar"), "{notice}");
    assert!(!notice.contains("Check the network"), "Spanish: {notice}");
    assert!(!target.exists(), "a folder for nothing");
}

/// Under the live kernel the notice is one that can't be overlooked.
#[test]
fn a_notebook_shows_the_notice_in_a_box() {
    let (named, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let printed = printed_with("lookup::child", &named.path().join("new"), cache.path(), &[LIVE]);
    let shown = lines(&printed).into_iter().find_map(|line| match line {
        Line::Shown { msg_type, html, text, .. } => Some((msg_type, html, text)),
        Line::Text(_) | Line::IfLost(_) => None,
    });
    let (msg_type, html, text) = shown.unwrap();
    assert_eq!(msg_type, "display_data");
    assert!(html.starts_with("<div role=\"alert\"") && html.contains("figuras dibujadas"), "{html}");
    assert!(text.starts_with("Aviso: no hay CIFAR-10"), "{text}");
}

/// What is there and can't be read is never passed over for shapes.
#[test]
fn no_shapes_where_something_was_found() {
    for (name, parts) in [
        ("cifar-10-batches-py/data_batch_1", ["the Python version of CIFAR-10", "cifar-10-binary.tar.gz"]),
        ("cifar-10.zip", ["it holds cifar-10.zip", "cifar-10-binary.tar.gz"]),
        ("CIFAR10/train/0001.png", ["it holds CIFAR10", "cifar-10-binary.tar.gz"]),
        ("cifar-10-python.tar.gz", ["cifar-10-python.tar.gz: found", "cifar-10-binary.tar.gz"]),
    ] {
        for in_cache in [false, true] {
            let (named, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let folder = if in_cache { cache.path().join("gan_nb") } else { named.path().into() };
            let file = folder.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, "x").unwrap();
            let printed = load(named.path(), cache.path());
            assert!(printed.contains("refused") && !printed.contains("Shapes"), "{name}: {printed}");
            assert!(parts.iter().all(|part| printed.contains(part)), "{name}: {printed}");
        }
    }
}

#[test]
fn gan_nb_data_may_be_the_archive_and_begin_with_the_home() {
    let (home, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let at_home = [("HOME", home.path().to_str().unwrap())];
    let loads = |gan_nb_data: &str| {
        let printed = printed_with("lookup::child", Path::new(gan_nb_data), cache.path(), &at_home);
        assert!(printed.contains("loaded CIFAR-10: 50000 images"), "{gan_nb_data}: {printed}");
    };
    write_zeros(&home.path().join("datos"));
    loads("~/datos");
    loads("~");
    loads("~/");
    std::fs::remove_dir_all(home.path().join("datos")).unwrap();
    let archive = home.path().join("cifar-10-binary.tar");
    pack_zeros(&archive, &TRAIN);
    loads(archive.to_str().unwrap());
    loads("~/cifar-10-binary.tar");
}

/// A file that is to be the archive names the folder that it goes into.
#[test]
fn gan_nb_data_may_name_the_archive_to_be() {
    let (named, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let printed = load(&named.path().join("cifar-10-binary.tar.gz"), cache.path());
    assert!(printed.contains("loaded Shapes") && !printed.contains("tar.gz/cifar"), "{printed}");
    std::fs::write(named.path().join("notes.txt"), "x").unwrap();
    let printed = load(&named.path().join("notes.txt"), cache.path());
    assert!(printed.contains("refused") && printed.contains("notes.txt: found a file that is not"), "{printed}");
}

#[test]
fn training_pictures_come_with_others_to_test_on() {
    let (named, cache) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let shapes = printed("lookup::child_for_both", &named.path().join("new"), cache.path());
    let both = "Shapes: 10000 images of 32x32x3, 10 classes and Shapes: 2000 images of 32x32x3, 10 classes";
    assert!(shapes.contains(&format!("loaded {both}, starting alike: false")), "{shapes}");
    write_zeros(named.path());
    write(named.path(), "test_batch.bin", &batch(7));
    let cifar10 = printed("lookup::child_for_both", named.path(), cache.path());
    assert!(cifar10.contains("CIFAR-10: 50000 images of"), "{cifar10}");
    assert!(cifar10.contains("CIFAR-10 test: 10000 images of 32x32x3, 10 classes, starting alike: false"), "{cifar10}");
}
