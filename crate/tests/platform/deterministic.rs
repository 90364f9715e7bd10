//! `GAN_NB_DETERMINISTIC`: what it sets, in a process of its own.

use crate::common;
use gan_nb::Device;
use gan_nb::data::Shapes;
use gan_nb::models::{build_discriminator, build_generator};
use gan_nb::platform::device::is_deterministic;
use gan_nb::train::{Gan, GanConfig};

const CHILD: &str = "deterministic::tells_what_is_set";
const NAME: &str = "GAN_NB_DETERMINISTIC";

#[test]
#[ignore = "started by the next tests"]
fn tells_what_is_set() {
    let before = is_deterministic();
    Device::best();
    println!("from {before} to {}", is_deterministic());
    println!("workspace {:?}", std::env::var("CUBLAS_WORKSPACE_CONFIG").ok());
}

/// Prints a sum over all bits of the weights of a few iterations on the device.
#[test]
#[ignore = "started by the last test"]
fn trains() {
    let generator = build_generator(1).unwrap();
    let mut gan = Gan::compile(generator, build_discriminator(1).unwrap(), GanConfig::dcgan()).unwrap();
    let data = Shapes::generate(64, 1).unwrap();
    for _ in 0..2 {
        gan.train_iteration(&data, 4).unwrap();
    }
    let bits = |x: &Vec<f32>| x.iter().fold(0u64, |sum, x| sum.rotate_left(5) ^ u64::from(x.to_bits()));
    let all = [common::weights(&gan.generator), common::weights(&gan.discriminator)].concat();
    println!("bits {:x?}", all.iter().map(bits).collect::<Vec<_>>());
}

fn told(value: Option<&str>, workspace: Option<&str>) -> String {
    let mut command = common::command_of(CHILD);
    command.env_remove(NAME).env_remove("CUBLAS_WORKSPACE_CONFIG");
    command.envs(value.map(|value| (NAME, value))).envs(workspace.map(|value| ("CUBLAS_WORKSPACE_CONFIG", value)));
    common::assert_passed(CHILD, &command.output().unwrap())
}

#[test]
fn libtorch_is_asked_for_deterministic_algorithms() {
    let on = told(Some("1"), None);
    assert!(on.contains("from false to true") && on.contains("workspace Some(\":4096:8\")"), "{on}");
    let kept = told(Some("1"), Some(":16:8"));
    assert!(kept.contains("from false to true") && kept.contains("workspace Some(\":16:8\")"), "{kept}");
}

#[test]
fn without_it_nothing_is_changed() {
    for value in [None, Some("0"), Some("yes")] {
        let off = told(value, None);
        assert!(off.contains("from false to false") && off.contains("workspace None"), "{off}");
    }
}

/// On the CPU this holds without the variable; on CUDA it is what the variable is for.
#[test]
fn two_runs_give_the_same_bits() {
    let [first, second] = [(); 2].map(|()| {
        let printed = common::printed_by("deterministic::trains", &[(NAME, "1")]);
        printed[printed.find("bits ").unwrap()..].lines().next().unwrap().to_string()
    });
    assert_eq!(first, second);
}
