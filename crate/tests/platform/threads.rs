//! Whether OpenMP's threads yield to other programs, in a process of its own.

use crate::common::{assert_passed, command_of};
use gan_nb::Device;
use std::time::Duration;
use std::{fs, thread};

const CHILD: &str = "threads::counts_those_that_watch";
const CHOICES: [&str; 3] = ["GAN_NB_YIELD", "GOMP_SPINCOUNT", "OMP_WAIT_POLICY"];

#[test]
#[ignore = "started by the next test"]
fn counts_those_that_watch() {
    for _ in 0..2 {
        Device::best();
    }
    // A thread gets its name when it begins.
    let looks = (0..50).map(|_| {
        thread::sleep(Duration::from_millis(10));
        let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
        let names = tasks.filter_map(|task| fs::read_to_string(task.path().join("comm")).ok());
        names.filter(|name| name == "gan_nb_threads\n").count()
    });
    println!("watching: {}", looks.max().unwrap());
}

#[test]
fn it_watches_unless_somebody_has_chosen() {
    let told = |choice: &[(&str, &str)]| {
        let mut command = command_of(CHILD);
        for name in CHOICES {
            command.env_remove(name);
        }
        assert_passed(CHILD, &command.envs(choice.iter().copied()).output().unwrap())
    };
    for watched in [&[][..], &[("GAN_NB_YIELD", "1")], &[("GAN_NB_YIELD", "yes")]] {
        let printed = told(watched);
        assert!(printed.contains("watching: 1"), "{watched:?}: {printed}");
    }
    for choice in [("GAN_NB_YIELD", "0"), ("GOMP_SPINCOUNT", "1000"), ("OMP_WAIT_POLICY", "ACTIVE")] {
        let printed = told(&[choice]);
        assert!(printed.contains("watching: 0"), "{choice:?}: {printed}");
    }
}
