//! Tests make their models and tensors on the device under test. Those that name the CPU, or make a tensor by tch's own functions,
//! which is on the CPU, are listed here with the reason.

use std::path::Path;

use crate::imports::sources;
use crate::tokens::{Token, tokens};

/// Files and folders below `tests/`, each with the reason.
const ON_THE_CPU: [(&str, &str); 14] = [
    ("common/devices.rs", "moves what it makes to the device under test"),
    ("common/mod.rs", "reads numbers"),
    ("data/", "pictures are kept and read on the CPU"),
    ("display/", "figures are drawn on the CPU"),
    ("house/", "reads sources"),
    ("keras_parity/adam.rs", "Keras's recorded numbers, compared on the CPU"),
    ("keras_parity/reference.rs", "the same, and inputs to the last bit"),
    ("nn/inference.rs", "which of two ways the CPU takes"),
    ("nn/inputs.rs", "the error for an input on another device"),
    ("platform/cuda.rs", "the CPU beside a GPU"),
    ("platform/device.rs", "which device is taken"),
    ("platform/first.rs", "what comes before the first look for a GPU"),
    ("platform/reuse.rs", "memory of the C library"),
    ("progress/cell_loop.rs", "numbers that a cell has at hand, then sent to the device"),
];
/// What names the CPU, and what of tch's makes a tensor there without saying so.
const WORDS: [&str; 7] = ["Cpu", "FLOAT_CPU", "DOUBLE_CPU", "INT64_CPU", "f_from_slice", "from_slice2", "new_on"];

/// The lines of a test that break the rule.
fn violations(path: &str, source: &str) -> Vec<String> {
    if ON_THE_CPU.iter().any(|(listed, _)| path == *listed || (listed.ends_with('/') && path.starts_with(listed))) {
        return Vec::new();
    }
    let all = tokens(source);
    let is_of_tch = |at: usize| at >= 2 && all[at - 1].1.is("::") && all[at - 2].1.is("Tensor");
    let breaks = |at: usize| match &all[at].1 {
        Token::Word(word) => WORDS.contains(&&**word) || (["from_slice", "from"].contains(&&**word) && is_of_tch(at)),
        _ => false,
    };
    (0..all.len()).filter(|at| breaks(*at)).map(|at| format!("{path}:{}", all[at].0)).collect()
}

#[test]
fn tests_run_on_the_device_under_test() {
    let files = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"));
    assert!(files.len() > 80, "{} files: not read", files.len());
    let found: Vec<String> = files.iter().flat_map(|(path, source)| violations(path, source)).collect();
    let hint = "Make tensors by tests/common/devices.rs, or list the file in house/devices.rs with the reason";
    assert!(
        found.is_empty(),
        "{} places are on the CPU whatever the device. {hint}:\n{}",
        found.len(),
        found.join("\n")
    );
    for (listed, _) in ON_THE_CPU {
        assert!(files.iter().any(|(path, _)| path.starts_with(listed)), "{listed} is listed and not there");
    }
}

#[test]
fn a_test_on_the_cpu_is_seen() {
    for line in [
        "let x = Tensor::zeros([1], tch::kind::FLOAT_CPU);",
        "use tch::Device::Cpu;",
        "let x = tch::Tensor::from_slice(&[1.0]);",
        "let x = Tensor::from(1.0);",
        "let m = Sequential::new_on(device(), \"m\", [2], 1);",
    ] {
        let source = format!("fn f() {{\n    {line}\n}}");
        assert_eq!(violations("nn/adam.rs", &source), ["nn/adam.rs:2"], "{line}");
        assert!(violations("display/x.rs", &source).is_empty());
    }
    assert!(
        violations("nn/adam.rs", "let y = String::from(\"Cpu\"); // Device::Cpu\nserde_json::from_slice(a)").is_empty()
    );
}
