//! What several test files share: small networks, their weights as numbers, and looks at error messages.
#![allow(dead_code, unused_imports, clippy::unwrap_used, clippy::panic)] // Each test file uses its own part of this.
pub mod cifar_files;
pub mod devices;
pub mod kept;
pub mod mounts;
pub mod photos;

pub use devices::*;

use std::fmt::{Debug, Display};
use std::process::{Command, Output};

use gan_nb::Error;
use gan_nb::nn::{
    Activation, BatchNormalization, Conv2D, Conv2DTranspose, Dense, Flatten, LayerConfig, LeakyReLU, Padding, Reshape,
    Sequential,
};
use gan_nb::train::{Gan, GanConfig};
use serde_json::Value;
use tch::{Device, Tensor};

/// The values of a tensor in (B, H, W, C) order.
pub fn numbers(x: &Tensor) -> Vec<f32> {
    Vec::try_from(x.detach().to_device(Device::Cpu).contiguous().flatten(0, -1)).unwrap()
}

/// The values of each weight, moving statistics included, in the order of `Sequential::weights`.
pub fn weights(model: &Sequential) -> Vec<Vec<f32>> {
    model.weights().iter().map(|(_, weight)| numbers(&weight.value)).collect()
}

/// The value of the weight of this name, as `dense/kernel`.
pub fn weight(model: &Sequential, name: &str) -> Tensor {
    model.weights().into_iter().find(|(other, _)| other == name).unwrap().1.value.detach().copy()
}

/// A model on the device under test.
pub fn model(name: &str, input_shape: &[i64], seed: u64) -> Sequential {
    Sequential::new_on(device(), name, input_shape, seed)
}

/// A model of one layer.
pub fn single(layer: impl LayerConfig, input_shape: &[i64]) -> Sequential {
    let mut model = model("single", input_shape, 1);
    model.add(layer).unwrap();
    model
}

/// 4 numbers → (32, 32, 3), with batch normalization in it.
pub fn tiny_generator(seed: u64) -> Sequential {
    let mut model = model("generator", &[4], seed);
    add_tiny_generator_layers(&mut model);
    model
}

/// The layers of that, for a network of another name.
pub fn add_tiny_generator_layers(model: &mut Sequential) {
    model.add(Dense::new(8 * 8 * 4).activation(Activation::Relu)).unwrap();
    model.add(Reshape::new([8, 8, 4])).unwrap();
    model.add(BatchNormalization::new().momentum(0.8)).unwrap();
    model.add(Conv2DTranspose::new(3, 4).strides(4).padding(Padding::Same).activation(Activation::Tanh)).unwrap();
}

/// (32, 32, 3) → probability.
pub fn tiny_discriminator(seed: u64) -> Sequential {
    let mut model = model("discriminator", &[32, 32, 3], seed);
    add_tiny_discriminator_layers(&mut model);
    model
}

/// The same under another name.
pub fn renamed_discriminator(name: &str) -> Sequential {
    let mut model = model(name, &[32, 32, 3], 1);
    add_tiny_discriminator_layers(&mut model);
    model
}

fn add_tiny_discriminator_layers(model: &mut Sequential) {
    model.add(Conv2D::new(4, 3).strides(4).padding(Padding::Same)).unwrap();
    model.add(LeakyReLU::new(0.2)).unwrap();
    model.add(Flatten).unwrap();
    model.add(Dense::new(1).activation(Activation::Sigmoid)).unwrap();
}

/// The two, small enough for many iterations in a test.
pub fn tiny_gan(config: GanConfig) -> Gan {
    Gan::compile(tiny_generator(config.seed), tiny_discriminator(config.seed), config).unwrap()
}

/// Fails unless the two are as long and nowhere further apart than `tolerance`.
pub fn assert_close(found: &[f32], expected: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}: number of values");
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        let apart = (f64::from(*found) - expected).abs();
        assert!(apart <= tolerance, "{what}: value {i} is {found}, expected {expected}");
    }
}

/// Fails unless `message` has each of `parts`.
pub fn assert_message(message: &impl Display, parts: &[&str]) {
    let message = message.to_string();
    for part in parts {
        assert!(message.contains(part), "no {part:?} in {message:?}");
    }
}

/// Fails unless the result is an error whose message has each of `parts`.
pub fn assert_refused<T: Debug>(result: Result<T, Error>, parts: &[&str]) {
    match result {
        Ok(value) => panic!("{value:?}, expected an error with {parts:?}"),
        Err(error) => assert_message(&error, parts),
    }
}

/// What the ignored test of this name in the same file prints in a process of its own, with these variables and none of
/// a kernel's.
pub fn printed_by(child: &str, variables: &[(&str, &str)]) -> String {
    let mut command = command_of(child);
    assert_passed(child, &command.envs(variables.iter().copied()).output().unwrap())
}

/// The same, not yet started.
pub fn command_of(child: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(argument_list(child));
    without_kernel(&mut command);
    command
}

fn argument_list(child: &str) -> [&str; 4] {
    ["--exact", child, "--ignored", "--nocapture"]
}

fn without_kernel(command: &mut Command) {
    for name in ["EVCXR_LIVE", "EVCXR_LIVE_INTERRUPT", "GAN_NB_MAX_STEPS"] {
        command.env_remove(name);
    }
}

/// What such a process printed; fails if its test did, or if there is no test of that name.
pub fn assert_passed(child: &str, output: &Output) -> String {
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let all_well = output.status.success() && printed.contains("1 passed");
    assert!(all_well, "{child}: {printed}{}", String::from_utf8_lossy(&output.stderr));
    printed
}

/// What a live kernel tells the process of its cells.
pub const LIVE: (&str, &str) = ("EVCXR_LIVE", "1");
const MARK: &str = "\u{1e}evcxr_live ";

/// A line of a cell's output: text, or what a marked line says.
#[derive(Debug)]
pub enum Line {
    Text(String),
    Shown {
        msg_type: String,
        id: Option<String>,
        html: String,
        text: String,
    },
    /// What is kept for the reader of a process that ends.
    IfLost(String),
}

/// The lines from the first marked one on: before them the test program speaks.
pub fn lines(printed: &str) -> Vec<Line> {
    let parse = |line: &str| {
        let Some(json) = line.strip_prefix(MARK) else { return Line::Text(line.into()) };
        let message: Value = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {line}"));
        let content = &message["content"];
        if message["msg_type"] == "if_lost" {
            return Line::IfLost(content["text"].as_str().unwrap().into());
        }
        let [html, text] = ["text/html", "text/plain"].map(|kind| content["data"][kind].as_str().unwrap().to_string());
        assert!(content["metadata"].is_object() && content["transient"].is_object(), "{line}");
        let id = content["transient"]["display_id"].as_str().map(Into::into);
        Line::Shown { msg_type: message["msg_type"].as_str().unwrap().into(), id, html, text }
    };
    printed[printed.find(MARK).unwrap()..].lines().map(parse).collect()
}
