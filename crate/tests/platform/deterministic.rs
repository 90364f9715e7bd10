//! `GAN_NB_DETERMINISTIC`: what it sets, in a process of its own.

use crate::common;
use gan_nb::Device;
use gan_nb::platform::device::is_deterministic;

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
